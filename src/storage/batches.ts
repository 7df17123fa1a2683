// Batches in storage: a finished prompt leaves its comparison and its count in one write, once, whichever tab did it.
import type { Batch } from '../records/batch.ts';
import type { Comparison } from '../records/comparison.ts';
import { putComparisons } from './comparisons.ts';
import { write, type Database } from './database.ts';

/** What came of a prompt: something to judge, answers that are all alike, or none. */
export type Outcome =
  { kind: 'made'; comparison: Omit<Comparison, 'position'> } | { kind: 'alike' } | { kind: 'failed'; problem: string };

/** One broken row must not hide the others. Newest first. */
export async function readBatches(db: Database, projectId: string): Promise<Batch[]> {
  const rows = await db.getAllFromIndex('batches', 'byProject', projectId);
  const readable = rows.filter(({ prompts, contenders }) => Array.isArray(prompts) && Array.isArray(contenders));
  return readable.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** The batch as it is stored then; null when it is gone. A prompt that is done already is not done again. */
export async function finishPrompt(
  db: Database,
  batchId: string,
  index: number,
  outcome: Outcome,
): Promise<Batch | null> {
  let stored: Batch | null = null;
  await write(db, ['batches', 'comparisons', 'settings'], async (tx) => {
    const batch = await tx.objectStore('batches').get(batchId);
    if (!batch) return;
    stored = batch;
    if (batch.done !== index) return;
    const prompt = batch.prompts[index] ?? '';
    stored = {
      ...batch,
      done: index + 1,
      alike: batch.alike + (outcome.kind === 'alike' ? 1 : 0),
      failed: outcome.kind === 'failed' ? [...batch.failed, { prompt, problem: outcome.problem }] : batch.failed,
      status: index + 1 >= batch.prompts.length ? 'done' : batch.status,
    };
    await tx.objectStore('batches').put(stored);
    if (outcome.kind !== 'made') return;
    const { comparison } = outcome;
    await putComparisons(tx.objectStore('comparisons'), tx.objectStore('settings'), batch.projectId, [comparison]);
  });
  return stored;
}

/** What is done stays done: only how it stands changes. Null when it is gone. */
export async function setBatchStatus(db: Database, id: string, status: Batch['status']): Promise<Batch | null> {
  let stored: Batch | null = null;
  await write(db, ['batches'], async (tx) => {
    const batch = await tx.objectStore('batches').get(id);
    if (!batch) return;
    stored = { ...batch, status: batch.status === 'done' ? 'done' : status };
    await tx.objectStore('batches').put(stored);
  });
  return stored;
}
