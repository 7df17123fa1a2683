// Argilla: records as its Python client writes them, nested or flattened, and as its 1.x hub datasets were.
//   {"id": "r1", "fields": {"prompt": "Who?", "response-1": "Anna.", "response-2": "Bob."}, "metadata": {},
//    "suggestions": {}, "responses": {"preference": [{"value": "response-1", "user_id": "…", "status": "submitted"}]}}
// flattened: fields at the top, "preference.responses": […], "preference.responses.users": […], "….responses.status": […];
// 1.x: "preference": [{"user_id": "…", "value": [{"rank": 1, "value": "response-1"}, …], "status": "submitted"}]
import { STRENGTHS, type Judgement } from '../records/feedback.ts';
import { fail, RecordError } from '../records/validate.ts';
import {
  COMPARES,
  fieldTask,
  indexOfName,
  inOrder,
  jsonList,
  namedVerdict,
  pairsOf,
  rankedBy,
  verdictOf,
  type Verdict,
} from './fieldRecords.ts';
import { fnv1a } from './hash.ts';
import {
  contentId,
  isCells,
  isFilled,
  judgement,
  NO_TIME,
  stem,
  timestamp,
  type Cells,
  type LineRead,
} from './taskParts.ts';

/** One person's answer to one question of the form. */
interface Answer {
  question: string;
  user: unknown;
  value: unknown;
  status: unknown;
}

export const isArgilla = (cells: Cells): boolean =>
  isCells(cells.fields) ||
  '_server_id' in cells ||
  Object.entries(cells).some(([key, value]) => key.endsWith(RESPONSES) || isLegacy(value));

const RESPONSES = '.responses';

const isLegacy = (value: unknown): value is Cells[] =>
  Array.isArray(value) && isCells(value[0]) && 'user_id' in value[0] && 'value' in value[0];

