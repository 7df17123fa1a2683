// The corpus of the open project as files: out for Python's tools, and in from them; either can be ended.
import type { CorpusImport, DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import type { ReadProgress } from '../records/reading.ts';
import { connection } from './connection.svelte.ts';
import { corpus } from './corpus.svelte.ts';
import { documents } from './documents.svelte.ts';
import type { Patience } from './imports.svelte.ts';
import { projects } from './projects.svelte.ts';
import { work } from './work.ts';

type Verb = 'leave' | 'enter';
type Why = 'cancelled' | 'stuck';

interface Now {
  verb: Verb;
  progress: ReadProgress | null;
  stopping: boolean;
}
interface Run {
  id: string;
  verb: Verb;
  data: Connection<DataApi>;
  endedBy: Why | null;
}

/** It was ended before it was done. */
export class Unfinished extends Error {
  override name = 'Unfinished';
  readonly why: Why;

  constructor(why: Why) {
    super(`corpus files: must be read or written to the end, got ${why}. Try again.`);
    this.why = why;
  }
}

/** A worker that does not hear that it is cancelled is ended. */
const CANCEL_MS = 3000;

export class CorpusFiles {
  #connect: () => Connection<DataApi>;
  #patience: Patience;
  #now = $state.raw<Now | null>(null);
  #run: Run | null = null;
  /** What a person should know of the last one; whoever shows it may be gone before it ends. */
  said = $state.raw<readonly string[]>([]);

  constructor(connect: () => Connection<DataApi>, patience: Patience = { ticks: 12, tickMs: 5000 }) {
    this.#connect = connect;
    this.#patience = patience;
  }

  /** What is under way; null when nothing is. */
  get now(): Now | null {
    return this.#now;
  }

  /** `data/documents/`, `data/metadata.json` and `data/index.faiss` in one zip. */
  leave(): Promise<Blob> {
    const projectId = projects.current?.id ?? '';
    return this.#during('leave', ({ data }, onProgress) =>
      data.api.exportCorpus(projectId, corpus.embedder, corpus.settings, onProgress),
    );
  }

  /** The same, zipped or as the files of a folder. */
  async enter(files: readonly File[]): Promise<CorpusImport> {
    const target = { projectId: projects.current?.id ?? '', createdAt: new Date().toISOString() };
    const { embedder, settings } = corpus;
    const parts = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    try {
      const came = await this.#during('enter', async (run, onProgress) => {
        const { id, data } = run;
        const all = await data.api.importCorpus(id, parts, target, embedder, settings, document.baseURI, onProgress);
        if (run.endedBy && all.documents.length === 0) throw new Unfinished(run.endedBy); // else it came too late
        return all;
      });
      connection.keep();
      if (came.chunking) await projects.setCorpus(target.projectId, { ...settings, chunks: came.chunking });
      return came;
    } finally {
      if (projects.current?.id === target.projectId) await documents.load(target.projectId);
    }
  }

  /** An import takes back what it has kept; an export leaves nothing behind. */
  cancel(): void {
    const run = this.#run;
    if (!run || run.endedBy) return;
    run.endedBy = 'cancelled';
    if (this.#now) this.#now = { ...this.#now, stopping: true };
    if (run.verb === 'leave') return run.data.terminate();
    const unheard = setTimeout(() => run.data.terminate(), CANCEL_MS);
    run.data.api.cancel(run.id).then(
      () => clearTimeout(unheard),
      () => undefined, // it has ended meanwhile
    );
  }

  /** A thread of its own, gone afterwards: it does not wait for files that are being read. */
  async #during<T>(
    verb: Verb,
    body: (run: Run, onProgress: (progress: ReadProgress) => void) => Promise<T>,
  ): Promise<T> {
    const run: Run = { id: crypto.randomUUID(), verb, data: this.#connect(), endedBy: null };
    let idle = 0;
    const watch = setInterval(() => {
      if (++idle < this.#patience.ticks) return;
      run.endedBy ??= 'stuck';
      run.data.terminate();
    }, this.#patience.tickMs);
    const onProgress = (progress: ReadProgress): void => {
      idle = 0;
      if (this.#run === run) this.#now = { verb, progress, stopping: run.endedBy !== null };
    };
    this.#run = run;
    this.#now = { verb, progress: null, stopping: false };
    try {
      return await work.during(() => body(run, onProgress));
    } catch (error) {
      throw run.endedBy ? new Unfinished(run.endedBy) : error;
    } finally {
      clearInterval(watch);
      run.data.terminate();
      this.#run = null;
      this.#now = null;
    }
  }
}

export const corpusFiles = new CorpusFiles(connectData);
