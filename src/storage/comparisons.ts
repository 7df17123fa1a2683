// Comparisons in storage: read in slices; every change leaves a revision; they leave together with their feedback.
import { validateComparison, type Comparison, type TaskFile } from '../records/comparison.ts';
import type { Feedback } from '../records/feedback.ts';
import { write, type Database } from './database.ts';
import { feedbackKey, type FeedbackMark } from './feedback.ts';

/** A slice is read in one task: a page stays quick while many come. */
const SLICE = 1000;

/** In `settings`: another value than last time = somebody has changed the comparisons of this project. */
export const comparisonsKey = (projectId: string): string => `comparisons:${projectId}`;

/** In `settings`: which reward model scored the answers of this project (`ScoredBy`). */
export const scoredKey = (projectId: string): string => `scored:${projectId}`;

export interface ScoredBy {
  /** Of the reward model; it may be gone. */
  adapterId: string;
  /** As it was called then. */
  name: string;
  /** Of the last score. UTC, ISO 8601. */
  at: string;
  /** Comparisons with an answer that is too long for it. */
  tooLong: string[];
}

/** What goes with comparisons, so that it can come back with them. */
export interface Removed {
  projectId: string;
  comparisons: Comparison[];
  /** Everybody's. */
  feedback: Feedback[];
}

export const byPosition = (a: Comparison, b: Comparison): number => a.position - b.position || (a.id < b.id ? -1 : 1);

/** One broken row must not hide the others. */
function readable(row: unknown): Comparison[] {
  try {
    return [validateComparison(row)];
  } catch {
    return [];
  }
}

/** In the order of arrival. */
export async function readComparisons(db: Database, projectId: string): Promise<Comparison[]> {
  const keys = await db.getAllKeysFromIndex('comparisons', 'byProject', projectId);
  const found: Comparison[] = [];
  for (let from = 0; from < keys.length; from += SLICE) {
    const [first, last] = [keys[from], keys[Math.min(from + SLICE, keys.length) - 1]];
    if (first === undefined || last === undefined) break;
    const slice = await db.getAll('comparisons', IDBKeyRange.bound(first, last));
    for (const row of slice) if (row.projectId === projectId) found.push(...readable(row));
  }
  return found.sort(byPosition);
}

/** Behind the last one, with the file that they came from. Those whose id is there already stay as they are. Returned are
 *  all, as they are stored now. */
export async function addComparisons(
  db: Database,
  projectId: string,
  made: readonly Omit<Comparison, 'position'>[],
  taskFile: TaskFile | null = null,
  revision: string = crypto.randomUUID(),
): Promise<Comparison[]> {
  let stored: Comparison[] = [];
  await write(db, ['comparisons', 'taskFiles', 'settings'], async (tx) => {
    stored = await putComparisons(tx.objectStore('comparisons'), tx.objectStore('settings'), projectId, made, revision);
    if (taskFile) await tx.objectStore('taskFiles').put(taskFile);
  });
  return stored;
}

interface Rows {
  get(id: string): Promise<Comparison | undefined>;
  put(row: Comparison): Promise<unknown>;
}

/** The same within a write that keeps more than comparisons. */
export async function putComparisons(
  store: Rows,
  settings: Settings,
  projectId: string,
  made: readonly Omit<Comparison, 'position'>[],
  revision: string = crypto.randomUUID(),
): Promise<Comparison[]> {
  const stored: Comparison[] = [];
  let position = (await markOf(settings, projectId))?.next ?? 0;
  for (const comparison of made) {
    const there = await store.get(comparison.id);
    const row = there ?? { ...comparison, position: position++ };
    if (!there) await store.put(row);
    stored.push(row);
  }
  await leave(settings, projectId, revision, position);
  return stored;
}

/** Under `comparisonsKey`. */
export interface ComparisonsMark {
  revision: string;
  /** The revision that this one followed; null at first. */
  before: string | null;
  /** Position of the next one: places are never given twice. */
  next: number;
}

interface Settings {
  get(key: string): Promise<unknown>;
  put(value: unknown, key: string): Promise<unknown>;
}

