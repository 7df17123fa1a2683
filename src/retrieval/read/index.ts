// Files in, texts out: picks the reader of a file, holds it to its limits, and tells what came of it. Never throws.
import type { MediaType } from '../../records/document.ts';
import type { ReadProblem } from '../../records/reading.ts';
import { readCsv } from './csv.ts';
import { readDocx } from './docx.ts';
import { decode } from './encoding.ts';
import { readHtml } from './html.ts';
import { Job, Unread, type ReadOptions } from './job.ts';
import { readJson, readJsonLines } from './json.ts';
import { MAX_CHARACTERS, sound } from './outline.ts';
import { readPdf } from './pdf.ts';

export interface ReadText {
  /** Line ends are \n, accents composed. */
  text: string;
  /** Headings are lines that begin with "#"; see outline.ts. */
  markdown: boolean;
  /** Offset at which each page begins; null for a text without pages. */
  pages: number[] | null;
  /** Pages without any text, from 1. */
  emptyPages: number[];
  mediaType: MediaType;
}

export type Outcome = ReadText | { problem: ReadProblem; detail: string };

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

const EXTENSIONS: Record<string, MediaType> = {
  txt: 'text/plain',
  text: 'text/plain',
  md: 'text/markdown',
  markdown: 'text/markdown',
  html: 'text/html',
  htm: 'text/html',
  xhtml: 'text/html',
  pdf: 'application/pdf',
  docx: DOCX,
  csv: 'text/csv',
  tsv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonl',
  ndjson: 'application/jsonl',
};

const MIME_TYPES: Record<string, MediaType> = {
  'text/plain': 'text/plain',
  'text/markdown': 'text/markdown',
  'text/x-markdown': 'text/markdown',
  'text/html': 'text/html',
  'application/xhtml+xml': 'text/html',
  'application/pdf': 'application/pdf',
  [DOCX]: DOCX,
  'text/csv': 'text/csv',
  'text/tab-separated-values': 'text/csv',
  'application/json': 'application/json',
  'application/jsonl': 'application/jsonl',
  'application/x-ndjson': 'application/jsonl',
};

const MB = 1_000_000;
const limitOf = (type: MediaType | null): number => (type === 'application/pdf' ? 100 : 20);

/** Which reader a name or a MIME type asks for; a known name wins. */
export function readerOf(name: string, type: string): MediaType | null {
  const extension = /\.([a-z]+)$/i.exec(name.trim())?.[1]?.toLowerCase() ?? '';
  if (Object.hasOwn(EXTENSIONS, extension)) return EXTENSIONS[extension] ?? null;
  const mime = type.split(';')[0]?.trim().toLowerCase() ?? '';
  return extension !== 'doc' && Object.hasOwn(MIME_TYPES, mime) ? (MIME_TYPES[mime] ?? null) : null;
}

export async function read(file: Blob & { name: string }, options: ReadOptions): Promise<Outcome> {
  const job = new Job(options);
  try {
    await job.step(0, file.size, 'bytes');
    if (file.size === 0) return { problem: 'empty', detail: '' };
    const type = readerOf(file.name, file.type) ?? (await typeByContent(file));
    if (!type) return { problem: 'type', detail: '' };
    const limit = limitOf(type);
    if (file.size > limit * MB) return { problem: 'tooLarge', detail: String(limit) };
    const outcome = await readAs(type, file, job);
    await job.step(file.size, file.size, 'bytes');
    if (!outcome.text.trim()) return { problem: 'empty', detail: '' };
    if (outcome.text.length > MAX_CHARACTERS) return { problem: 'tooLarge', detail: '20' };
    return { ...outcome, mediaType: type };
  } catch (error) {
    if (options.signal.aborted) return { problem: 'cancelled', detail: '' };
    if (error instanceof Unread) return { problem: error.problem, detail: error.detail };
    return { problem: 'broken', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** A file without a name that tells: PDF and packed files say in their first bytes what they are. */
async function typeByContent(file: Blob): Promise<MediaType | null> {
  const start = new TextDecoder('latin1').decode(await file.slice(0, 4).arrayBuffer());
  if (start === '%PDF') return 'application/pdf';
  return start === 'PK\x03\x04' ? DOCX : null;
}

type Extract = Omit<ReadText, 'mediaType'>;

async function readAs(type: MediaType, file: Blob & { name: string }, job: Job): Promise<Extract> {
  const bytes = async () => new Uint8Array(await file.arrayBuffer());
  switch (type) {
    case 'text/plain':
      return unpaged(sound(decode(await bytes())), false);
    case 'text/markdown':
      return unpaged(sound(decode(await bytes())), true);
    case 'text/html':
      return unpaged(await readHtml(await bytes(), job), true);
    case 'application/pdf':
      return { ...(await readPdf(await bytes(), job)), markdown: true };
    case DOCX:
      return unpaged(await readDocx(file, job), true);
    case 'text/csv':
      return unpaged(await readCsv(await bytes(), file.name, job), false);
    case 'application/json':
      return unpaged(await readJson(await bytes(), job), false);
    case 'application/jsonl':
      return unpaged(await readJsonLines(await bytes(), job), false);
  }
}

const unpaged = (text: string, markdown: boolean): Extract => ({ text, markdown, pages: null, emptyPages: [] });
