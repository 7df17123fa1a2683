// A corpus from files, made here or by Python: every document is read anew, chunks and vectors are taken where they fit.
import { sha256Hex } from '../src/formats/sha256.ts';
import { parseMetadata, type CorpusChunk, type CorpusMetadata } from '../src/formats/corpusFiles.ts';
import { limitsOfLarge, openZip, ZipError } from '../src/formats/zip.ts';
import type { Chunk, ChunkSettings, CorpusSettings } from '../src/records/corpus.ts';
import { pageAt } from '../src/records/document.ts';
import { embedderKey, type Embedder } from '../src/records/embedder.ts';
import type { ReadProblem, ReadProgress } from '../src/records/reading.ts';
import { importedHash, planHash } from '../src/retrieval/plans.ts';
import { read, type ReadText } from '../src/retrieval/read/index.ts';
import type { CorpusImport } from './api.ts';
import { Unfit, Vectors } from './corpusVectors.ts';
import { database } from './database.ts';
import { forgetDocuments, keepDocument, type Indexed, type Kept } from './dataStore.ts';

export interface CorpusFiles {
  files: { path: string; file: File }[];
  target: { projectId: string; createdAt: string };
  embedder: Embedder;
  settings: CorpusSettings;
  siteUrl: string;
}

/** A file of the folder or a part of the zip. */
interface Source {
  path: string;
  bytes: number;
  blob(signal: AbortSignal): Promise<Blob>;
}

interface Listed {
  name: string;
  /** Null: named in metadata.json, but not there. */
  source: Source | null;
  chunks: CorpusChunk[];
}

/** What chunks and rows are kept with. */
interface Taking {
  vectors: Vectors;
  chunking: ChunkSettings;
  embedder: Embedder;
}

const HIDDEN = /(^|\/)(\.|__MACOSX\/)/;
const CHARACTERS_PER_TOKEN = 4;
const nothing = (): CorpusImport => ({ documents: [], problems: [], rows: 0, reason: null, chunking: null });

/**
 * What was kept is taken back when it is cancelled or the browser has no room. A tab that is closed half-way leaves the
 * documents that had come, each of them whole; importing again brings the others.
 */
export async function importCorpus(
  input: CorpusFiles,
  signal: AbortSignal,
  onProgress: (progress: ReadProgress) => void,
): Promise<CorpusImport> {
  const found = nothing();
  try {
    await importInto(found, input, signal, onProgress);
    signal.throwIfAborted();
    return found;
  } catch (error) {
    await forgetDocuments(found.documents.map(({ id }) => id));
    if (signal.aborted) return nothing();
    throw error;
  }
}

async function importInto(
  found: CorpusImport,
  input: CorpusFiles,
  signal: AbortSignal,
  onProgress: (progress: ReadProgress) => void,
): Promise<void> {
  const sources = (await open(input.files)).filter(({ path }) => !HIDDEN.test(path));
  const { documents, taking, reason } = await understand(sources, input, signal);
  found.reason = reason;
  const total = documents.reduce((sum, { source }) => sum + (source?.bytes ?? 0), 0);
  const misfits: string[] = [];
  let done = 0;
  for (const [i, listed] of documents.entries()) {
    signal.throwIfAborted();
    const bytes = listed.source?.bytes ?? 0;
    const tell = ({ done: part, total: all }: ReadProgress): void =>
      onProgress({ done: done + (bytes * part) / Math.max(1, all), total, unit: 'bytes' });
    const createdAt = new Date(Date.parse(input.target.createdAt) + i).toISOString();
    const kept = await importOne(listed, { ...input.target, createdAt }, taking, input.siteUrl, signal, tell);
    onProgress({ done: (done += bytes), total, unit: 'bytes' });
    if ('problem' in kept) found.problems.push({ name: listed.name, ...kept });
    else {
      found.documents.push(kept.document);
      found.rows += kept.rows;
      if (taking && listed.chunks.length > 0 && !kept.cut) misfits.push(listed.name);
    }
  }
  if (misfits.length > 0)
    found.reason = new Unfit(
      'metadata.json: the text of a chunk must stand in its document where "start" and "end" say',
      `other texts in ${misfits.length} documents (${misfits.slice(0, 3).join(', ')})`,
    ).message;
  const { chunks } = input.settings;
  if (taking && found.rows > 0 && !sameChunking(taking.chunking, chunks)) found.chunking = taking.chunking;
}

