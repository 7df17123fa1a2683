// The prompts of a project in storage: each once, in the order in which they came, in one strict write.
import { fnv1a } from '../formats/hash.ts';
import { PROMPT_VERSION, validateProjectPrompt, type ProjectPrompt } from '../records/prompt.ts';
import { write, type Database } from './database.ts';

/** Before it has its place. */
export type NewPrompt = Pick<ProjectPrompt, 'prompt' | 'answer' | 'source' | 'createdAt'>;

/** Requests under way at a time within a transaction. */
const SLICE = 1000;

const ofProject = (projectId: string): IDBKeyRange => IDBKeyRange.bound([projectId], [projectId, []]);

/** One broken row must not hide the others. */
function readable(row: unknown): ProjectPrompt[] {
  try {
    return [validateProjectPrompt(row)];
  } catch {
    return [];
  }
}

/** In the order in which they came. */
export async function readPrompts(db: Database, projectId: string): Promise<ProjectPrompt[]> {
  const rows = await db.getAll('prompts', ofProject(projectId));
  return rows.flatMap(readable).sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1));
}

/** Those that are new, with their places. One that is there already stays as it is; it takes an answer over where it has
 *  none. */
export async function addPrompts(
  db: Database,
  projectId: string,
  rows: readonly NewPrompt[],
): Promise<{ added: ProjectPrompt[]; known: number }> {
  let added: ProjectPrompt[] = [];
  await write(db, ['projects', 'prompts'], async (tx) => {
    if (!(await tx.objectStore('projects').getKey(projectId)))
      throw new Error('import: the project must be there, got one that was deleted meanwhile. Open another project.');
    const store = tx.objectStore('prompts');
    const there = new Map((await store.getAll(ofProject(projectId))).map((row) => [row.id, row]));
    let position = [...there.values()].reduce((most, row) => Math.max(most, row.position), -1);
    const fresh = new Map<string, ProjectPrompt>();
    const changed = new Map<string, ProjectPrompt>();
    for (const { prompt, answer, source, createdAt } of rows) {
      const id = fnv1a(prompt);
      const known = fresh.get(id) ?? changed.get(id) ?? there.get(id);
      if (!known)
        fresh.set(id, {
          projectId,
          id,
          prompt,
          answer,
          source,
          createdAt,
          position: ++position,
          version: PROMPT_VERSION,
        });
      else if (known.answer === null && answer !== null)
        (fresh.has(id) ? fresh : changed).set(id, { ...known, answer });
    }
    added = [...fresh.values()];
    const put = [...added, ...changed.values()];
    for (let from = 0; from < put.length; from += SLICE)
      await Promise.all(put.slice(from, from + SLICE).map((row) => store.put(row)));
  });
  return { added, known: rows.length - added.length };
}

/** What is gone already stays gone. */
export async function removePrompts(db: Database, projectId: string, ids: readonly string[]): Promise<void> {
  await write(db, ['prompts'], async (tx) => {
    for (let from = 0; from < ids.length; from += SLICE)
      await Promise.all(ids.slice(from, from + SLICE).map((id) => tx.store.delete(IDBKeyRange.only([projectId, id]))));
  });
}
