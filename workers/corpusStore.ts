// The corpus' storage in the browser: plans and embedders in the database, rows and brought models in files.
import {
  readRows,
  readRowsHeader,
  ROWS_HEADER_BYTES,
  rowsFirst,
  rowsFolder,
  rowsPath,
  writeRows,
} from '../src/formats/rows.ts';
import { USE_LITE, type Embedder } from '../src/records/embedder.ts';
import type { CorpusStore, Segment } from '../src/retrieval/corpusStore.ts';
import type { EmbedderFiles } from '../src/retrieval/embed.ts';
import { write } from '../src/storage/database.ts';
import { deleteFile, deleteFolder, listFolder, piecesOf, readFile, writeFile } from '../src/storage/files.ts';
import { embedderFolder, embedderLock } from '../src/storage/ownedFiles.ts';
import { database } from './database.ts';

async function* whole(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield bytes;
}

/** A file of the site; null where there is none. */
async function fetchBytes(url: URL, onBytes?: (loaded: number) => void): Promise<Uint8Array<ArrayBuffer> | null> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new Error(`embedder: ${url} must be in reach, got no answer. Check the connection, then try again.`, {
      cause: error,
    });
  });
  if (response.status === 404) return null;
  if (!response.ok || !response.body)
    throw new Error(
      `embedder: ${url.host} must serve ${url.pathname}, got status ${response.status}. Try again later.`,
    );
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    onBytes?.((loaded += next.value.length));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Its header; null for a file that holds no rows of ours, which the next indexing removes. */
async function segmentOf(documentId: string, first: number): Promise<Segment | null> {
  const path = rowsPath(documentId, first);
  const file = await readFile(path);
  if (!file) return null;
  try {
    const header = readRowsHeader(new Uint8Array(await file.slice(0, ROWS_HEADER_BYTES).arrayBuffer()), path);
    if (header.first === first && header.bytes === file.size) return header;
  } catch {
    // not ours, or broken: it stands for nothing
  }
  return { first, count: 0, embedder: '', plan: '' };
}

export const corpusStore: CorpusStore = {
  async documents(projectId) {
    const all = await (await database()).getAllFromIndex('documents', 'byProject', projectId);
    const key = ({ createdAt, name, id }: (typeof all)[number]): string => JSON.stringify([createdAt, name, id]);
    return all.filter(({ deletedAt }) => deletedAt === undefined).sort((a, b) => (key(a) < key(b) ? -1 : 1));
  },
  async document(documentId) {
    return (await (await database()).get('documents', documentId)) ?? null;
  },
  async text(documentId) {
    return (await (await database()).get('texts', documentId)) ?? null;
  },
  async plan(documentId) {
    return (await (await database()).get('chunks', documentId)) ?? null;
  },
  async putPlan(plan) {
    await write(await database(), ['documents', 'chunks'], async (tx) => {
      if (await tx.objectStore('documents').get(plan.documentId)) await tx.objectStore('chunks').put(plan);
    });
  },

  async embedder(id) {
    return id === USE_LITE.id ? USE_LITE : ((await (await database()).get('embedders', id)) ?? null);
  },
  embedderFiles({ id, url }: Embedder, siteUrl): EmbedderFiles {
    if (url !== null) return { read: (path, onBytes) => fetchBytes(new URL(url + path, siteUrl), onBytes) };
    return {
      async read(path, onBytes) {
        const bytes = await (await readFile(`${embedderFolder(id)}/${path}`))?.arrayBuffer();
        if (bytes) onBytes?.(bytes.byteLength);
        return bytes ? new Uint8Array(bytes) : null;
      },
    };
  },
  /** Files first: a record always stands for a whole folder. */
  putEmbedder: (embedder, files) =>
    navigator.locks.request(embedderLock(embedder.id), async () => {
      const folder = embedderFolder(embedder.id);
      const known = await (await database()).get('embedders', embedder.id);
      try {
        for (const { path, file } of files)
          if (!known || !(await readFile(`${folder}/${path}`))) await writeFile(`${folder}/${path}`, piecesOf(file));
        if (!known) await write(await database(), ['embedders'], (tx) => tx.objectStore('embedders').put(embedder));
      } catch (error) {
        if (!known) await deleteFolder(folder).catch(() => undefined);
        throw error;
      }
      return known ?? embedder;
    }),
  async removeEmbedder(id) {
    await write(await database(), ['embedders'], (tx) => tx.objectStore('embedders').delete(id));
    await deleteFolder(embedderFolder(id));
  },

  async segments(documentId) {
    const firsts = (await listFolder(rowsFolder(documentId))).map(rowsFirst).filter((first) => first !== null);
    const found = await Promise.all(firsts.map((first) => segmentOf(documentId, first)));
    return found.filter((segment) => segment !== null);
  },
  async rows(documentId, first) {
    const path = rowsPath(documentId, first);
    const file = await readFile(path);
    return file ? readRows(new Uint8Array(await file.arrayBuffer()), path) : null;
  },
  async putRows(documentId, rows, dim, origin) {
    await writeFile(rowsPath(documentId, origin.first), whole(writeRows(rows, dim, origin)));
  },
  async dropRows(documentId, first) {
    await (first === undefined ? deleteFolder(rowsFolder(documentId)) : deleteFile(rowsPath(documentId, first)));
  },

  alone: (signal, work) => navigator.locks.request('atelier-indexing', { signal }, work),
};
