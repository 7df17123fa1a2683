// What the frame shows of training. The training's state attaches itself, so that the frame loads without it.
import type { RunKind } from '../records/run.ts';

export interface TrainingNow {
  /** A run under way in this tab, of whatever project. */
  readonly under: {
    readonly kind: RunKind;
    readonly projectId: string;
    readonly detail: string;
    /** 0…1 of its steps; null before they are known. */
    readonly share: number | null;
    /** 0…1 of what `detail` tells: of the steps, or of a test between them; null when it is not known. */
    readonly now: number | null;
    readonly path: string;
    readonly pause: () => void;
    readonly stop: () => void;
  } | null;
}

class Attached {
  #source = $state.raw<TrainingNow>({ under: null });

  get now(): TrainingNow {
    return this.#source;
  }

  /** An object with reactive getters. */
  attach(source: TrainingNow): void {
    this.#source = source;
  }
}

export const trainingStatus = new Attached();
