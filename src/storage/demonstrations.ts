// Demonstrations in storage: an import is one range of ids, rows are read in slices, and each change leaves a revision.
import { validateDemonstration, type Demonstration } from '../records/demonstration.ts';
import type { Database } from './database.ts';

/** A slice is read in one task: a page stays quick while many come. */
const SLICE = 4000;

/** In `settings`: another value than last time = somebody has changed the rows of this project. */
export const revisionKey = (projectId: string): string => `demonstrations:${projectId}`;

/** Ids of an import follow one another as its rows do. */
export const importedId = (importId: string, index: number): string => `${importId}-${String(index).padStart(8, '0')}`;
export const importRange = (importId: string): IDBKeyRange => IDBKeyRange.bound(`${importId}-`, `${importId}-\uffff`);

/** One broken row must not hide the others. */
function readable(row: unknown): Demonstration[] {
  try {
    return [validateDemonstration(row)];
  } catch {
    return [];
  }
}

/** In the order of the table. */
export async function readDemonstrations(db: Database, projectId: string): Promise<Demonstration[]> {
  const keys = await db.getAllKeysFromIndex('demonstrations', 'byProject', projectId);
  const found: Demonstration[] = [];
  for (let from = 0; from < keys.length; from += SLICE) {
    const [first, last] = [keys[from], keys[Math.min(from + SLICE, keys.length) - 1]];
    if (first === undefined || last === undefined) break;
    const slice = await db.getAll('demonstrations', IDBKeyRange.bound(first, last));
    for (const row of slice) if (row.projectId === projectId) found.push(...readable(row));
  }
  return found.sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}
