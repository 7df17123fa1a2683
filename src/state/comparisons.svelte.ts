// The comparisons of the open project in the order of their arrival: added, removed with a way back, read again when another
// tab or the data worker has changed them.
import {
  COMPARISON_VERSION,
  validateTask,
  type Comparison,
  type ComparisonSource,
  type Task,
  type TaskFile,
} from '../records/comparison.ts';
import {
  addComparisons,
  byPosition,
  comparisonsKey,
  readComparisons,
  removeComparisons,
  restoreComparisons,
  scoreComparisons,
  type ComparisonsMark,
  type Removed,
  type ScoredBy,
} from '../storage/comparisons.ts';
import type { Database } from '../storage/database.ts';
import { connection } from './connection.svelte.ts';
import { sentence } from './language.svelte.ts';

export type { Removed };

export interface NewComparison {
  task: Task;
  source: ComparisonSource;
  /** Where the same may be added twice: a comparison of this id is not doubled. */
  id?: string;
}

class Comparisons {
  #projectId = '';
  /** Of the rows in memory; undefined = they have not been read. */
  #revision: string | null | undefined = undefined;
  #reading: Promise<void> = Promise.resolve();
  #loading = $state(false);
  #problem = $state('');
  #list = $state.raw<readonly Comparison[]>([]);
  #taskFiles = $state.raw<readonly TaskFile[]>([]);
  #byId = $derived(new Map(this.#list.map((comparison) => [comparison.id, comparison])));

  get list(): readonly Comparison[] {
    return this.#list;
  }
  get taskFiles(): readonly TaskFile[] {
    return this.#taskFiles;
  }
  /** Rows are being read: the list is that of before, or empty. */
  get loading(): boolean {
    return this.#loading;
  }
  /** Why the rows could not be read; '' when they could. */
  get problem(): string {
    return this.#problem;
  }
  get projectId(): string {
    return this.#projectId;
  }
  find(id: string | null): Comparison | null {
    return this.#byId.get(id ?? '') ?? null;
  }

  /** Reads nothing when nobody has changed them since. Verbs wait for it; a page need not. */
  load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId) {
      [this.#projectId, this.#revision, this.#problem] = [projectId, undefined, ''];
      [this.#list, this.#taskFiles] = [[], []];
    }
    this.#reading = this.#reading.then(() => this.#read(projectId));
    const reading = this.#reading;
    this.#reading = reading.catch(() => undefined); // told to whoever asked for it
    return reading;
  }

  /** Whatever the revision says: for what the data worker has written. */
  reload(): Promise<void> {
    this.#revision = undefined;
    return this.load(this.#projectId);
  }

  async #read(projectId: string): Promise<void> {
    if (!projectId) return;
    const db = await connection.open();
    const revision = (await this.#mark(projectId))?.revision ?? null;
    if (this.#projectId !== projectId || this.#revision === revision) return;
    this.#loading = true;
    try {
      const [rows, files] = [
        await readComparisons(db, projectId),
        await db.getAllFromIndex('taskFiles', 'byProject', projectId),
      ];
      if (this.#projectId !== projectId) return;
      [this.#list, this.#revision, this.#problem] = [rows, revision, ''];
      this.#taskFiles = files.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    } catch (error) {
      if (this.#projectId === projectId) this.#problem = sentence(error);
      throw error;
    } finally {
      this.#loading = false;
    }
  }

  async #mark(projectId: string): Promise<ComparisonsMark | undefined> {
    const mark = await (await connection.open()).get('settings', comparisonsKey(projectId));
    return mark as ComparisonsMark | undefined;
  }

  /** Behind the last one: all or none, as they are stored now. A sentence is thrown for a task that cannot be judged. */
  async add(made: readonly NewComparison[], projectId = this.#projectId): Promise<Comparison[]> {
    const createdAt = new Date().toISOString();
    const rows = made.map(({ task, source, id = crypto.randomUUID() }) => ({
      ...validateTask(task),
      id,
      projectId,
      source,
      seed: crypto.getRandomValues(new Uint32Array(1))[0] ?? 0,
      createdAt,
      version: COMPARISON_VERSION,
    }));
    const stored = await this.#writing(projectId, (db, revision) =>
      addComparisons(db, projectId, $state.snapshot(rows), null, revision),
    );
    connection.keep();
    this.#show(stored);
    return stored;
  }

  /** Gone from the disk at once, with the feedback on them, everybody's; restore() what it returns to take all of it back. */
  async remove(ids: readonly string[]): Promise<Removed> {
    const projectId = this.#projectId;
    const removed = await this.#writing(projectId, (db, revision) => removeComparisons(db, projectId, ids, revision));
    const gone = new Set(removed.comparisons.map(({ id }) => id));
    this.#list = this.#list.filter(({ id }) => !gone.has(id));
    return removed;
  }

  async restore(removed: Removed): Promise<void> {
    await this.#writing(removed.projectId, (db, revision) => restoreComparisons(db, removed, revision));
    this.#show(removed.comparisons);
  }

  /** What a reward model gives their answers; scores of another one are gone with the first that come. */
  async score(
    projectId: string,
    scores: ReadonlyMap<string, readonly (number | null)[]>,
    by: Omit<ScoredBy, 'tooLong'>,
  ): Promise<ScoredBy> {
    const { by: now, rows } = await this.#writing(projectId, (db, revision) =>
      scoreComparisons(db, projectId, scores, by, revision),
    );
    this.#show(rows);
    return now;
  }

  #show(rows: readonly Comparison[]): void {
    const own = rows.filter(({ projectId }) => projectId === this.#projectId);
    const ids = new Set(own.map(({ id }) => id));
    this.#list = [...this.#list.filter(({ id }) => !ids.has(id)), ...own].sort(byPosition);
  }

  /** What another tab did meanwhile is read with the next load(). */
  async #writing<T>(projectId: string, body: (db: Database, revision: string) => Promise<T>): Promise<T> {
    await this.#reading;
    const revision = crypto.randomUUID();
    const result = await body(await connection.open(), revision);
    const mark = await this.#mark(projectId);
    const alone = mark?.revision === revision && mark.before === this.#revision;
    if (projectId === this.#projectId && alone) this.#revision = revision;
    return result;
  }
}

export const comparisons = new Comparisons();
