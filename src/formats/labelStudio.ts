// Label Studio: exports (JSON, JSON_MIN) and tasks of pairwise comparison and of ranking. Of a labeling interface such as
//   <View><Text name="prompt" value="$prompt"/><Text name="context" value="$context"/><Text name="answer1" value="$answer1"/>
//   <Text name="answer2" value="$answer2"/><Pairwise name="comparison" toName="answer1,answer2"/>
//   <Choices name="verdict" toName="prompt"><Choice value="tie"/><Choice value="both bad"/></Choices>
//   <Rating name="strength" toName="prompt" maxRating="3"/><TextArea name="comment" toName="prompt"/>
//   <TextArea name="annotator" toName="prompt"/></View>
import { STRENGTHS, type Judgement } from '../records/feedback.ts';
import { fail, object, RecordError } from '../records/validate.ts';
import {
  answerNames,
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
import {
  contentId,
  firstOf,
  isCells,
  isFilled,
  judgement,
  stem,
  timestamp,
  type Cells,
  type LineRead,
} from './taskParts.ts';

export const isLabelStudio = (cells: Cells): boolean =>
  isCells(cells.data) || 'annotation_id' in cells || answerNames(cells).length > 1;

export function readLabelStudio(cells: Cells, name: string): LineRead {
  const min = !isCells(cells.data);
  const data = isCells(cells.data) ? withItems(cells.data) : withItems(cells);
  const given = min ? minimal(cells) : annotationsOf(cells);
  const { task, names } = fieldTask(data, comparedNames(data, given));
  const read: LineRead = { task, judgements: [], problems: [] };
  for (const [i, one] of given.entries())
    try {
      const annotation = object(one, `annotations[${i}]`);
      const parts = resultOf(annotation);
      const annotator = personOf(annotation, parts) ?? stem(name);
      const mark = textOrNumber(annotation.id) ?? i;
      const id = contentId([task.prompt, ...task.responses.map(({ text }) => text), annotator, mark]);
      const time = timestamp(annotation.updated_at ?? annotation.created_at, 'updated_at');
      const lead = annotation.lead_time;
      read.judgements.push(
        judgement(task, {
          ...(annotation.was_cancelled === true ? SKIPPED : verdictIn(parts, names)),
          id,
          annotator,
          timestamp: time,
          comment: wordsOf(parts.filter(({ from }) => from !== 'annotator')),
          strength:
            STRENGTHS.find((n) => parts.some(({ from, value }) => from === 'strength' && value.rating === n)) ?? null,
          // The order is that of the interface, the same for all: it says more of who stands left than of the reader's eye.
          shown: null,
          leadTime: typeof lead === 'number' && lead >= 0 && Number.isFinite(lead) ? lead : null,
        }),
      );
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      read.problems.push(error.message);
    }
  return read;
}

const SKIPPED: Verdict = { verdict: null, ranks: null };

/** What one control of the interface says. */
interface Part {
  from: string;
  to: string;
  value: Cells;
}

function annotationsOf(cells: Cells): unknown[] {
  const given = firstOf(cells, ['annotations', 'completions']) ?? [];
  return Array.isArray(given) ? given : fail('annotations', 'must be a list', given, 'Export the project once more.');
}

/** JSON_MIN lays what the controls say beside the data, under their names. */
function minimal(cells: Cells): unknown[] {
  if (!('annotation_id' in cells)) return [];
  const result: Cells[] = [];
  for (const [from_name, given] of Object.entries(cells))
    for (const one of Array.isArray(given) ? (given as unknown[]) : [given])
      if (isCells(one)) result.push({ from_name, to_name: one.to_name, value: isCells(one.value) ? one.value : one });
      else if (typeof one === 'string' && (one === 'left' || one === 'right' || CONTROLS.includes(from_name)))
        result.push({ from_name, value: valueOf(from_name, one) });
      else if (from_name === 'strength') result.push({ from_name, value: { rating: one } });
  const { annotation_id: id, annotator: completed_by, updated_at, created_at, lead_time, was_cancelled } = cells;
  return [{ id, completed_by, updated_at, created_at, lead_time, was_cancelled, result }];
}

const CONTROLS = ['verdict', 'comment', 'preference', 'choice'];

function valueOf(from: string, one: string): Cells {
  if (one === 'left' || one === 'right') return { selected: one };
  return from === 'comment' ? { text: [one] } : { choices: [one] };
}

function resultOf(annotation: Cells): Part[] {
  const given = annotation.result ?? [];
  if (!Array.isArray(given)) return fail('result', 'must be a list', given, 'Export the project once more.');
  return (given as unknown[]).flatMap((one) => {
    if (!isCells(one) || !isCells(one.value)) return [];
    const { from_name: from, to_name: to, value } = one;
    const joined = Array.isArray(to) ? to.filter((part) => typeof part === 'string').join(',') : to;
    return [{ from: typeof from === 'string' ? from : '', to: typeof joined === 'string' ? joined : '', value }];
  });
}

/** The names that a comparison gives its two sides, where they are fields of the data; else those that sound like answers. */
function comparedNames(data: Cells, annotations: readonly unknown[]): string[] {
  for (const one of annotations)
    for (const { to, value } of isCells(one) && Array.isArray(one.result) ? resultOf(one) : []) {
      const sides = to.split(',').map((side) => side.trim());
      const fields = sides.map((side) => Object.keys(data)[indexOfName(side, Object.keys(data))] ?? '');
      const known = fields.every((field) => isFilled(data[field])) && new Set(fields).size === 2;
      if ('selected' in value && sides.length === 2 && known) return fields.sort(byPlace(data));
    }
  const found = answerNames(data);
  return found.length > 1 ? found : Object.keys(data).filter((key) => /^text[-_ ]?(\d|[a-z])$/i.test(key));
}

const byPlace = (data: Cells) => {
  const keys = Object.keys(data);
  return (a: string, b: string): number => keys.indexOf(a) - keys.indexOf(b);
};

/** A ranker's answers come as a list of items: each becomes a field under its id. */
function withItems(data: Cells): Cells {
  const items = Object.entries(data).find(
    ([key, value]) =>
      key !== 'annotations' &&
      Array.isArray(value) &&
      value.length > 1 &&
      value.every((one) => isCells(one) && 'id' in one),
  );
  if (!items || answerNames(data).length > 1) return data;
  const fields = (items[1] as Cells[]).map((item) => [
    `answer ${String(textOrNumber(item.id) ?? '')}`,
    firstOf(item, ['body', 'text', 'content', 'html', 'title']),
  ]);
  return { ...data, ...Object.fromEntries(fields) };
}

const textOrNumber = (value: unknown): string | number | null =>
  typeof value === 'string' || typeof value === 'number' ? value : null;

function verdictIn(parts: readonly Part[], names: readonly string[]): Verdict {
  for (const { to, value } of parts) {
    if (value.selected === 'left' || value.selected === 'right') return sideOf(to, value.selected, names);
    if (isCells(value.ranker)) return ranked(value.ranker, names);
  }
  const compares = ({ from }: Part): boolean => COMPARES.test(from);
  for (const part of [...parts.filter(compares), ...parts])
    for (const label of Array.isArray(part.value.choices) ? (part.value.choices as unknown[]) : []) {
      const read = compares(part) ? verdictOf : namedVerdict;
      const verdict = typeof label === 'string' ? read(label, names) : null;
      if (verdict) return verdict;
    }
  return fail(
    'result',
    'must say which answer is better',
    parts.length ? 'other labels' : 'nothing',
    'Annotate it again.',
  );
}

/** Left is the first name that the comparison is of. */
function sideOf(to: string, side: 'left' | 'right', names: readonly string[]): Verdict {
  const sides = to.split(',').map((one) => indexOfName(one.trim(), names));
  if (names.length !== 2) fail('result', 'must be of two answers', names.length, 'Leave the others out of the data.');
  const [left = 0, right = 1] = sides.length === 2 && !sides.includes(-1) ? sides : [];
  if (left === right) fail('to_name', 'must name both answers', to, 'Name each once, as in "answer1,answer2".');
  return { verdict: 'better', ranks: [0, 1].map((i) => (i === (side === 'left' ? left : right) ? 1 : 2)) };
}

/** One list of ids from the best on, or buckets that are numbered. */
function ranked(buckets: Cells, names: readonly string[]): Verdict {
  const filledOnes = Object.entries(buckets).filter(([, ids]) => Array.isArray(ids) && ids.length > 0);
  const idsOf = (ids: unknown): string[] => (ids as unknown[]).map((id) => `answer ${String(textOrNumber(id) ?? '')}`);
  const [only] = filledOnes;
  if (only && filledOnes.length === 1) return inOrder(idsOf(only[1]), names, 'ranker');
  const numbered = filledOnes.map(([bucket, ids]) => ({ rank: Number(/^\D*(\d{1,3})$/.exec(bucket)?.[1]), ids }));
  if (numbered.length === 0 || numbered.some(({ rank }) => Number.isNaN(rank)))
    fail(
      'ranker',
      'must be one list or numbered ones',
      Object.keys(buckets).slice(0, 8).join(', '),
      'Rank all in one.',
    );
  return rankedBy(
    numbered.flatMap(({ rank, ids }) => idsOf(ids).map((name) => ({ name, rank }))),
    names,
    'ranker',
  );
}

function wordsOf(parts: readonly Part[]): string {
  const said = parts.flatMap(({ value: { text } }) => (Array.isArray(text) ? (text as unknown[]) : [text]));
  return said.filter(isFilled).join('\n');
}

/** As the interface of our own files asks for it; else as Label Studio knows them, by e-mail or number. */
function personOf({ completed_by: by }: Cells, parts: readonly Part[]): string | null {
  const named = wordsOf(parts.filter(({ from }) => from === 'annotator'));
  if (named !== '') return named;
  const found = isCells(by) ? firstOf(by, ['email', 'username', 'id']) : by;
  return textOrNumber(found) === null || found === '' ? null : String(found);
}

interface LabelledTask {
  id: number;
  data: Cells;
  annotations: Cells[];
}

/** An export that Label Studio imports again, for the interface above. Edits, tags and the order shown stay behind. */
export function writeLabelStudio(judgements: Iterable<Judgement>): string {
  const tasks = new Map<string, LabelledTask>();
  let annotations = 0;
  for (const { judgement: given, prompt, context, pair, winner } of pairsOf(judgements)) {
    const key = JSON.stringify([given.prompt, ...pair]);
    const data = { prompt, context, answer1: pair[0], answer2: pair[1] };
    const task: LabelledTask = tasks.get(key) ?? { id: tasks.size + 1, data, annotations: [] };
    tasks.set(key, task);
    const says = (from_name: string, type: string, value: Cells): Cells[] => [
      { id: `${from_name}-${annotations}`, from_name, to_name: 'prompt', type, value },
    ];
    const chosen = typeof winner === 'number';
    task.annotations.push({
      id: ++annotations,
      // No completed_by: an import is refused whose people the server does not know.
      result: [
        ...(chosen ? says('comparison', 'pairwise', { selected: winner === 0 ? 'left' : 'right' }).map(compares) : []),
        ...(chosen || winner === 'skipped' ? [] : says('verdict', 'choices', { choices: [WORDS[winner]] })),
        ...(given.strength === null ? [] : says('strength', 'rating', { rating: given.strength })),
        ...(isFilled(given.comment) ? says('comment', 'textarea', { text: [given.comment] }) : []),
        ...(isFilled(given.annotator) ? says('annotator', 'textarea', { text: [given.annotator] }) : []),
      ],
      was_cancelled: winner === 'skipped',
      ground_truth: false,
      created_at: `${given.timestamp}Z`,
      updated_at: `${given.timestamp}Z`,
      lead_time: given.leadTime,
    });
  }
  return jsonList([...tasks.values()].map((task) => ({ ...task, predictions: [] })));
}

const compares = (part: Cells): Cells => ({ ...part, to_name: 'answer1,answer2' });
const WORDS = { tie: 'tie', bad: 'both bad' } as const;
