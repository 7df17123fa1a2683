// What goes with documents and projects when they go for good: rows in every store, and files.
import { deleteAdapterFilesOfGone, deleteFilesOfGone, deleteRunFilesOfGone } from '../storage/ownedFiles.ts';
import { connection } from './connection.svelte.ts';

export const DOCUMENT_STORES = ['documents', 'texts', 'chunks'] as const;

interface Deleting {
  objectStore(store: (typeof DOCUMENT_STORES)[number]): { delete(id: string): Promise<void> };
}

/** In the one transaction that removes whatever else goes with them. */
export async function deleteDocumentRows(tx: Deleting, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.flatMap((id) => DOCUMENT_STORES.map((store) => tx.objectStore(store).delete(id))));
}

/** After the rows: what a closed tab leaves here belongs to no document, and the data worker sweeps it. */
export async function deleteDocumentFiles(ids: readonly string[]): Promise<void> {
  await deleteFilesOfGone(await connection.open(), ids);
}

/** After the rows of a project's runs and adapters. */
export async function deleteLearnedFiles(runIds: readonly string[], adapterIds: readonly string[]): Promise<void> {
  const db = await connection.open();
  await deleteRunFilesOfGone(db, runIds);
  await deleteAdapterFilesOfGone(db, adapterIds);
}
