// How the queue of comparisons is ordered for one person, and its places.
import { fail, finite, object } from './validate.ts';

export const QUEUE_ORDERS = ['arrival', 'random', 'informative'] as const;

export const MOST_PARTS = 1000;

export interface QueueSettings {
  /** informative: where the scores of the two best answers are nearest to each other first; unscored ones last. */
  order: (typeof QUEUE_ORDERS)[number];
  /** Share of comparisons that come a second time, later on, for self-agreement: 0 … 1. */
  repeatShare: number;
  /** Share of comparisons that are given to everybody: whatever others have judged, and whatever part is asked for. */
  overlapShare: number;
  /** Of the comparisons that are divided among people at `parts` devices, the part from 1 that is given here. */
  part: number;
  parts: number;
  seed: number;
}

export const DEFAULT_QUEUE: QueueSettings = {
  order: 'arrival',
  repeatShare: 0,
  overlapShare: 1,
  part: 1,
  parts: 1,
  seed: 1,
};

/** A place in the queue: `round` 1 is the repetition. */
export interface QueueItem {
  comparisonId: string;
  round: number;
}

export function validateQueue(value: unknown, where = 'queue'): QueueSettings {
  const v = object(value, where);
  const parts = whole(v.parts ?? 1, `${where}.parts`, MOST_PARTS); // settings of earlier versions have none
  return {
    order: QUEUE_ORDERS.find((name) => name === v.order) ?? DEFAULT_QUEUE.order,
    repeatShare: finite(v.repeatShare, `${where}.repeatShare`, 0, 1),
    overlapShare: finite(v.overlapShare, `${where}.overlapShare`, 0, 1),
    part: whole(v.part ?? 1, `${where}.part`, parts),
    parts,
    seed: finite(v.seed, `${where}.seed`),
  };
}

function whole(value: unknown, where: string, max: number): number {
  const n = finite(value, where, 1, max);
  if (!Number.isInteger(n)) fail(where, 'must be a whole number', n, 'Give a number without a fraction.');
  return n;
}
