// The corpus of a project out of storage, as one zip that Python reads.
import { readRows, rowsPath } from '../src/formats/rows.ts';
import { writeZip } from '../src/formats/zip.ts';
import type { CorpusSettings } from '../src/records/corpus.ts';
import type { Document } from '../src/records/document.ts';
import { embedderKey, type Embedder } from '../src/records/embedder.ts';
import type { ReadProgress } from '../src/records/reading.ts';
import { isOf, planHash } from '../src/retrieval/plans.ts';
import { bytesPath } from '../src/storage/ownedFiles.ts';
import { readFile } from '../src/storage/files.ts';
import { corpusParts, type Leaving } from './corpusParts.ts';
import { database } from './database.ts';

export async function exportCorpus(
  projectId: string,
  embedder: Embedder,
  settings: CorpusSettings,
  onProgress: (progress: ReadProgress) => void,
): Promise<Blob> {
  const all = await (await database()).getAllFromIndex('documents', 'byProject', projectId);
  const documents = all.filter(({ deletedAt }) => !deletedAt).sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  const total = documents.reduce((sum, { bytes }) => sum + bytes, 0);
  async function* leaving(): AsyncGenerator<Leaving> {
    let done = 0;
    for (const document of documents) {
      yield await gather(document, embedder, settings);
      onProgress({ done: (done += document.bytes), total, unit: 'bytes' });
    }
  }
  const parts = corpusParts(leaving(), embedder, settings.chunks);
  const newest = documents.at(-1)?.createdAt ?? '1980-01-01T00:00:00Z';
  return new Response(writeZip(parts, new Date(newest))).blob();
}

/** Only chunks of these settings and rows of this embedder: others would not fit what metadata.json says of them. */
async function gather(document: Document, embedder: Embedder, settings: CorpusSettings): Promise<Leaving> {
  const db = await database();
  const { text = '', markdown = false } = (await db.get('texts', document.id)) ?? {};
  const kept = await readFile(bytesPath(document.id)).catch(() => null);
  const original = kept
    ? { data: kept, mediaType: document.mediaType }
    : { data: new Blob([text]), mediaType: markdown ? ('text/markdown' as const) : ('text/plain' as const) };
  const plan = await db.get('chunks', document.id);
  const hash = await planHash(document, settings.chunks, embedder);
  if (!isOf(plan, hash)) return { document, ...original, text, chunks: [], rows: [] };
  return { document, ...original, text, chunks: plan.chunks, rows: await rowsOf(document.id, plan, embedder) };
}

/** The segments that follow one another from the first chunk, up to one that cannot be read or is of something else. */
async function rowsOf(
  documentId: string,
  { hash, chunks }: { hash: string; chunks: readonly unknown[] },
  embedder: Embedder,
): Promise<Float32Array[]> {
  const found: Float32Array[] = [];
  for (let first = 0; first < chunks.length;) {
    const path = rowsPath(documentId, first);
    const segment = await segmentOf(path).catch(() => null);
    if (!segment) break;
    const { embedder: key, plan, dim, count, rows } = segment;
    if (key !== embedderKey(embedder) || plan !== hash || dim !== embedder.dim) break;
    found.push(rows.subarray(0, (chunks.length - first) * dim));
    first += count;
  }
  return found;
}

async function segmentOf(path: string): Promise<ReturnType<typeof readRows> | null> {
  const file = await readFile(path);
  return file && readRows(new Uint8Array(await file.arrayBuffer()), path);
}
