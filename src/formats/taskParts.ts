// What the readers of tasks and judgements share: checks that name the field, questions with passages, answers, times, ids.
import { joinPrompt, splitPrompt, UNKNOWN_ORIGIN, type Response, type Task } from '../records/comparison.ts';
import type { Judgement } from '../records/feedback.ts';
import { CONTEXT_LINE } from '../records/rowMapping.ts';
import { fail } from '../records/validate.ts';
import { fnv1a } from './hash.ts';

export type Cells = Record<string, unknown>;

/** What a reader makes of one line; `problems` are of judgements that could not be read though their task could. */
export interface LineRead {
  task: Task;
  judgements: Judgement[];
  problems: string[];
}

export const isCells = (value: unknown): value is Cells =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isFilled = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

export function filled(value: unknown, where: string): string {
  if (isFilled(value)) return value;
  if (typeof value === 'string') fail(where, 'must not be empty', value, 'Write it, or leave the line out.');
  return fail(where, 'must be text', value, 'Write it between double quotes.');
}

/** '' where there is none. */
export function optionalText(value: unknown, where: string): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : fail(where, 'must be text', value, 'Write it between double quotes.');
}

export function list(value: unknown, where: string): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : fail(where, 'must be a list', value, 'Write it in brackets.');
}

export function texts(value: unknown, where: string): string[] {
  const found = list(value, where);
  for (const [i, one] of found.entries())
    if (typeof one !== 'string') fail(`${where}[${i}]`, 'must be text', one, 'Write it between double quotes.');
  return found as string[];
}

/** Ranking so many would make more pairs than anybody could have meant. */
const MOST_ANSWERS = 100;

/** At least two, none empty, no two alike but for white space at their ends. */
export function answers<T extends string | Response>(given: T[], where: string): T[] {
  if (given.length < 2) fail(where, 'must be at least two', given.length, 'Add another answer, or leave the line out.');
  if (given.length > MOST_ANSWERS)
    fail(where, `must be at most ${MOST_ANSWERS}`, given.length, 'Split them over several lines.');
  const seen = new Set<string>();
  for (const [i, one] of given.entries()) {
    const whole = typeof one === 'string' ? one : one.text;
    const text = whole.trim();
    if (text === '') filled(whole, `${where}[${i}]`);
    if (seen.has(text)) fail(where, 'must differ from one another', 'two alike', 'Leave one of them out.');
    seen.add(text);
  }
  return given;
}

export const unscored = (text: string): Response => ({ text, origin: UNKNOWN_ORIGIN, score: null });

type Asked = Pick<Task, 'question' | 'passages' | 'prompt'>;

/** A prompt that may carry its passages, and passages that may stand beside it: one text as it is, or a list. */
export function asked(given: unknown, context: unknown, where = 'prompt'): Asked {
  const own = filled(given, where);
  const passages = Array.isArray(context) ? context.map((one, i) => passage(one, `context[${i}]`)) : null;
  const beside = passages ? '' : optionalText(context, 'context');
  let prompt = own;
  if (!own.includes(CONTEXT_LINE)) {
    if (passages) prompt = joinPrompt(own, passages);
    else if (isFilled(beside)) prompt = own + CONTEXT_LINE + beside;
  }
  const split = splitPrompt(prompt);
  return { question: filled(split.question, 'question'), passages: passages ?? split.passages, prompt };
}

const PASSAGE_TEXTS = ['text', 'content', 'page_content', 'body'];
const PASSAGE_NAMES = ['name', 'title', 'source'];

function passage(value: unknown, where: string): Task['passages'][number] {
  if (typeof value === 'string') return { text: value, name: '', place: null };
  if (!isCells(value)) return fail(where, 'must be text', value, 'Write it between double quotes.');
  const text = filled(firstOf(value, PASSAGE_TEXTS), `${where}.text`);
  const name = firstOf(value, PASSAGE_NAMES);
  return { text, name: typeof name === 'string' ? name : '', place: null };
}

/** The first of these fields that is there. */
export function firstOf(cells: Cells, names: readonly string[]): unknown {
  const name = names.find((key) => Object.hasOwn(cells, key) && cells[key] !== null);
  return name === undefined ? undefined : cells[name];
}

/** Talk as one text: a lone turn is what it says, several name their roles. Null when it is no talk. */
export function talkText(value: unknown, where: string): string | null {
  if (!Array.isArray(value) || value.length === 0 || !isCells(value[0]) || !('role' in value[0])) return null;
  const turns = value.map((turn: unknown, i) => {
    if (!isCells(turn)) fail(`${where}[${i}]`, 'must be a turn', turn, 'Give it a role and a content.');
    return {
      role: filled(turn.role, `${where}[${i}].role`),
      text: contentText(turn.content, `${where}[${i}].content`),
    };
  });
  const [only] = turns;
  if (only && turns.length === 1) return only.text;
  return turns.map(({ role, text }) => `${role.slice(0, 1).toUpperCase()}${role.slice(1)}: ${text}`).join('\n\n');
}

/** A content may also be a list of parts, of which text alone can be judged here. */
function contentText(content: unknown, where: string): string {
  if (!Array.isArray(content)) return optionalText(content, where);
  return content
    .map((part: unknown, i) => optionalText(isCells(part) ? (part.text ?? part) : part, `${where}[${i}].text`))
    .join('');
}

/** Of files that say nothing of time: the earliest, so that whatever has a time is later. */
export const NO_TIME = '1970-01-01T00:00:00';

const TO_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/** UTC to the second from any ISO time; one without a zone is UTC. */
export function timestamp(value: unknown, where: string): string {
  if (value === undefined || value === null) return NO_TIME;
  const given = typeof value === 'string' ? value : '';
  // As our own files have it, on a day that every month has: nothing to turn over, a hundred thousand times.
  if (TO_SECONDS.test(given) && given.slice(8, 10) < '29' && !Number.isNaN(Date.parse(`${given}Z`))) return given;
  const [, day, hours = '00:00', zone = 'Z'] = ISO.exec(given) ?? [];
  if (day !== undefined) {
    const hour = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.replace(/(\d\d)(\d\d)$/, '$1:$2').toUpperCase();
    const ms = Date.parse(`${day}T${hours}${hour}`);
    const found = Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 19);
    // The thirtieth of February would silently become a day in March.
    if (TO_SECONDS.test(found) && (!TO_SECONDS.test(given) || found === given)) return found;
  }
  return fail(where, 'must be a time as in "2025-10-29T18:45:02"', value, 'Write it so, in UTC.');
}

/** The file's name without folder and extension: who judged, where a file does not say. */
export const stem = (name: string): string => name.replace(/^.*[/\\]/, '').replace(/(?<=.)\.[^.]*$/, '');

/** The same content is the same judgement, whichever file it stands in. */
export const contentId = (parts: readonly (string | number | null)[]): string => fnv1a(JSON.stringify(parts));

/** A judgement of which only this is known. */
export function judgement(
  task: Task,
  known: Pick<Judgement, 'id' | 'annotator' | 'timestamp' | 'verdict' | 'ranks'> & Partial<Judgement>,
): Judgement {
  return {
    question: task.question,
    passages: task.passages.map(({ text }) => text),
    prompt: task.prompt,
    responses: task.responses.map(({ text }) => text),
    origins: task.responses.map(({ origin }) => origin),
    status: known.verdict === null ? 'skipped' : 'judged',
    strength: null,
    comment: '',
    tags: [],
    edit: null,
    flagged: false,
    round: 0,
    shown: null,
    leadTime: null,
    ...known,
  };
}