async function importOne(
  { name, source, chunks }: Listed,
  target: CorpusFiles['target'],
  taking: Taking | null,
  siteUrl: string,
  signal: AbortSignal,
  onProgress: (progress: ReadProgress) => void,
): Promise<(Exclude<Kept, { problem: ReadProblem }> & { cut: boolean }) | { problem: ReadProblem; detail: string }> {
  if (!source) return { problem: 'broken', detail: 'named in metadata.json, but not among the files' };
  let file: File;
  try {
    file = new File([await source.blob(signal)], fileNameOf(source.path));
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    const problems = { ZipBomb: 'bomb', ZipEncrypted: 'encrypted', ZipUnsafe: 'broken', ZipBroken: 'broken' } as const;
    return { problem: problems[error.name], detail: error.message };
  }
  const outcome = await read(file, { siteUrl, signal, onProgress });
  if ('problem' in outcome) return outcome;
  const indexed = taking && chunks.length > 0 ? await indexedOf(outcome, chunks, taking) : null;
  const kept = await keepDocument({ ...target, name, file, read: outcome, indexed }, signal);
  return 'problem' in kept ? kept : { ...kept, cut: indexed !== null };
}

/** Null when the chunks are not of this text. Pages are counted anew; tokens that nobody counted are guessed. */
async function indexedOf(
  { text, pages }: ReadText,
  chunks: readonly CorpusChunk[],
  { vectors, chunking, embedder }: Taking,
): Promise<Indexed | null> {
  const placed = place(text, chunks) ?? place(text, inUtf16(text, chunks));
  if (!placed) return null;
  const cut = placed.map(({ start, end, tokens, headings }): Chunk => {
    return { start, end, tokens: tokens ?? guessTokens(end - start), page: pageAt(pages, start), headings };
  });
  return {
    hash: importedHash(await planHash({ sha256: await sha256Hex(text) }, chunking, embedder)),
    chunks: cut,
    embedder: embedderKey(embedder),
    dim: embedder.dim,
    rows: vectors.of(placed),
  };
}

/** In the order of the text; null when one does not stand there. */
function place(text: string, chunks: readonly CorpusChunk[]): CorpusChunk[] | null {
  const stands = (chunk: CorpusChunk): boolean => text.slice(chunk.start, chunk.end) === chunk.text;
  return chunks.every(stands) ? chunks.toSorted((a, b) => a.start - b.start || a.id - b.id) : null;
}

/** Python counts characters, where JavaScript counts the halves of those beyond U+FFFF. */
function inUtf16(text: string, chunks: readonly CorpusChunk[]): CorpusChunk[] {
  const starts = [0];
  for (const character of text) starts.push((starts.at(-1) ?? 0) + character.length);
  const at = (position: number): number => starts[position] ?? text.length;
  return chunks.map((chunk) => ({ ...chunk, start: at(chunk.start), end: at(chunk.end) }));
}

const guessTokens = (characters: number): number => Math.ceil(characters / CHARACTERS_PER_TOKEN);

/** One zip, or the files of a folder. */
async function open(files: CorpusFiles['files']): Promise<Source[]> {
  const [first] = files;
  if (files.length !== 1 || !first || !/\.zip$/i.test(first.path))
    return files.map(({ path, file }) => ({ path, bytes: file.size, blob: async () => file }));
  const { parts } = await openZip(first.file, limitsOfLarge(first.file.size));
  return parts.map(({ path, bytes, blob }) => ({ path, bytes, blob }));
}

