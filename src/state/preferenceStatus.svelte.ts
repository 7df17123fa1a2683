// What the frame shows of the merged preferences: how many are stored, when they were merged, and since when there is more.
import { countPreferences, readMerged } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';

interface Status {
  count: number;
  /** '' = never. */
  mergedAt: string;
  /** When the newest file of feedback came; '' = there is none. */
  filesAt: string;
}

const NONE: Status = { count: 0, mergedAt: '', filesAt: '' };

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
    const [count, merged, files] = await Promise.all([
      countPreferences(db, projectId),
      readMerged(db, projectId),
      db.getAllFromIndex('feedbackFiles', 'byProject', projectId),
    ]);
    if (projectId !== this.#projectId) return;
    const filesAt = files.reduce((newest, { addedAt }) => (addedAt > newest ? addedAt : newest), '');
    this.#now = { count, mergedAt: merged?.at ?? '', filesAt };
  }
}

export const preferenceStatus = new PreferenceStatus();
