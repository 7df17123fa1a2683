// What the frame shows of the corpus. The corpus' state attaches itself, so that the frame loads without it.

export interface CorpusNow {
  /** waiting: never indexed; stale: documents or settings changed since. */
  readonly stage: 'unknown' | 'waiting' | 'working' | 'stale' | 'done';
  /** An indexing under way, of whatever project. */
  readonly under: { detail: string; share: number | null; stop: () => void } | null;
}

class Attached {
  #source = $state.raw<CorpusNow>({ stage: 'unknown', under: null });

  get now(): CorpusNow {
    return this.#source;
  }

  /** An object with reactive getters. */
  attach(source: CorpusNow): void {
    this.#source = source;
  }
}

export const corpusStatus = new Attached();
