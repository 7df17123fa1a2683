// data/metadata.json beside data/documents/ and data/index.faiss: which chunk of which document each vector is of.
// Names in the file are snake_case; one document and one chunk a line. `id` is the int64 of the FAISS id map.
import { CHUNK_RANGES, type Chunk, type ChunkSettings } from '../records/corpus.ts';
import type { MediaType } from '../records/document.ts';
import type { Embedder } from '../records/embedder.ts';
import { fail, finite, object, text } from '../records/validate.ts';

export const METADATA_VERSION = 1;

/** Leaves room for a number and the extension. */
const MAX_NAME_BYTES = 200;

export interface CorpusDocument {
  /** In data/documents/. */
  file: string;
  name: string;
  sha256: string;
  mediaType: MediaType;
  pages: number | null;
}

/** What another tool may have left out is null. */
export interface CorpusChunk extends Omit<Chunk, 'tokens'> {
  id: number;
  /** Index into the documents. */
  document: number;
  tokens: number | null;
  text: string;
}

export interface CorpusMetadata {
  embedder: { id: string; sha256: string | null; dim: number } | null;
  chunking: ChunkSettings | null;
  documents: { file: string; name: string }[];
  chunks: CorpusChunk[];
}

/** The file in pieces, so that it never stands in one string. */
export function* writeMetadata(
  embedder: Embedder,
  chunking: ChunkSettings,
  documents: readonly CorpusDocument[],
  chunks: Iterable<CorpusChunk>,
): Generator<string> {
  const { id, name, file, sha256, dim, maxTokens, pooling, queryPrefix, passagePrefix, license } = embedder;
  const made = {
    ...{ id, name, file, sha256, dim, max_tokens: maxTokens, pooling },
    ...{ query_prefix: queryPrefix, passage_prefix: passagePrefix, license },
  };
  const { maxTokens: max_tokens, overlapTokens: overlap_tokens, maxSentences: max_sentences } = chunking;
  yield `{"version":${METADATA_VERSION},\n"offsets":"utf-16",\n"embedder":${JSON.stringify(made)},\n`;
  yield `"chunking":${JSON.stringify({ max_tokens, overlap_tokens, max_sentences })},\n"documents":[`;
  yield* lines(documents, ({ mediaType, ...rest }) => ({ ...rest, media_type: mediaType }));
  yield `],\n"chunks":[`;
  yield* lines(chunks, ({ id, document, page, start, end, tokens, headings, text }) => {
    return { id, document, page, start, end, tokens, headings, text };
  });
  yield ']}\n';
}

function* lines<T>(values: Iterable<T>, shape: (value: T) => object): Generator<string> {
  let before = '\n';
  for (const value of values) {
    yield before + JSON.stringify(shape(value));
    before = ',\n';
  }
  if (before !== '\n') yield '\n';
}

/** Takes what other tools write as well: unknown keys are passed over, missing ones are null. */
export function parseMetadata(json: string): CorpusMetadata {
  const where = 'metadata.json';
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return fail(where, 'must be JSON', error instanceof Error ? error.message : error, 'Export it again.');
  }
  const v = object(value, where);
  if (finite(v.version ?? METADATA_VERSION, `${where}: version`, 1) > METADATA_VERSION)
    return fail(`${where}: version`, `must be at most ${METADATA_VERSION}`, v.version, 'Use a newer studio.');
  const documents = array(v.documents, `${where}: documents`).map((entry, i) => {
    const at = `${where}: documents[${i}]`;
    const { file, name } = object(entry, at);
    const path = text(file, `${at}.file`);
    return { file: path, name: typeof name === 'string' && name.trim() ? name : path };
  });
  const chunks = array(v.chunks ?? [], `${where}: chunks`).map((entry, i) =>
    parseChunk(entry, `${where}: chunks[${i}]`, documents.length),
  );
  return { embedder: parseEmbedder(v.embedder, where), chunking: parseChunking(v.chunking), documents, chunks };
}

function parseChunk(value: unknown, at: string, documents: number): CorpusChunk {
  const v = object(value, at);
  const start = whole(v.start, `${at}.start`, 0);
  return {
    id: whole(v.id, `${at}.id`, 0),
    document: whole(v.document, `${at}.document`, 0, documents - 1),
    page: v.page == null ? null : whole(v.page, `${at}.page`, 1),
    start,
    end: whole(v.end, `${at}.end`, start + 1),
    tokens: v.tokens == null ? null : whole(v.tokens, `${at}.tokens`, 0),
    headings: v.headings == null ? [] : array(v.headings, `${at}.headings`).map((h) => text(h, `${at}.headings`)),
    text: text(v.text, `${at}.text`),
  };
}

function parseEmbedder(value: unknown, where: string): CorpusMetadata['embedder'] {
  if (value == null) return null;
  const { id, sha256, dim } = object(value, `${where}: embedder`);
  return {
    id: text(id, `${where}: embedder.id`),
    sha256: typeof sha256 === 'string' ? sha256 : null,
    dim: whole(dim, `${where}: embedder.dim`, 1),
  };
}

/** Null where it says nothing that our own chunking could have been set to. */
function parseChunking(value: unknown): ChunkSettings | null {
  if (typeof value !== 'object' || value === null) return null;
  const { max_tokens, overlap_tokens, max_sentences } = value as Record<string, unknown>;
  const found = { maxTokens: max_tokens, overlapTokens: overlap_tokens, maxSentences: max_sentences };
  const fits = Object.entries(CHUNK_RANGES).every(([key, { min, max }]) => {
    const one = found[key as keyof ChunkSettings];
    return typeof one === 'number' && one >= min && one <= max;
  });
  return fits ? (found as ChunkSettings) : null;
}

function whole(value: unknown, where: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const found = finite(value, where, min, max);
  return Number.isInteger(found) ? found : fail(where, 'must be a whole number', value, 'Export it again.');
}

function array(value: unknown, where: string): unknown[] {
  return Array.isArray(value) ? value : fail(where, 'must be a list', value, 'Export it again.');
}

/** A name that every system takes as a file's, with the extension of its type, unlike those taken before. */
export function fileName(name: string, extension: string | null, taken: Set<string>): string {
  const safe = name
    .normalize('NFC')
    .replace(/[/\\:*?"<>|\p{Cc}\p{Cf}\p{Cs}]/gu, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '');
  const dot = safe.lastIndexOf('.');
  const own = extension === null && dot > 0 ? safe.slice(dot) : (extension ?? '');
  const stem = shorten(own && safe.endsWith(own) ? safe.slice(0, -own.length) : safe).trim() || 'document';
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? `${stem}${own}` : `${stem} (${n})${own}`;
    const key = candidate.toLowerCase();
    if (taken.has(key)) continue;
    taken.add(key);
    return candidate;
  }
}

/** Most file systems take 255 bytes; characters stay whole. */
function shorten(name: string): string {
  const characters = [...name].slice(0, MAX_NAME_BYTES);
  const encoder = new TextEncoder();
  while (encoder.encode(characters.join('')).length > MAX_NAME_BYTES) characters.pop();
  return characters.join('');
}
