// The queue of one person: which comparisons, in which order, which of them twice; and the order of the answers of each.
import type { Comparison } from '../records/comparison.ts';
import type { QueueItem, QueueSettings } from '../records/queue.ts';
import { draw } from './draw.ts';

/** A repetition comes this many places behind its first time at least, where there are so many. */
const APART = 10;
/** And up to so many later still, so that it is not foreseen. */
const SPREAD = 20;

/** `comparisons` in their order of arrival. What is drawn for one does not depend on the others. */
export function queueOf(
  comparisons: readonly Comparison[],
  { order, repeatShare, overlapShare, seed }: QueueSettings,
  judgedByOthers: ReadonlySet<string>,
): QueueItem[] {
  const given = comparisons.filter(({ id }) => !judgedByOthers.has(id) || draw(seed, 'overlap', id) < overlapShare);
  const key = (comparison: Comparison): number =>
    order === 'random' ? draw(seed, 'place', `${comparison.seed}/${comparison.id}`) : closeness(comparison);
  const sorted = order === 'arrival' ? given : sortedBy(given, key);
  const places = sorted.map(({ id }, i) => ({ at: i, item: { comparisonId: id, round: 0 } }));
  const again = sorted.flatMap(({ id }, i) =>
    draw(seed, 'repeat', id) < repeatShare
      ? [{ at: i + APART + 0.5 + SPREAD * draw(seed, 'later', id), item: { comparisonId: id, round: 1 } }]
      : [],
  );
  if (again.length === 0) return places.map(({ item }) => item);
  return [...places, ...again].sort((a, b) => a.at - b.at).map(({ item }) => item);
}

/** Ties stay in their order. */
function sortedBy(comparisons: readonly Comparison[], key: (comparison: Comparison) => number): Comparison[] {
  const keyed = comparisons.map((comparison) => ({ comparison, key: key(comparison) }));
  return keyed.sort((a, b) => (a.key === b.key ? 0 : a.key - b.key)).map(({ comparison }) => comparison);
}

/** How near the two best scores are: the smaller, the more is learned from a person. Infinity without two scores. */
function closeness({ responses }: Comparison): number {
  const scores = responses.flatMap(({ score }) => score ?? []).sort((a, b) => b - a);
  const [best, second] = scores;
  return best === undefined || second === undefined ? Infinity : best - second;
}

/** Indices of `n` answers from left to right. The second round shows them the other way round. */
export function shownOrder(seed: number, round: number, n: number): number[] {
  const shown = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draw(seed, 'shown', String(i)) * (i + 1));
    [shown[i], shown[j]] = [shown[j] ?? 0, shown[i] ?? 0];
  }
  return round % 2 === 0 ? shown : shown.reverse();
}
