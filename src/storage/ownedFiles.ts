// What documents, embedders and adapters have outside of the database, and the locks under which it comes and goes.
import { rowsFolder } from '../formats/rows.ts';
import { adapterFolder } from '../records/adapter.ts';
import { runFolder } from '../records/run.ts';
import type { Database } from './database.ts';
import { deleteFile, deleteFolder } from './files.ts';

export const embedderFolder = (id: string): string => `embedders/${id}`;
/** Held while an embedder comes into being: its files are there before its record. */
export const embedderLock = (id: string): string => `atelier-embedder:${id}`;

export const bytesPath = (documentId: string): string => `documents/${documentId}`;

/** Held while a document comes into being or back, so that nobody takes its files for those of one that is gone. */
export const documentLock = (documentId: string): string => `atelier-document:${documentId}`;

/** What cannot be removed now belongs to no document, and the next sweep finds it. Call under the document's lock. */
export async function deleteFiles(documentId: string): Promise<void> {
  const inUse = (): void => undefined; // or there is no private file system here
  await deleteFile(bytesPath(documentId)).catch(inUse);
  await deleteFolder(rowsFolder(documentId)).catch(inUse);
}

/** After the rows of the database have gone; a document that is there again meanwhile keeps its files. */
export async function deleteFilesOfGone(
  db: Database,
  documentIds: Iterable<string>,
  { ifAvailable = false }: { ifAvailable?: boolean } = {},
): Promise<void> {
  for (const id of documentIds)
    await navigator.locks.request(documentLock(id), { ifAvailable }, async (lock) => {
      if (lock && (await db.getKey('documents', id)) === undefined) await deleteFiles(id);
    });
}

/** Held while an adapter comes into being: its file is there before its record. */
export const adapterLock = (id: string): string => `atelier-adapter:${id}`;

/** After their records have gone; one that is there keeps its file. */
export async function deleteAdapterFilesOfGone(
  db: Database,
  ids: Iterable<string>,
  { ifAvailable = false }: { ifAvailable?: boolean } = {},
): Promise<void> {
  const inUse = (): void => undefined; // it belongs to no adapter, and the next sweep finds it
  for (const id of ids)
    await navigator.locks.request(adapterLock(id), { ifAvailable }, async (lock) => {
      if (lock && (await db.getKey('adapters', id)) === undefined) await deleteFolder(adapterFolder(id)).catch(inUse);
    });
}

/** Held by the worker that trains a run: its checkpoint comes and goes. */
export const runLock = (id: string): string => `atelier-run:${id}`;

/** After their records have gone; what is still being trained is left to the next sweep. */
export async function deleteRunFilesOfGone(db: Database, ids: Iterable<string>): Promise<void> {
  const inUse = (): void => undefined;
  for (const id of ids)
    await navigator.locks.request(runLock(id), { ifAvailable: true }, async (lock) => {
      if (lock && (await db.getKey('runs', id)) === undefined) await deleteFolder(runFolder(id)).catch(inUse);
    });
}
