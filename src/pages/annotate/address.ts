// The address of an item of the queue: "/annotate/<comparison>", its repetition with "?round=1". Pure.
import type { QueueItem } from '../../records/queue.ts';

export const pathOf = ({ comparisonId, round }: QueueItem): string =>
  `/annotate/${encodeURIComponent(comparisonId)}${round > 0 ? `?round=${round}` : ''}`;

/** Of what an address says; anything else is the first time. */
export const roundOf = (query: string | null): number => (query === '1' ? 1 : 0);
