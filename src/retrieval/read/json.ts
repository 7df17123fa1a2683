// JSON and JSON lines → text: every record a paragraph of "key: value" lines; its main text leads, without a key.
import { decode } from './encoding.ts';
import { Unread, type Job } from './job.ts';
import { MAX_CHARACTERS, tidy } from './outline.ts';

const LEADS = ['text', 'content', 'body'];
const MAX_DEPTH = 100;
/** Records between two pauses. */
const BATCH = 500;

export async function readJson(bytes: Uint8Array, job: Job): Promise<string> {
  const source = decode(bytes);
  if (!source.trim()) return '';
  return join(recordsOf(parse(source, '')), job);
}

export async function readJsonLines(bytes: Uint8Array, job: Job): Promise<string> {
  const lines = decode(bytes).split(/\r?\n|\r/);
  const records: unknown[] = [];
  for (const [i, line] of lines.entries()) {
    if (i % BATCH === 0) await job.step(i, lines.length * 2, 'bytes');
    if (line.trim()) records.push(parse(line, `line ${i + 1}: `));
  }
  return join(records, job);
}

function parse(source: string, where: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    throw new Unread('broken', where + (error instanceof Error ? error.message : String(error)));
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The elements of a list; of an object with one list of objects ("data": […]), that list after the other fields. */
function recordsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [value];
  const lists = Object.entries(value).filter(([, field]) => Array.isArray(field) && field.some(isObject));
  const [key, list] = lists[0] ?? [];
  if (key === undefined || lists.length > 1) return [value];
  const { [key]: _, ...rest } = value;
  return [rest, ...(list as unknown[])];
}

async function join(records: readonly unknown[], job: Job): Promise<string> {
  const paragraphs: string[] = [];
  let length = 0;
  for (const [i, record] of records.entries()) {
    if (i % BATCH === 0) await job.step(records.length + i, records.length * 2, 'bytes');
    const paragraph = paragraphOf(record);
    length += paragraph.length + 2;
    if (length > MAX_CHARACTERS) throw new Unread('tooLarge', '20');
    if (paragraph) paragraphs.push(paragraph);
  }
  return paragraphs.join('\n\n');
}

function paragraphOf(record: unknown): string {
  const lead = isObject(record)
    ? LEADS.find((key) => typeof record[key] === 'string' && record[key].trim())
    : undefined;
  const lines: string[] = [];
  if (isObject(record) && lead !== undefined) lines.push(tidy(String(record[lead])));
  const rest = isObject(record) && lead !== undefined ? { ...record, [lead]: null } : record;
  for (const [path, text] of fields(rest, '', 0)) lines.push(path ? `${path}: ${text}` : text);
  return lines.join('\n');
}

/** Values with the path that leads to them; empty ones are left out. */
function* fields(value: unknown, path: string, depth: number): Generator<[path: string, text: string]> {
  if (depth > MAX_DEPTH) throw new Unread('broken', `more than ${MAX_DEPTH} levels inside each other`);
  if (Array.isArray(value) && !value.some((element) => typeof element === 'object' && element !== null)) {
    const text = value.map(flat).filter(Boolean).join(', ');
    if (text) yield [path, text];
  } else if (Array.isArray(value)) {
    for (const element of value) yield* fields(element, path, depth + 1);
  } else if (isObject(value)) {
    for (const [key, field] of Object.entries(value)) yield* fields(field, path ? `${path}.${key}` : key, depth + 1);
  } else {
    const text = flat(value);
    if (text) yield [path, text];
  }
}

const flat = (value: unknown): string => (value == null ? '' : tidy(String(value)).replaceAll('\n', ' '));
