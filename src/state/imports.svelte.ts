// Files on their way to becoming documents: one at a time, each with its progress and end; a bad one stops no other.
import type { Imported, DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import type { Document } from '../records/document.ts';
import type { ReadProblem, ReadProgress } from '../records/reading.ts';
import { connection } from './connection.svelte.ts';
import { work } from './work.ts';

export interface ImportItem {
  id: string;
  projectId: string;
  name: string;
  bytes: number;
  state: 'waiting' | 'reading' | 'done' | 'problem';
  /** Null until the reader knows. */
  progress: ReadProgress | null;
  /** Null while it cannot be told. */
  secondsLeft: number | null;
  problem: ReadProblem | null;
  detail: string;
  documentId: string | null;
}

export interface Rejected {
  name: string;
  problem: ReadProblem;
  /** See ReadProblem. */
  detail: string;
}

/** What came of the files that were added together. */
export interface Added {
  added: Document[];
  rejected: Rejected[];
  /** Names of files among many that no reader is for: a dropped folder holds more than documents. */
  skipped: string[];
}

export interface AddOptions {
  /** Instead of the file's own name. */
  name?: string;
  /** Kept out of the list: a pasted text, the demo's files. */
  quiet?: boolean;
}

interface Job extends AddOptions {
  item: ImportItem;
  file: File;
  settle: (outcome: Imported | Error) => void;
}

/** From so many files on, those of unknown types are counted rather than told one by one. */
const MANY = 4;
/** A reader that does not notice that it is cancelled is ended with its worker. */
const CANCEL_MS = 3000;
/** Time left is guessed no sooner. */
const GUESS_AFTER_MS = 2000;

/** Without any progress for so many ticks the worker is ended. Ticks and not hours: a sleeping laptop has none. */
export interface Patience {
  ticks: number;
  tickMs: number;
}

export class Imports {
  #data: Connection<DataApi>;
  #patience: Patience;
  #items = $state.raw<ImportItem[]>([]);
  #queue: Job[] = [];
  #running = false;
  /** Why the worker of the job that is read now was ended; null while it was not. */
  #endedBy: ReadProblem | null = null;
  #listeners = new Set<(document: Document) => void>();
  #lastCreated = '';

  constructor(data: Connection<DataApi>, patience: Patience = { ticks: 12, tickMs: 5000 }) {
    this.#data = data;
    this.#patience = patience;
  }

  /** In the order of adding; those that ended stay until they are cleared. */
  get items(): readonly ImportItem[] {
    return this.#items;
  }

  /** Called for every document that has just been kept, whatever its project. */
  onDocument(listener: (document: Document) => void): void {
    this.#listeners.add(listener);
  }

  /** The order of adding is the order for ever: what comes is later than what is there, whatever the clock says. */
  startAfter(createdAt: string): void {
    if (createdAt > this.#lastCreated) this.#lastCreated = createdAt;
  }

  /** Resolves when all of these have ended; rejects then if the browser could not keep some of them. */
  async add(files: readonly File[], projectId: string, options: AddOptions = {}): Promise<Added> {
    const items = files.map((file) => waiting(file, projectId, options.name ?? file.name));
    if (!options.quiet) this.#items = [...this.#items, ...items];
    const ends = files.map((file, i) => {
      const item = items[i] as ImportItem;
      return new Promise<{ name: string; outcome: Imported | Error }>((resolve) => {
        this.#queue.push({ ...options, item, file, settle: (outcome) => resolve({ name: item.name, outcome }) });
      });
    });
    void work.during(() => this.#run());
    const result: Added = { added: [], rejected: [], skipped: [] };
    let failure: Error | null = null;
    for (const { name, outcome } of await Promise.all(ends)) {
      if (outcome instanceof Error) failure ??= outcome;
      else if ('document' in outcome) result.added.push(outcome.document);
      else if (outcome.problem === 'type' && files.length >= MANY) result.skipped.push(name);
      else result.rejected.push({ name, ...outcome });
    }
    if (failure) throw failure;
    return result;
  }

  cancel(id: string): void {
    const job = this.#queue.find(({ item }) => item.id === id);
    if (job) {
      this.#queue = this.#queue.filter((other) => other !== job);
      this.#end(job, { problem: 'cancelled', detail: '' });
    } else if (this.#isReading(id)) {
      void this.#data.api.cancel(id).catch(() => undefined);
      setTimeout(() => this.#isReading(id) && this.#terminate('cancelled'), CANCEL_MS);
    }
  }

  /** All at once: thousands may wait. What was added quietly goes on. */
  cancelAll(): void {
    const cancelled = { problem: 'cancelled', detail: '' } as const;
    const jobs = this.#queue.filter(({ quiet }) => !quiet);
    this.#queue = this.#queue.filter(({ quiet }) => quiet);
    this.#items = this.#items.map((item) =>
      item.state === 'waiting' ? { ...item, state: 'problem', ...cancelled } : item,
    );
    for (const { settle } of jobs) settle(cancelled);
    for (const { id, state } of this.#items) if (state === 'reading') this.cancel(id);
  }

  /** Forgets those that have ended. */
  clear(): void {
    this.#items = this.#items.filter(({ state }) => state === 'waiting' || state === 'reading');
  }

  #isReading(id: string): boolean {
    return this.#items.some((item) => item.id === id && item.state === 'reading');
  }

  #terminate(problem: ReadProblem): void {
    this.#endedBy = problem;
    this.#data.terminate();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    addEventListener('beforeunload', stay);
    try {
      for (let job = this.#queue.shift(); job; job = this.#queue.shift()) {
        this.#endedBy = null;
        this.#change(job.item.id, { state: 'reading' });
        this.#end(job, await this.#read(job));
      }
    } finally {
      removeEventListener('beforeunload', stay);
      this.#running = false;
    }
  }

  async #read({ item, file, name }: Job): Promise<Imported | Error> {
    const { id, projectId } = item;
    const started = performance.now();
    let idle = 0;
    const watch = setInterval(() => {
      if (++idle >= this.#patience.ticks) this.#terminate('stuck');
    }, this.#patience.tickMs);
    const onProgress = (progress: ReadProgress): void => {
      idle = 0;
      this.#change(id, { progress, secondsLeft: secondsLeft(progress, performance.now() - started) });
    };
    try {
      const target = { projectId, createdAt: this.#now(), name };
      return await this.#data.api.importFile(id, file, target, document.baseURI, onProgress);
    } catch (error) {
      if (this.#endedBy) return { problem: this.#endedBy, detail: '' };
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      clearInterval(watch);
    }
  }

  #end(job: Job, outcome: Imported | Error): void {
    job.settle(outcome); // first: nobody waits for ever, whatever a listener does
    const { id } = job.item;
    if (outcome instanceof Error) this.#change(id, { state: 'problem', problem: 'broken', detail: outcome.message });
    else if ('problem' in outcome) this.#change(id, { state: 'problem', ...outcome });
    else {
      connection.keep();
      this.#change(id, { state: 'done', documentId: outcome.document.id });
      for (const tell of this.#listeners) tell(outcome.document);
    }
  }

  /** A late word of the worker about an item that has ended changes nothing. */
  #change(id: string, change: Partial<ImportItem>): void {
    this.#items = this.#items.map((item) =>
      item.id === id && item.state !== 'done' && item.state !== 'problem' ? { ...item, ...change } : item,
    );
  }

  #now(): string {
    const after = this.#lastCreated ? Date.parse(this.#lastCreated) + 1 : 0;
    return (this.#lastCreated = new Date(Math.max(Date.now(), after)).toISOString());
  }
}

const waiting = (file: File, projectId: string, name: string): ImportItem => ({
  id: crypto.randomUUID(),
  projectId,
  name,
  bytes: file.size,
  state: 'waiting',
  progress: null,
  secondsLeft: null,
  problem: null,
  detail: '',
  documentId: null,
});

function secondsLeft({ done, total }: ReadProgress, elapsedMs: number): number | null {
  if (elapsedMs < GUESS_AFTER_MS || done <= 0 || done >= total) return null;
  return ((elapsedMs / done) * (total - done)) / 1000;
}

/** The browser asks before it closes the page. */
const stay = (event: BeforeUnloadEvent): void => event.preventDefault();

export const imports = new Imports(connectData());
