// Documents in storage, for the data worker: each is kept whole or not at all, once a project; orphans are swept.
import { rowsPath, writeRows } from '../src/formats/rows.ts';
import { sha256Hex } from '../src/formats/sha256.ts';
import type { Chunk } from '../src/records/corpus.ts';
import { DOCUMENT_VERSION, type Document } from '../src/records/document.ts';
import type { ReadProblem } from '../src/records/reading.ts';
import type { ReadText } from '../src/retrieval/read/index.ts';
import { write } from '../src/storage/database.ts';
import {
  bytesPath,
  deleteAdapterFilesOfGone,
  deleteFiles,
  deleteFilesOfGone,
  deleteRunFilesOfGone,
  documentLock,
  embedderFolder,
  embedderLock,
} from '../src/storage/ownedFiles.ts';
import { deleteFolder, listFiles, piecesOf, writeFile } from '../src/storage/files.ts';
import { database } from './database.ts';

const STORES = ['documents', 'texts', 'chunks'] as const;

/** Chunks that came with a document, and the vectors of the first of them. */
export interface Indexed {
  hash: string;
  chunks: Chunk[];
  embedder: string;
  dim: number;
  /** [n, dim], n at most the number of chunks. */
  rows: Float32Array;
}

export interface NewDocument {
  projectId: string;
  createdAt: string;
  name: string;
  file: Blob;
  read: ReadText;
  /** Without it the document is cut when it is indexed. */
  indexed: Indexed | null;
}

/** `rows`: how many were kept with it. */
export type Kept = { document: Document; rows: number } | { problem: ReadProblem; detail: string };

class Refused extends Error {
  constructor(
    readonly problem: ReadProblem,
    readonly detail: string,
  ) {
    super(problem);
  }
}

/** Files first, then the document in one strict write: a crash between leaves files that the next start sweeps. */
export async function keepDocument(made: NewDocument, signal: AbortSignal): Promise<Kept> {
  const { projectId, file, read, indexed } = made;
  const sha256 = await sha256Hex(read.text);
  const db = await database();
  const twin = await db.getFromIndex('documents', 'byContent', [projectId, sha256]);
  if (twin && !twin.deletedAt) return { problem: 'duplicate', detail: twin.name };

  // A deletion that can still be undone holds the place of this content: the same document comes back, or makes way.
  const comesBack = twin && !indexed && twin.mediaType === read.mediaType && twin.pages === pageCount(read);
  const id = comesBack ? twin.id : crypto.randomUUID();
  const document = describe(id, sha256, made);
  const { text, markdown, pages } = read;
  return navigator.locks.request(documentLock(id), async (): Promise<Kept> => {
    try {
      await storeFile(bytesPath(id), piecesOf(file, signal), signal);
      const rows = indexed ? await storeRows(id, indexed, signal) : 0;
      await write(db, ['projects', ...STORES], async (tx) => {
        if (signal.aborted || !(await tx.objectStore('projects').get(projectId))) throw new Refused('cancelled', '');
        const there = await tx.objectStore('documents').index('byContent').get([projectId, sha256]);
        if (there && (there.id !== twin?.id || !there.deletedAt)) throw new Refused('duplicate', there.name);
        if (there && there.id !== id) await Promise.all(STORES.map((store) => tx.objectStore(store).delete(there.id)));
        await tx.objectStore('documents').put(document);
        await tx.objectStore('texts').put({ documentId: id, projectId, text, markdown, pages });
        const { hash, chunks } = indexed ?? {};
        if (hash && chunks) await tx.objectStore('chunks').put({ documentId: id, projectId, hash, chunks });
      });
      if (twin && !comesBack) await deleteFilesOfGone(db, [twin.id]);
      return { document, rows };
    } catch (error) {
      if (!comesBack) await deleteFiles(id);
      if (error instanceof Refused) return { problem: error.problem, detail: error.detail };
      throw error;
    }
  });
}

function describe(id: string, sha256: string, { projectId, name, file, read, createdAt }: NewDocument): Document {
  return {
    id,
    projectId,
    name,
    mediaType: read.mediaType,
    sha256,
    bytes: file.size,
    characters: read.text.length,
    words: countWords(read.text),
    pages: pageCount(read),
    emptyPages: read.emptyPages,
    createdAt,
    version: DOCUMENT_VERSION,
  };
}

const pageCount = ({ pages }: ReadText): number | null => pages?.length ?? null;

/** Takes back documents that have just been kept. */
export async function forgetDocuments(ids: readonly string[]): Promise<void> {
  const db = await database();
  await write(db, [...STORES], (tx) =>
    Promise.all(ids.flatMap((id) => STORES.map((store) => tx.objectStore(store).delete(id)))),
  );
  await deleteFilesOfGone(db, ids);
}

/** False in a browser without a private file system: it keeps the text alone. */
async function storeFile(
  path: string,
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await writeFile(path, bytes);
    return true;
  } catch (error) {
    if (signal.aborted) throw new Refused('cancelled', '');
    if (error instanceof Error && error.name === 'StorageFull') throw error;
    return false;
  }
}

async function storeRows(id: string, { hash, embedder, dim, rows }: Indexed, signal: AbortSignal): Promise<number> {
  if (rows.length === 0) return 0;
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield writeRows(rows, dim, { embedder, plan: hash, first: 0 });
  }
  return (await storeFile(rowsPath(id, 0), bytes(), signal)) ? rows.length / dim : 0;
}

/** Removes what a crash or a closed tab left: of documents and adapters that are not there, of embedders that are not kept. */
export async function sweepOrphans(): Promise<void> {
  const db = await database();
  const cut = await db.getAllKeys('chunks'); // first: what comes meanwhile is then no orphan
  const known = new Set(await db.getAllKeys('documents'));
  for (const id of cut) if (!known.has(id)) await db.delete('chunks', id);
  const paths = (await listFiles()).map(({ path }) => path);
  const owners = (folder: RegExp): Set<string> => new Set(paths.flatMap((path) => folder.exec(path)?.[1] ?? []));
  await deleteFilesOfGone(db, owners(/^(?:documents|rows)\/([^/]+)/), { ifAvailable: true });
  await deleteAdapterFilesOfGone(db, owners(/^adapters\/([^/]+)/), { ifAvailable: true });
  await deleteRunFilesOfGone(db, owners(/^runs\/([^/]+)/));
  for (const id of owners(/^embedders\/([^/]+)/))
    await navigator.locks.request(embedderLock(id), { ifAvailable: true }, async (lock) => {
      if (lock && (await db.getKey('embedders', id)) === undefined) await deleteFolder(embedderFolder(id));
    });
}

function countWords(text: string): number {
  const word = /\S+/g;
  let words = 0;
  while (word.test(text)) words++; // no array: a text may hold millions
  return words;
}
