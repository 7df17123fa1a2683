// The corpus of a project out of storage, as one zip that Python reads: documents, metadata.json, index.faiss.
import { fileName, writeMetadata, type CorpusChunk, type CorpusDocument } from '../src/formats/corpusFiles.ts';
import { writeFaiss } from '../src/formats/faiss.ts';
import { readRows, rowsPath } from '../src/formats/rows.ts';
import { writeZip, type NewPart } from '../src/formats/zip.ts';
import type { ChunkPlan, CorpusSettings } from '../src/records/corpus.ts';
import type { Document, MediaType } from '../src/records/document.ts';
import { embedderKey, type Embedder } from '../src/records/embedder.ts';
import type { ReadProgress } from '../src/records/reading.ts';
import { planHash } from '../src/retrieval/plans.ts';
import { readerOf } from '../src/retrieval/read/index.ts';
import { readFile } from '../src/storage/files.ts';
import { bytesPath, database } from './dataStore.ts';

/** Of what is pasted, renamed, or kept without its bytes. */
const EXTENSIONS: Record<MediaType, string> = {
  'text/plain': '.txt',
  'text/markdown': '.md',
  'text/html': '.html',
  'application/pdf': '.pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
  'text/csv': '.csv',
  'application/json': '.json',
  'application/jsonl': '.jsonl',
};
/** Compressed already. */
const PACKED = /\.(pdf|docx|faiss)$/;

interface Part {
  document: Document;
  plan: ChunkPlan | null;
  /** Rows of the first chunks: [n, dim] in pieces. */
  rows: Float32Array[];
}

export async function exportCorpus(
  projectId: string,
  embedder: Embedder,
  settings: CorpusSettings,
  onProgress: (progress: ReadProgress) => void,
): Promise<Blob> {
  const db = await database();
  const rows = await db.getAllFromIndex('documents', 'byProject', projectId);
  const documents = rows.filter(({ deletedAt }) => !deletedAt).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const total = documents.reduce((sum, { bytes }) => sum + bytes, 0);

  async function* parts(): AsyncGenerator<NewPart> {
    const taken = new Set<string>();
    const described: CorpusDocument[] = [];
    const indexed: Part[] = [];
    let done = 0;
    for (const document of documents) {
      const { data, mediaType } = await originalOf(document);
      const fits = readerOf(document.name, '') === mediaType;
      const file = fileName(document.name, fits ? null : EXTENSIONS[mediaType], taken);
      described.push({ file, name: document.name, sha256: document.sha256, mediaType, pages: document.pages });
      indexed.push(await indexedOf(document, embedder, settings));
      yield { path: `data/documents/${file}`, data, deflate: !PACKED.test(file) };
      onProgress({ done: (done += document.bytes), total, unit: 'bytes' });
    }
    const chunks = await chunksOf(indexed);
    const metadata = new Blob([...writeMetadata(embedder, settings.chunks, described, chunks)]);
    yield { path: 'data/metadata.json', data: metadata, deflate: true };
    yield { path: 'data/index.faiss', data: new Blob(faissOf(indexed, embedder.dim)), deflate: false };
  }
  const newest = documents.at(-1)?.createdAt ?? '1980-01-01T00:00:00Z';
  return new Response(writeZip(parts(), new Date(newest))).blob();
}

/** Its bytes as they came; where they were not kept, its text. */
async function originalOf(document: Document): Promise<{ data: Blob; mediaType: MediaType }> {
  const file = await readFile(bytesPath(document.id)).catch(() => null);
  if (file) return { data: file, mediaType: document.mediaType };
  const text = await textOf(document.id);
  return { data: new Blob([text.text]), mediaType: text.markdown ? 'text/markdown' : 'text/plain' };
}

async function textOf(documentId: string): Promise<{ text: string; markdown: boolean }> {
  return (await (await database()).get('texts', documentId)) ?? { text: '', markdown: false };
}

/** Only chunks of these settings and rows of this embedder: others would not fit what metadata.json says of them. */
async function indexedOf(document: Document, embedder: Embedder, { chunks }: CorpusSettings): Promise<Part> {
  const plan = await (await database()).get('chunks', document.id);
  const hash = await planHash(document, chunks, embedder);
  if (plan?.hash !== hash) return { document, plan: null, rows: [] };
  const found: Float32Array[] = [];
  for (let first = 0; first < plan.chunks.length;) {
    const path = rowsPath(document.id, first);
    const file = await readFile(path).catch(() => null);
    if (!file) break;
    const segment = readRows(new Uint8Array(await file.arrayBuffer()), path);
    if (segment.embedder !== embedderKey(embedder) || segment.plan !== hash || segment.dim !== embedder.dim) break;
    found.push(segment.rows.subarray(0, (plan.chunks.length - first) * segment.dim));
    first += segment.count;
  }
  return { document, plan, rows: found };
}

async function chunksOf(parts: readonly Part[]): Promise<CorpusChunk[]> {
  const all: CorpusChunk[] = [];
  for (const [i, { document, plan }] of parts.entries()) {
    if (!plan) continue;
    const { text } = await textOf(document.id);
    for (const chunk of plan.chunks)
      all.push({ ...chunk, id: all.length, document: i, text: text.slice(chunk.start, chunk.end) });
  }
  return all;
}

/** Vectors under the ids of their chunks: a document that is embedded in part leaves a gap. */
function faissOf(parts: readonly Part[], dim: number): Uint8Array<ArrayBuffer>[] {
  const count = parts.flatMap(({ rows }) => rows).reduce((sum, { length }) => sum + length / dim, 0);
  const ids = new BigInt64Array(count);
  const all = new Float32Array(count * dim);
  let [row, chunk] = [0, 0];
  for (const { plan, rows } of parts) {
    let id = chunk;
    for (const piece of rows) {
      all.set(piece, row * dim);
      for (const end = row + piece.length / dim; row < end; row++) ids[row] = BigInt(id++);
    }
    chunk += plan?.chunks.length ?? 0;
  }
  return writeFaiss({ dim, ids, rows: all, metric: 'ip' });
}
