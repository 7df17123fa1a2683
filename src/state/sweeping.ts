// What goes with documents and projects when they go for good: rows in every store, and files.
import { deleteAdapterFilesOfGone, deleteFilesOfGone, deleteRunFilesOfGone } from '../storage/ownedFiles.ts';
import { comparisonsKey, scoredKey } from '../storage/comparisons.ts';
import { feedbackKey, queueKey, tagsKey, undoKey } from '../storage/feedback.ts';
import { mergedKey, policyKey } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';

export const DOCUMENT_STORES = ['documents', 'texts', 'chunks'] as const;

interface Deleting {
  objectStore(store: (typeof DOCUMENT_STORES)[number]): { delete(id: string): Promise<void> };
}

/** In the one transaction that removes whatever else goes with them. */
export async function deleteDocumentRows(tx: Deleting, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.flatMap((id) => DOCUMENT_STORES.map((store) => tx.objectStore(store).delete(id))));
}

/** What was judged in a project, and what came of it; what a policy practises on, and how reward models do. */
export const JUDGED = [
  'comparisons',
  'taskFiles',
  'batches',
  'feedback',
  'actions',
  'feedbackFiles',
  'preferences',
  'preferenceEdits',
  'prompts',
  'rewardQualities',
] as const;
const BY_ID = ['comparisons', 'taskFiles', 'batches', 'feedback', 'feedbackFiles', 'rewardQualities'] as const;
const BY_PROJECT = ['actions', 'preferences', 'preferenceEdits', 'prompts'] as const;

interface DeletingById {
  objectStore(store: (typeof BY_ID)[number]): {
    index(name: 'byProject'): { getAllKeys(projectId: string): Promise<string[]> };
    delete(id: string): Promise<void>;
  };
}

interface DeletingRanges {
  objectStore(store: (typeof BY_PROJECT)[number] | 'settings'): { delete(range: IDBKeyRange): Promise<void> };
}

/** In the transaction that removes the project. */
export async function deleteJudgedRows(tx: DeletingById & DeletingRanges, projectId: string): Promise<void> {
  for (const name of BY_ID) {
    const store = tx.objectStore(name);
    await Promise.all((await store.index('byProject').getAllKeys(projectId)).map((id) => store.delete(id)));
  }
  for (const name of BY_PROJECT) await tx.objectStore(name).delete(IDBKeyRange.bound([projectId], [projectId, []]));
  const settings = tx.objectStore('settings');
  for (const key of [comparisonsKey, scoredKey, feedbackKey, queueKey, tagsKey, policyKey, mergedKey])
    await settings.delete(IDBKeyRange.only(key(projectId)));
  await settings.delete(IDBKeyRange.bound(undoKey(projectId, ''), undoKey(projectId, '\uffff')));
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
