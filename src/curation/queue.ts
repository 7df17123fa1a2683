// The queue of one person: which comparisons, in which order, which of them twice; and the order of the answers of each.
import type { Comparison } from '../records/comparison.ts';
import type { QueueItem, QueueSettings } from '../records/queue.ts';
import { draw } from './draw.ts';

/** A repetition comes this many places behind its first time at least, where there are so many. */
const APART = 10;
/** And up to so many later still, so that it is not foreseen. */
const SPREAD = 20;
/** The seed of what is divided among devices. */
const DIVIDING = 0;

/** `comparisons` in their order of arrival. What is drawn for one does not depend on the others. */
export function queueOf(
  comparisons: readonly Comparison[],
  { order, repeatShare, overlapShare, part, parts, seed }: QueueSettings,
  judgedByOthers: ReadonlySet<string>,
): QueueItem[] {
  const given = comparisons.filter((comparison) => {
    if (parts === 1) return !judgedByOthers.has(comparison.id) || draw(seed, 'overlap', comparison.id) < overlapShare;
    const content = contentOf(comparison);
    if (draw(DIVIDING, 'overlap', content) < overlapShare) return true;
    const isMine = Math.floor(draw(DIVIDING, 'part', content) * parts) === part - 1;
    return isMine && !judgedByOthers.has(comparison.id);
  });
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

/** The same on every device: ids are not, for each has its own project. */
const contentOf = ({ question, responses }: Comparison): string =>
  JSON.stringify([question, ...responses.map(({ text }) => text)]);

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
