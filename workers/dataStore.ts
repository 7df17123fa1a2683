// Documents in storage, for the data worker: each is kept whole or not at all, once a project; orphans are swept.
import { DOCUMENT_VERSION, type Document } from '../src/records/document.ts';
import type { ReadProblem } from '../src/records/reading.ts';
import type { ReadText } from '../src/retrieval/read/index.ts';
import { openDatabase, write, type Database } from '../src/storage/database.ts';
import { deleteFile, deleteFolder, listFiles, writeFile } from '../src/storage/files.ts';
import type { Imported } from './api.ts';

export const bytesPath = (documentId: string): string => `documents/${documentId}`;

let opening: Promise<Database> | null = null;

/** One connection for all calls; once it had to close for another tab, the next use opens a new one. */
export function database(): Promise<Database> {
  const forget = (): void => {
    opening = null;
  };
  opening ??= openDatabase({ onOutdated: forget, onErased: forget, onLost: forget }).catch((error: unknown) => {
    forget();
    throw error;
  });
  return opening;
}

/** Held while a document comes into being, so that a sweep elsewhere can tell it from an orphan. */
const lockName = (documentId: string): string => `atelier-document:${documentId}`;

class Refused extends Error {
  constructor(
    readonly problem: ReadProblem,
    readonly detail: string,
  ) {
    super(problem);
  }
}

export interface NewDocument {
  projectId: string;
  createdAt: string;
  name: string;
  file: Blob;
  read: ReadText;
}

/** Bytes first, then text and document in one strict write: a crash between leaves bytes that the next start sweeps. */
export async function keepDocument(made: NewDocument, signal: AbortSignal): Promise<Imported> {
  const { projectId, createdAt, name, file, read } = made;
  const sha256 = await hash(read.text);
  const db = await database();
  const twin = await db.getFromIndex('documents', 'byContent', [projectId, sha256]);
  if (twin && !twin.deletedAt) return { problem: 'duplicate', detail: twin.name };

  // A deleted twin still holds the place of this content: the document comes back under its id.
  const id = twin?.id ?? crypto.randomUUID();
  const document: Document = {
    id,
    projectId,
    name,
    mediaType: read.mediaType,
    sha256,
    bytes: file.size,
    characters: read.text.length,
    words: countWords(read.text),
    pages: read.pages?.length ?? null,
    emptyPages: read.emptyPages,
    createdAt,
    version: DOCUMENT_VERSION,
  };
  const { text, markdown, pages } = read;
  return navigator.locks.request(lockName(id), async (): Promise<Imported> => {
    try {
      await storeBytes(id, file, signal);
      await write(db, ['projects', 'documents', 'texts', 'chunks'], async (tx) => {
        if (signal.aborted || !(await tx.objectStore('projects').get(projectId))) throw new Refused('cancelled', '');
        const there = await tx.objectStore('documents').index('byContent').get([projectId, sha256]);
        if (there && (there.id !== id || !there.deletedAt)) throw new Refused('duplicate', there.name);
        await Promise.all([
          tx.objectStore('documents').put(document),
          tx.objectStore('texts').put({ documentId: id, projectId, text, markdown, pages }),
          tx.objectStore('chunks').delete(id), // of the twin: its pages may have been others
        ]);
      });
      return { document };
    } catch (error) {
      if (!twin) await deleteFile(bytesPath(id)).catch(() => undefined); // else the next sweep finds them
      if (error instanceof Refused) return { problem: error.problem, detail: error.detail };
      throw error;
    }
  });
}

/** Browsers without a private file system keep the text alone. */
async function storeBytes(id: string, file: Blob, signal: AbortSignal): Promise<void> {
  try {
    await writeFile(bytesPath(id), pieces(file, signal));
  } catch (error) {
    if (signal.aborted) throw new Refused('cancelled', '');
    if (error instanceof Error && error.name === 'StorageFull') throw error;
  }
}

async function* pieces(file: Blob, signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const PIECE = 4_000_000;
  for (let at = 0; at < file.size; at += PIECE) {
    signal.throwIfAborted();
    yield new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer());
  }
}

/** Removes the bytes, rows and chunks of documents that are not there: what a crash or a closed tab left. */
export async function sweepOrphans(): Promise<void> {
  const db = await database();
  const known = new Set(await db.getAllKeys('documents'));
  for (const id of await db.getAllKeys('chunks')) if (!known.has(id)) await db.delete('chunks', id);
  const ids = new Set((await listFiles()).flatMap(({ path }) => /^(?:documents|rows)\/([^/]+)/.exec(path)?.[1] ?? []));
  for (const id of ids)
    await navigator.locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
      if (!lock || (await db.getKey('documents', id)) !== undefined) return;
      await deleteFile(bytesPath(id));
      await deleteFolder(`rows/${id}`);
    });
}

function countWords(text: string): number {
  const word = /\S+/g;
  let words = 0;
  while (word.test(text)) words++; // no array: a text may hold millions
  return words;
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