export function readArgilla(cells: Cells, name: string): LineRead {
  const { task, names } = fieldTask(isCells(cells.fields) ? cells.fields : cells);
  const people = namesOf(cells.metadata);
  const read: LineRead = { task, judgements: [], problems: [] };
  for (const [annotator, answered] of byPerson(answersOf(cells), people, stem(name)))
    try {
      const decided = decisionOf(answered, names);
      if (!decided) continue;
      const round = isCells(cells.metadata) && cells.metadata.round === 1 ? 1 : 0;
      const time = timeOf(cells);
      const id = contentId([
        task.prompt,
        ...task.responses.map(({ text }) => text),
        annotator,
        textOf(cells.id),
        round,
      ]);
      read.judgements.push(judgement(task, { ...decided, id, annotator, timestamp: time, round }));
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      read.problems.push(error.message);
    }
  return read;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function answersOf(cells: Cells): Answer[] {
  const found: Answer[] = [];
  const take = (question: string, given: unknown): void => {
    for (const one of Array.isArray(given) ? (given as unknown[]) : [])
      if (isCells(one)) found.push({ question, user: one.user_id, value: one.value, status: one.status });
  };
  const { responses } = cells;
  if (isCells(responses)) for (const [question, given] of Object.entries(responses)) take(question, given);
  // 1.x records, not yet on the hub: a list of people with all their values.
  if (Array.isArray(responses))
    for (const one of responses as unknown[])
      if (isCells(one))
        for (const [question, given] of Object.entries(isCells(one.values) ? one.values : { '': null }))
          take(question, [{ ...one, value: isCells(given) ? given.value : given }]);
  for (const [key, given] of Object.entries(cells))
    if (isLegacy(given)) take(key, given);
    else if (key.endsWith(RESPONSES) && Array.isArray(given)) {
      const [users, statuses] = [cells[`${key}.users`], cells[`${key}.status`]];
      const at = (column: unknown, i: number): unknown => (Array.isArray(column) ? (column as unknown[])[i] : null);
      for (const [i, value] of (given as unknown[]).entries())
        found.push({ question: key.slice(0, -RESPONSES.length), user: at(users, i), value, status: at(statuses, i) });
    }
  return found;
}

/** Ids are all that Argilla keeps of people; files that we wrote say their names besides. */
function byPerson(
  given: readonly Answer[],
  people: ReadonlyMap<string, string>,
  nobody: string,
): Map<string, Answer[]> {
  const found = new Map<string, Answer[]>();
  for (const answer of given) {
    const own = isFilled(answer.user) ? (people.get(answer.user) ?? answer.user) : nobody;
    let annotator = own;
    // A second answer to the same question is a second person, though nobody says who.
    for (let n = 2; found.get(annotator)?.some(({ question }) => question === answer.question); n++)
      annotator = `${own} ${n}`;
    found.set(annotator, [...(found.get(annotator) ?? []), answer]);
  }
  return found;
}

type Decided = Verdict & Pick<Judgement, 'comment' | 'strength'>;

/** Null for a draft, and where nothing was asked that says which answer is better. */
function decisionOf(given: readonly Answer[], names: readonly string[]): Decided | null {
  if (given.some(({ status }) => status === 'draft')) return null;
  const said = {
    comment: given
      .filter(({ question, value }) => COMMENT.test(question) && isFilled(value))
      .map(({ value }) => value as string)
      .join('\n'),
    strength:
      STRENGTHS.find((n) => given.some(({ question, value }) => question === 'strength' && value === n)) ?? null,
  };
  if (given.some(({ status }) => status === 'discarded')) return { verdict: null, ranks: null, ...said };
  const asking = given.filter(({ question }) => !COMMENT.test(question));
  const compares = ({ question }: Answer): boolean => question === '' || COMPARES.test(question);
  const isRanking = ({ value }: Answer): boolean => Array.isArray(value) && value.some((one) => isCells(one));
  // A question that compares goes before others, whatever their order in the file.
  for (const answer of [...asking.filter(isRanking), ...asking.filter(compares), ...asking]) {
    const verdict = verdictIn(answer, names, compares(answer));
    if (verdict) return { ...verdict, ...said };
  }
  const labels = given.map(({ value }) => value).filter(isFilled);
  return fail(
    'responses',
    `must name ${names.join(' or ')}, tie or both bad`,
    labels[0],
    'Map the label to one of them.',
  );
}

const COMMENT = /comment|reason|rationale|explanation|why|note/i;

function verdictIn({ question: where, value }: Answer, names: readonly string[], compares: boolean): Verdict | null {
  if (typeof value === 'string') return compares ? verdictOf(value, names) : namedVerdict(value, names);
  if (!Array.isArray(value) || value.length < 2) return null;
  const given = value as unknown[];
  // Labels of several kinds are no ranking.
  const known = (name: string): boolean =>
    compares ? indexOfName(name, names) >= 0 : namedVerdict(name, names) !== null;
  if (given.every((one) => typeof one === 'string')) return given.every(known) ? inOrder(given, names, where) : null;
  if (!given.every((one) => isCells(one) && typeof one.value === 'string')) return null;
  const ranked = (given as (Cells & { value: string })[]).map(({ value: label, rank }) => ({ name: label, rank }));
  return ranked.every(({ rank }) => rank === undefined)
    ? inOrder(
        ranked.map(({ name }) => name),
        names,
        where,
      )
    : rankedBy(ranked, names, where);
}

/** Records of 2.x have no time of their own. */
function timeOf(cells: Cells): string {
  const given = cells.updated_at ?? cells.inserted_at;
  return typeof given === 'string' ? timestamp(given, 'updated_at') : NO_TIME;
}

const PERSON = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (.+)$/s;

function namesOf(metadata: unknown): Map<string, string> {
  const given: unknown = isCells(metadata) ? metadata.annotators : null;
  const found = new Map<string, string>();
  for (const one of Array.isArray(given) ? (given as unknown[]) : []) {
    const [, id, person] = PERSON.exec(textOf(one)) ?? [];
    if (id !== undefined && person !== undefined) found.set(id, person);
  }
  return found;
}

interface Entry {
  id: string;
  fields: Record<string, string>;
  metadata: { annotators: string[]; round: number };
  responses: Record<string, { value: string | number; user_id: string; status: string }[]>;
}

/** Records for `dataset.records.from_json`, settings for `Settings.from_json`. Edits, tags and the order shown stay behind. */
export function writeArgilla(judgements: Iterable<Judgement>): { records: string; settings: string } {
  const entries = new Map<string, Entry>();
  const users = new Map<string, string>();
  for (const { judgement: given, prompt, context, pair, winner } of pairsOf(judgements)) {
    const user = users.get(given.annotator) ?? userId(given.annotator);
    users.set(given.annotator, user);
    // One person answers a record once: their second judgement of the same pair needs another record.
    const keyOf = (n: number): string => JSON.stringify([given.prompt, ...pair, given.round, n]);
    let key = keyOf(0);
    for (let n = 1; entries.get(key)?.responses.preference?.some(({ user_id: id }) => id === user); n++) key = keyOf(n);
    const entry = entries.get(key) ?? {
      id: fnv1a(key),
      fields: { prompt, ...(isFilled(context) && { context }), 'response-1': pair[0], 'response-2': pair[1] },
      metadata: { annotators: [], round: given.round },
      responses: {},
    };
    entries.set(key, entry);
    const status = winner === 'skipped' ? 'discarded' : 'submitted';
    const say = (question: string, value: string | number): void => {
      entry.responses[question] = [...(entry.responses[question] ?? []), { value, user_id: user, status }];
    };
    // Its client wants a value of a discarded response, too.
    say('preference', LABELS[winner === 'skipped' ? 'tie' : winner]);
    if (isFilled(given.comment)) say('comment', given.comment);
    if (given.strength !== null) say('strength', given.strength);
    if (isFilled(given.annotator)) entry.metadata.annotators.push(`${user} ${given.annotator}`);
  }
  const records = [...entries.values()].map((entry) => ({ ...entry, suggestions: {}, vectors: {} }));
  return { records: jsonList(records), settings: JSON.stringify(SETTINGS, null, 2) };
}

const LABELS = { 0: 'response-1', 1: 'response-2', tie: 'tie', bad: 'both bad' } as const;

/** Argilla knows people by UUIDs: always the same one for a name. */
function userId(annotator: string): string {
  const hex = contentId([annotator]) + contentId([annotator, 2]);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

const field = (name: string, title: string, required: boolean) => ({
  name,
  title,
  required,
  settings: { type: 'text', use_markdown: false },
});
const question = (name: string, title: string, required: boolean, settings: object) => ({
  name,
  title,
  description: null,
  required,
  settings,
});

const SETTINGS = {
  guidelines: 'Which response is better?',
  allow_extra_metadata: true,
  distribution: { strategy: 'overlap', min_submitted: 1 },
  fields: [
    field('prompt', 'Prompt', true),
    field('context', 'Context', false),
    field('response-1', 'Response 1', true),
    field('response-2', 'Response 2', true),
  ],
  questions: [
    question('preference', 'Which is better?', true, {
      type: 'label_selection',
      options: Object.values(LABELS).map((value) => ({ value, text: value, description: null })),
      visible_options: null,
    }),
    question('strength', 'By how much?', false, { type: 'rating', options: STRENGTHS.map((value) => ({ value })) }),
    question('comment', 'Why?', false, { type: 'text', use_markdown: false }),
  ],
  metadata: [],
  vectors: [],
};
