// A comparison: a question with its passages and the answers that a person is to judge, blind to where they come from.
import { CONTEXT_LINE } from './rowMapping.ts';
import { fail, finite, object, text } from './validate.ts';

export const COMPARISON_VERSION = 1;

/** Where an answer comes from; never shown while it is judged. */
export interface Origin {
  /** Model, adapter, person or tool, as far as it is known: provenance in the files. */
  name: string | null;
  generationId: string | null;
  adapterId: string | null;
  seed: number | null;
}

export const UNKNOWN_ORIGIN: Origin = { name: null, generationId: null, adapterId: null, seed: null };

export interface Response {
  text: string;
  origin: Origin;
  /** What a reward model gives it; null until one has read it. */
  score: number | null;
}

/** What the answers were written from. The place is known where the text is one of the project's documents. */
export interface ComparisonPassage {
  text: string;
  /** Of its document; '' when unknown. */
  name: string;
  place: { documentId: string; start: number; end: number } | null;
}

/** What is judged, whoever asks for it. */
export interface Task {
  question: string;
  passages: ComparisonPassage[];
  /** Exactly what the model reads: the question and its passages (see `joinPrompt`). Becomes `prompt` of a preference. */
  prompt: string;
  /** At least two, no two alike. */
  responses: Response[];
}

export type ComparisonSource =
  | { kind: 'ask'; askId: string }
  | { kind: 'batch'; batchId: string }
  | { kind: 'file'; taskFileId: string; line: number }
  | { kind: 'written' };

export interface Comparison extends Task {
  id: string;
  projectId: string;
  source: ComparisonSource;
  /** Draws the order in which its answers are shown, and its place in a random queue. */
  seed: number;
  /** Order of arrival. */
  position: number;
  createdAt: string; // UTC, ISO 8601
  version: number;
}

/** A file of tasks as it was taken in, and what it asks of whoever judges them. */
export interface TaskFile {
  id: string;
  projectId: string;
  /** Of the file. */
  name: string;
  /** Of its bytes: the same file is not taken in twice. */
  sha256: string;
  head: TaskHead;
  tasks: number;
  createdAt: string;
  version: number;
}

/** The optional first line of a task file: `{"atelier_tasks": 1, "title": …, "return_to": …, "guidelines": …, "tags": […]}`. */
export interface TaskHead {
  title: string;
  /** Where the feedback should go: an address of any kind, in the words of whoever published it. */
  returnTo: string;
  guidelines: string;
  /** Reasons to choose from; empty = the project's own. */
  tags: string[];
}

export const NO_HEAD: TaskHead = { title: '', returnTo: '', guidelines: '', tags: [] };

/** The task file that it came with; null = it came another way. */
export const taskFileOf = ({ source }: Pick<Comparison, 'source'>): string | null =>
  source.kind === 'file' ? source.taskFileId : null;

/** QUESTION + "\n\nContext:\n" + PASSAGES, each on one line and numbered. */
export function joinPrompt(question: string, passages: readonly Pick<ComparisonPassage, 'text'>[]): string {
  if (passages.length === 0) return question;
  const lines = passages.map(({ text }, i) => `[${i + 1}] ${text.replaceAll(/\s+/g, ' ').trim()}`);
  return question + CONTEXT_LINE + lines.join('\n');
}

/** The other way: a question and its passages, for showing. What has no "Context:" is a question alone. */
export function splitPrompt(prompt: string): { question: string; passages: ComparisonPassage[] } {
  const at = prompt.indexOf(CONTEXT_LINE);
  if (at < 0) return { question: prompt, passages: [] };
  const context = prompt.slice(at + CONTEXT_LINE.length);
  const numbered = /^\[1\] /.test(context);
  const texts = numbered
    ? context.split(/\n+(?=\[\d{1,3}\] )/).map((part) => part.replace(/^\[\d{1,3}\] /, ''))
    : [context];
  const passages = texts.filter((part) => part.trim() !== '').map((part) => ({ text: part, name: '', place: null }));
  return { question: prompt.slice(0, at), passages };
}

/** Throws a sentence about the first thing that keeps it from being judged. */
export function validateTask(value: unknown, where = 'task'): Task {
  const v = object(value, where);
  const list = (key: string): unknown[] => {
    const given = v[key];
    return Array.isArray(given) ? (given as unknown[]) : fail(`${where}.${key}`, 'must be a list', given, 'Give one.');
  };
  const filled = (given: unknown, at: string): string => {
    const found = text(given, at);
    return found.trim() === '' ? fail(at, 'must not be empty', '""', 'Write it, or leave the task out.') : found;
  };
  const responses = list('responses').map((given, i): Response => {
    const at = `${where}.responses[${i}]`;
    const r = object(given, at);
    const origin = { ...UNKNOWN_ORIGIN, ...(typeof r.origin === 'object' && r.origin ? (r.origin as Origin) : {}) };
    return {
      text: filled(r.text, `${at}.text`),
      origin,
      score: r.score === null || r.score === undefined ? null : finite(r.score, `${at}.score`),
    };
  });
  if (responses.length < 2)
    fail(`${where}.responses`, 'must be at least two', responses.length, 'Add another answer, or leave the task out.');
  if (new Set(responses.map((response) => response.text.trim())).size < responses.length)
    fail(`${where}.responses`, 'must differ from one another', 'two alike', 'Leave one of them out.');
  const passages = list('passages').map((given, i): ComparisonPassage => {
    const p = object(given, `${where}.passages[${i}]`);
    const place = p.place as ComparisonPassage['place'] | undefined;
    return {
      text: text(p.text, `${where}.passages[${i}].text`),
      name: text(p.name ?? '', 'name'),
      place: place ?? null,
    };
  });
  const question = filled(v.question, `${where}.question`);
  return { question, passages, prompt: filled(v.prompt, `${where}.prompt`), responses };
}

export function validateComparison(value: unknown, where = 'comparison'): Comparison {
  const v = object(value, where);
  const source = object(v.source, `${where}.source`);
  if (!['ask', 'batch', 'file', 'written'].includes(String(source.kind)))
    fail(`${where}.source.kind`, 'must be ask, batch, file or written', source.kind, 'Add it again.');
  return {
    ...validateTask(value, where),
    id: text(v.id, `${where}.id`),
    projectId: text(v.projectId, `${where}.projectId`),
    source: source as unknown as ComparisonSource,
    seed: finite(v.seed, `${where}.seed`),
    position: finite(v.position, `${where}.position`),
    createdAt: text(v.createdAt, `${where}.createdAt`),
    version: finite(v.version, `${where}.version`, 1),
  };
}
