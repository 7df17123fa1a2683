// What the frame shows of the merged preferences: how many are stored, when they were merged, and since when there is more.
import { countPreferences, policyKey, readMerged, type Merged } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';
import { chosenOf, samePolicy } from './mergeChoices.ts';

interface Status {
  count: number;
  /** '' = never. */
  mergedAt: string;
  /** When the newest file of feedback came, or one of those that were merged went; '' = neither. */
  filesAt: string;
  /** What is stored was merged under another policy than the one that now stands. */
  otherPolicy: boolean;
}

const NONE: Status = { count: 0, mergedAt: '', filesAt: '', otherPolicy: false };

/** Of what is merged: files came or went since. The next merge writes the record anew. */
export type MergedSince = Merged & { filesAt?: string };
export const filesChanged = (merged: Merged): MergedSince => ({ ...merged, filesAt: new Date().toISOString() });

class PreferenceStatus {
  #projectId = '';
  #now = $state.raw(NONE);

  get now(): Status {
    return this.#now;
  }

  /** Of the open project: after every merge, and when its files have changed. */
  async load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId) [this.#projectId, this.#now] = [projectId, NONE];
    if (!projectId) return;
    const db = await connection.open();
    const [count, merged, chosen, files] = await Promise.all([
      countPreferences(db, projectId),
      readMerged(db, projectId) as Promise<MergedSince | null>,
      db.get('settings', policyKey(projectId)),
      db.getAllFromIndex('feedbackFiles', 'byProject', projectId),
    ]);
    if (projectId !== this.#projectId) return;
    const filesAt = files.reduce((newest, { addedAt }) => (addedAt > newest ? addedAt : newest), merged?.filesAt ?? '');
    const otherPolicy = merged !== null && !samePolicy(merged.policy, chosenOf(chosen).policy);
    this.#now = { count, mergedAt: merged?.at ?? '', filesAt, otherPolicy };
  }
}

export const preferenceStatus = new PreferenceStatus();