/** The documents that are named or lie there, and what of their chunks and vectors may serve, or why not. */
async function understand(
  sources: readonly Source[],
  input: CorpusFiles,
  signal: AbortSignal,
): Promise<{ documents: Listed[]; taking: Taking | null; reason: string | null }> {
  const own = sources
    .filter(({ path }) => fileNameOf(path) === 'metadata.json')
    .sort((a, b) => a.path.length - b.path.length)[0];
  const folder = own ? own.path.slice(0, -'metadata.json'.length) : '';
  const index = sources.find(({ path }) => path === `${folder}index.faiss`);
  const rest = sources.filter((source) => source !== own && source !== index);
  const beside = rest.filter(({ path }) => !own || path.startsWith(`${folder}documents/`));
  let metadata: CorpusMetadata | null = null;
  let taking: Taking | null = null;
  let reason: string | null = null;
  try {
    if (!own) throw new Unfit('metadata.json: must lie beside the documents', 'none');
    metadata = parseMetadata(await (await own.blob(signal)).text());
    if (!index) throw new Unfit('index.faiss: must lie beside metadata.json', 'none');
    const chunking = await chunkingOf(metadata, input);
    const bytes = new Uint8Array(await (await index.blob(signal)).arrayBuffer());
    taking = { vectors: new Vectors(bytes, metadata, input.embedder), chunking, embedder: input.embedder };
  } catch (error) {
    if (!(error instanceof Error) || !SAID.has(error.name)) throw error;
    reason = error.message;
  }
  return { documents: listed(metadata, rest, beside, folder), taking, reason };
}

/** Errors that say what is wrong with the files; the documents are imported all the same. */
const SAID = new Set(['Unfit', 'RecordError', 'FaissError', 'ZipBomb', 'ZipBroken', 'ZipEncrypted']);

/** Those that metadata.json names, wherever they lie; then those beside it that it does not name. */
function listed(
  metadata: CorpusMetadata | null,
  rest: readonly Source[],
  beside: readonly Source[],
  folder: string,
): Listed[] {
  const byPath = new Map(rest.map((source) => [source.path, source]));
  const documents = (metadata?.documents ?? []).map(({ file, name }): Listed => {
    const source = byPath.get(`${folder}documents/${file}`) ?? byPath.get(folder + file) ?? byPath.get(file) ?? null;
    return { name, source, chunks: [] };
  });
  for (const chunk of metadata?.chunks ?? []) documents[chunk.document]?.chunks.push(chunk);
  const named = new Set(documents.map(({ source }) => source));
  const others = beside.filter((source) => !named.has(source));
  return [...documents, ...others.map((source) => ({ name: fileNameOf(source.path), source, chunks: [] }))];
}

/** The settings under which the chunks are kept: an empty project takes over those of the files. */
async function chunkingOf({ chunking }: CorpusMetadata, input: CorpusFiles): Promise<ChunkSettings> {
  const { settings, embedder, target } = input;
  if (!chunking) return settings.chunks;
  const found = { ...chunking, maxTokens: Math.min(chunking.maxTokens, embedder.maxTokens) };
  if (sameChunking(found, settings.chunks)) return found;
  const there = await (await database()).getAllFromIndex('documents', 'byProject', target.projectId);
  if (there.every(({ deletedAt }) => deletedAt)) return found;
  const shown = ({ maxTokens, overlapTokens, maxSentences }: ChunkSettings): string =>
    `at most ${maxTokens} tokens, ${overlapTokens} of overlap, ${maxSentences || 'any number of'} sentences`;
  throw new Unfit(
    `metadata.json: chunks must be cut as in this project (${shown(settings.chunks)})`,
    shown(found),
    'Import into a new project, or index the documents here.',
  );
}

const sameChunking = (a: ChunkSettings, b: ChunkSettings): boolean =>
  a.maxTokens === b.maxTokens && a.overlapTokens === b.overlapTokens && a.maxSentences === b.maxSentences;

const fileNameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
