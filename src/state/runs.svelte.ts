// The runs of the open project: read, shown, renamed, deleted with a way back. Training itself: training.svelte.ts.
import { runFolder, validateRun, type Run, type RunEvent, type RunKind, type RunStatus } from '../records/run.ts';
import { deleteFolder } from '../storage/files.ts';
import { runLock } from '../storage/ownedFiles.ts';
import { connection } from './connection.svelte.ts';

/** As a person sees it: `elsewhere` = another tab trains it; `ready` = made, and its first step not yet begun. */
export type ShownStatus = RunStatus | 'elsewhere' | 'ready';

/** Every event of a run, in its order. */
const allOf = (runId: string): IDBKeyRange => IDBKeyRange.bound([runId, 0], [runId, Infinity]);

class Runs {
  #projectId = '';
  #all = $state.raw<Run[]>([]);
  /** Being deleted while it can still be undone. */
  #hidden = $state.raw<ReadonlySet<string>>(new Set());
  /** Trained by a worker of this browser, whichever tab it belongs to. */
  #held = $state.raw<ReadonlySet<string>>(new Set());
  #list = $derived(this.#all.filter((run) => !this.#hidden.has(run.id)));
  /** Trained by this tab: kept up to date by the training. */
  #own = $state.raw<string | null>(null);
  /** Deleted for good: a late word of their training does not bring them back. */
  readonly #gone = new Set<string>();

  /** Newest first. */
  get list(): readonly Run[] {
    return this.#list;
  }

  /** Newest first. */
  of<K extends RunKind>(kind: K): readonly Extract<Run, { kind: K }>[] {
    return this.#list.filter((run): run is Extract<Run, { kind: K }> => run.kind === kind);
  }

  find(id: string | null): Run | null {
    return this.#list.find((run) => run.id === id) ?? null;
  }

  async load(projectId: string): Promise<void> {
    this.#projectId = projectId;
    const rows = projectId ? await (await connection.open()).getAllFromIndex('runs', 'byProject', projectId) : [];
    const held = await heldLocks();
    if (this.#projectId !== projectId) return; // the person has switched meanwhile
    const readable = rows.flatMap((row) => {
      try {
        return [validateRun(row)];
      } catch {
        return []; // one broken row must not hide the others
      }
    });
    this.#held = held;
    this.#all = readable.sort(byAge);
  }

  /** "running" in the store says that it was when the tab was last heard of: the lock says whether it still is. */
  statusOf({ id, status, step }: Run): ShownStatus {
    if (this.#own === id) return 'running';
    if (status === 'running') return this.#held.has(runLock(id)) ? 'elsewhere' : 'paused';
    return status === 'paused' && step === 0 ? 'ready' : status;
  }

  /** By this tab or another. */
  isTraining(run: Run): boolean {
    return ['running', 'elsewhere'].includes(this.statusOf(run));
  }

  /** Whether training may begin or go on here and now. */
  canResume(run: Run): boolean {
    const status = this.statusOf(run);
    return status === 'ready' || status === 'paused' || status === 'failed';
  }

  /** As stored now, with a new look at who trains it; null when it has been deleted, here or in another tab. */
  async read(id: string): Promise<Run | null> {
    const row = await (await connection.open()).get('runs', id);
    this.#held = await heldLocks();
    if (row) return validateRun(row);
    this.#forget(id);
    return null;
  }

  async events(id: string): Promise<RunEvent[]> {
    return (await connection.open()).getAll('runEvents', allOf(id));
  }

  async add(run: Run): Promise<void> {
    await connection.write(['runs'], (tx) => tx.objectStore('runs').put(run));
    this.show(run);
  }

  async rename(id: string, name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed === '') return;
    await connection.write(['runs'], async (tx) => {
      const run = await tx.objectStore('runs').get(id);
      if (run) await tx.objectStore('runs').put({ ...run, name: trimmed });
    });
    const run = this.#all.find((one) => one.id === id);
    if (run) this.show({ ...run, name: trimmed });
  }

  /** What the worker tells, or what was just stored. */
  show(run: Run): void {
    if (run.projectId !== this.#projectId || this.#gone.has(run.id)) return;
    this.#all = [...this.#all.filter((other) => other.id !== run.id), run].sort(byAge);
  }

  get ownId(): string | null {
    return this.#own;
  }

  own(id: string | null): void {
    this.#own = id;
  }

  /** Hidden until sweep() makes it final or restore() takes it back; a tab closed meanwhile leaves it as it was. */
  hide(id: string): void {
    this.#hidden = new Set([...this.#hidden, id]);
  }

  restore(id: string): void {
    this.#hidden = new Set([...this.#hidden].filter((other) => other !== id));
  }

  /** The run, its log and its checkpoint go for good; its adapter is a thing of its own and stays. */
  async sweep(id: string): Promise<void> {
    await connection.write(['runs', 'runEvents'], (tx) =>
      Promise.all([tx.objectStore('runs').delete(id), tx.objectStore('runEvents').delete(allOf(id))]),
    );
    this.#forget(id);
    await deleteFolder(runFolder(id));
  }

  #forget(id: string): void {
    this.#gone.add(id);
    this.#all = this.#all.filter((run) => run.id !== id);
  }
}

const byAge = (a: Run, b: Run): number => (a.createdAt < b.createdAt ? 1 : -1);

async function heldLocks(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => name ?? []));
}

export const runs = new Runs();
