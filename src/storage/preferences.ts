// Merged preferences in storage: a merge replaces them in one strict write, and what a person changed lies beside them.
import type { MergePolicy, Preference, PreferenceEdit } from '../records/preference.ts';
import { write, type Database } from './database.ts';

/** Read in one task, or requests under way at a time within a transaction. */
const SLICE = 1000;

/** In `settings`: how a person wants them merged. */
export const policyKey = (projectId: string): string => `merge:${projectId}`;
/** In `settings`: how and when those that are stored were merged (`Merged`). */
export const mergedKey = (projectId: string): string => `merged:${projectId}`;

export interface Merged {
  /** UTC, ISO 8601. */
  at: string;
  policy: MergePolicy;
  /** Another value than last time = they were merged again. */
  revision: string;
}

export interface StoredPreferences {
  /** By time, then id. */
  preferences: Preference[];
  merged: Merged | null;
}

const ofProject = (projectId: string): IDBKeyRange => IDBKeyRange.bound([projectId], [projectId, []]);

export const preferenceOrder = (a: Preference, b: Preference): number =>
  a.timestamp === b.timestamp ? (a.id < b.id ? -1 : 1) : a.timestamp < b.timestamp ? -1 : 1;

export async function readMerged(db: Database, projectId: string): Promise<Merged | null> {
  return ((await db.get('settings', mergedKey(projectId))) as Merged | undefined) ?? null;
}

export const countPreferences = (db: Database, projectId: string): Promise<number> =>
  db.count('preferences', ofProject(projectId));

/** One state of them, whatever is merged meanwhile. */
export async function readPreferences(db: Database, projectId: string): Promise<StoredPreferences> {
  const tx = db.transaction(['preferences', 'settings']);
  const merged = ((await tx.objectStore('settings').get(mergedKey(projectId))) as Merged | undefined) ?? null;
  const preferences: Preference[] = [];
  const store = tx.objectStore('preferences');
  let range = ofProject(projectId);
  for (;;) {
    const slice = await store.getAll(range, SLICE);
    preferences.push(...slice);
    const last = slice.at(-1);
    if (!last || slice.length < SLICE) break;
    range = IDBKeyRange.bound([projectId, last.id], [projectId, []], true);
  }
  return { preferences: preferences.sort(preferenceOrder), merged };
}

export const readPreferenceEdits = (db: Database, projectId: string): Promise<PreferenceEdit[]> =>
  db.getAll('preferenceEdits', ofProject(projectId));

/** What is gone goes, what is new or different comes: all of it or nothing. */
export async function replacePreferences(
  db: Database,
  projectId: string,
  rows: readonly Preference[],
  { at, policy }: Pick<Merged, 'at' | 'policy'>,
): Promise<Merged> {
  const merged: Merged = { at, policy, revision: crypto.randomUUID() };
  await write(db, ['projects', 'preferences', 'settings'], async (tx) => {
    if (!(await tx.objectStore('projects').getKey(projectId)))
      throw new Error('merge: the project must be there, got one that was deleted meanwhile. Open another project.');
    const store = tx.objectStore('preferences');
    const next = new Map(rows.map((row) => [row.id, row]));
    const gone: [string, string][] = [];
    let range = ofProject(projectId);
    for (;;) {
      const slice = await store.getAll(range, SLICE);
      for (const row of slice) {
        const now = next.get(row.id);
        if (!now) gone.push([projectId, row.id]);
        else if (same(row, now)) next.delete(row.id);
      }
      const last = slice.at(-1);
      if (!last || slice.length < SLICE) break;
      range = IDBKeyRange.bound([projectId, last.id], [projectId, []], true);
    }
    await inSlices(gone, (key) => store.delete(key));
    await inSlices([...next.values()], (row) => store.put(row));
    await tx.objectStore('settings').put(merged, mergedKey(projectId));
  });
  return merged;
}

/** A request that cannot even be made fails with the others of its slice: none is left unheard. */
async function inSlices<T>(items: readonly T[], request: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += SLICE)
    await Promise.all(items.slice(from, from + SLICE).map(async (item) => request(item)));
}

const same = (a: Preference, b: Preference): boolean => JSON.stringify(a) === JSON.stringify(b);