const markOf = async (settings: Pick<Settings, 'get'>, projectId: string): Promise<ComparisonsMark | undefined> =>
  (await settings.get(comparisonsKey(projectId))) as ComparisonsMark | undefined;

async function leave(settings: Settings, projectId: string, revision: string, next: number): Promise<void> {
  const before = (await markOf(settings, projectId))?.revision ?? null;
  await settings.put({ revision, before, next } satisfies ComparisonsMark, comparisonsKey(projectId));
}

/** Of each comparison the scores of its answers, in their order; those of another model go, for they have another scale.
 *  Returned are the rows that changed. */
export async function scoreComparisons(
  db: Database,
  projectId: string,
  scores: ReadonlyMap<string, readonly (number | null)[]>,
  by: Omit<ScoredBy, 'tooLong'>,
  revision: string = crypto.randomUUID(),
): Promise<{ by: ScoredBy; rows: Comparison[] }> {
  const now: ScoredBy = { ...by, tooLong: [] };
  const rows: Comparison[] = [];
  await write(db, ['comparisons', 'settings'], async (tx) => {
    const [store, settings] = [tx.objectStore('comparisons'), tx.objectStore('settings')];
    const before = (await settings.get(scoredKey(projectId))) as ScoredBy | undefined;
    const same = before?.adapterId === by.adapterId;
    const ids = same ? [...scores.keys()] : await store.index('byProject').getAllKeys(projectId);
    for (const id of ids) {
      const row = await store.get(id);
      if (!row || row.projectId !== projectId) continue;
      const given = scores.get(id) ?? [];
      const responses = row.responses.map((response, i) => ({ ...response, score: given[i] ?? null }));
      rows.push({ ...row, responses });
      await store.put({ ...row, responses });
    }
    const long = [...scores].filter(([, given]) => given.includes(null)).map(([id]) => id);
    const known = same ? before.tooLong.filter((id) => !scores.has(id)) : [];
    now.tooLong = [...known, ...long];
    await settings.put(now, scoredKey(projectId));
    await leave(settings, projectId, revision, (await markOf(settings, projectId))?.next ?? 0);
  });
  return { by: now, rows };
}

/** Gone from the disk at once, with everything that was made of them; restoreComparisons() takes it back. */
export async function removeComparisons(
  db: Database,
  projectId: string,
  ids: readonly string[],
  revision: string = crypto.randomUUID(),
): Promise<Removed> {
  const removed: Removed = { projectId, comparisons: [], feedback: [] };
  await write(db, ['comparisons', 'feedback', 'settings'], async (tx) => {
    const [store, feedback] = [tx.objectStore('comparisons'), tx.objectStore('feedback')];
    for (const id of ids) {
      const row = await store.get(id);
      if (!row || row.projectId !== projectId) continue;
      const range = IDBKeyRange.bound(`${id}/`, `${id}/\uffff`);
      removed.comparisons.push(row);
      removed.feedback.push(...(await feedback.getAll(range)));
      await feedback.delete(range);
      await store.delete(id);
    }
    await mark(tx.objectStore('settings'), removed, revision);
  });
  return removed;
}

/** To the places that they had; what was made of them meanwhile is not overwritten. */
export async function restoreComparisons(
  db: Database,
  removed: Removed,
  revision: string = crypto.randomUUID(),
): Promise<void> {
  await write(db, ['comparisons', 'feedback', 'settings'], async (tx) => {
    const [store, feedback] = [tx.objectStore('comparisons'), tx.objectStore('feedback')];
    for (const row of removed.comparisons) await store.put(row);
    for (const row of removed.feedback) if (!(await feedback.getKey(row.id))) await feedback.put(row);
    await mark(tx.objectStore('settings'), removed, revision);
  });
}

async function mark(settings: Settings, { projectId, feedback }: Removed, revision: string): Promise<void> {
  await leave(settings, projectId, revision, (await markOf(settings, projectId))?.next ?? 0);
  if (feedback.length === 0) return;
  const last = (await settings.get(feedbackKey(projectId))) as FeedbackMark | undefined;
  const next: FeedbackMark = { revision: (last?.revision ?? 0) + 1, at: new Date().toISOString() };
  await settings.put(next, feedbackKey(projectId));
}
