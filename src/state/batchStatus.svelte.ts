// What the frame shows of a batch under way. The batches' state attaches itself, so that the frame loads without it.

export interface BatchNow {
  readonly under: {
    readonly projectId: string;
    /** "Batch: 12 of 40". */
    readonly detail: string;
    /** 0…1 of its prompts. */
    readonly share: number;
    readonly path: string;
    /** What is done stays; it goes on when the person wants. */
    readonly pause: () => void;
  } | null;
}

class Attached {
  #source = $state.raw<BatchNow>({ under: null });

  get now(): BatchNow {
    return this.#source;
  }

  /** An object with reactive getters. */
  attach(source: BatchNow): void {
    this.#source = source;
  }
}

export const batchStatus = new Attached();
