// What the frame shows of the engine. The engine's state attaches itself, so that the frame loads without it.

export interface EngineStatus {
  readonly status: 'idle' | 'loading' | 'ready' | 'busy' | 'lost' | 'missing';
  /** 0…1 of what is under way; null when unknown. */
  readonly progress: number | null;
  /** What it is doing, or why it cannot, in words. */
  readonly detail: string;
  /** Where that can be seen: "/ask/42". */
  readonly path?: string;
  /** Ends what is under way; undefined where nothing can be ended. */
  readonly stop?: () => void;
}

const NOT_STARTED: EngineStatus = { status: 'idle', progress: null, detail: '' };

class Attached {
  #source = $state.raw<EngineStatus>(NOT_STARTED);

  get now(): EngineStatus {
    return this.#source;
  }

  /** An object with reactive getters. */
  attach(source: EngineStatus): void {
    this.#source = source;
  }
}

export const engineStatus = new Attached();
