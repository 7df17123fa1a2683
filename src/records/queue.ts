// How the queue of comparisons is ordered for one person, and its places.
import { finite, object } from './validate.ts';

export const QUEUE_ORDERS = ['arrival', 'random', 'informative'] as const;

export interface QueueSettings {
  /** informative: where the scores of the two best answers are nearest to each other first; unscored ones last. */
  order: (typeof QUEUE_ORDERS)[number];
  /** Share of comparisons that come a second time, later on, for self-agreement: 0 … 1. */
  repeatShare: number;
  /** Share of comparisons that are also given to a person though somebody else has judged them: 0 … 1. */
  overlapShare: number;
  seed: number;
}

export const DEFAULT_QUEUE: QueueSettings = { order: 'arrival', repeatShare: 0, overlapShare: 1, seed: 1 };

/** A place in the queue: `round` 1 is the repetition. */
export interface QueueItem {
  comparisonId: string;
  round: number;
}

export function validateQueue(value: unknown, where = 'queue'): QueueSettings {
  const v = object(value, where);
  return {
    order: QUEUE_ORDERS.find((name) => name === v.order) ?? DEFAULT_QUEUE.order,
    repeatShare: finite(v.repeatShare, `${where}.repeatShare`, 0, 1),
    overlapShare: finite(v.overlapShare, `${where}.overlapShare`, 0, 1),
    seed: finite(v.seed, `${where}.seed`),
  };
}
