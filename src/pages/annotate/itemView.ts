// Which items of the queue a person asked for. Pure.
import type { Comparison } from '../../records/comparison.ts';
import type { Decision, Feedback } from '../../records/feedback.ts';
import type { QueueItem } from '../../records/queue.ts';

export const ITEM_STATES = ['all', 'open', 'judged', 'skipped', 'flagged', 'commented'] as const;
export type ItemState = (typeof ITEM_STATES)[number];

export interface ItemLine {
  item: QueueItem;
  comparison: Comparison;
  feedback: Feedback | null;
  /** In the queue, from 1. */
  number: number;
}

const fold = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

function isIn(state: ItemState, feedback: Feedback | null): boolean {
  if (state === 'all') return true;
  if (state === 'flagged') return feedback?.flagged ?? false;
  if (state === 'commented') return (feedback?.comment ?? '') !== '';
  return (feedback?.status ?? 'open') === state;
}

/** All words must occur, each anywhere: case and accents do not count. */
export function findItems(lines: readonly ItemLine[], asked: { words: string; state: ItemState }): readonly ItemLine[] {
  const words = fold(asked.words)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0 && asked.state === 'all') return lines;
  return lines.filter(({ comparison, feedback }) => {
    if (!isIn(asked.state, feedback)) return false;
    if (words.length === 0) return true;
    const { question, responses } = comparison;
    const text = fold([question, ...responses.map((response) => response.text), feedback?.comment ?? ''].join('\n'));
    return words.every((word) => text.includes(word));
  });
}

/** What a verdict says in terms of the places on the page: the positions at the best rank, left to right. */
export function bestPositions(
  { verdict, ranks }: Pick<Decision, 'verdict' | 'ranks'>,
  shown: readonly number[],
): number[] {
  if (verdict !== 'better' || !ranks) return [];
  const best = Math.min(...ranks);
  return shown.flatMap((response, position) => (ranks[response] === best ? [position] : []));
}
