// One reading: its signal, its progress, and pauses in which messages (a cancel) reach the thread.
import type { ReadProblem, ReadProgress } from '../../records/reading.ts';

/** Ends a reading with a problem that a person is told. */
export class Unread extends Error {
  override name = 'Unread';
  constructor(
    readonly problem: ReadProblem,
    readonly detail = '',
  ) {
    super(`read: ${problem}${detail && ` (${detail})`}`);
  }
}

export interface ReadOptions {
  /** Where the site lives (document.baseURI): character maps and fonts of PDF are fetched from there when needed. */
  siteUrl: string;
  signal: AbortSignal;
  onProgress(progress: ReadProgress): void;
}

/** Longest time between two pauses, in milliseconds: a cancel is heard within it. */
const SLICE = 40;

export class Job {
  #paused = performance.now();
  readonly #options: ReadOptions;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  get siteUrl(): string {
    return this.#options.siteUrl;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  /** To be awaited in every long loop: pauses now and then, tells how far it is, and ends a cancelled reading. */
  async step(done: number, total: number, unit: ReadProgress['unit']): Promise<void> {
    if (performance.now() - this.#paused > SLICE) {
      this.#options.onProgress({ done, total, unit });
      await new Promise((resolve) => setTimeout(resolve)); // a whole task: promises alone would keep messages waiting
      this.#paused = performance.now();
    }
    if (this.signal.aborted) throw new Unread('cancelled');
  }
}
