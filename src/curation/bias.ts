// Whether the place on the screen or the length of an answer decides: per pair of answers with a winner.
import type { Judgement } from '../records/feedback.ts';
import type { BiasStats } from '../records/merging.ts';
import { order } from './identity.ts';
import { shareOf } from './interval.ts';

/** How many times as long, at most. */
const RATIOS = [1.25, 1.5, 2, 3, Infinity];

/** Of distinct judgements. Of a ranking every pair counts, so that chance is a half whatever the number of answers. */
export function biasOf(judgements: readonly Judgement[]): BiasStats {
  const left = { count: 0, n: 0 };
  const leftBy = new Map<string, { count: number; n: number }>();
  const longerBy = RATIOS.map((upTo) => ({ upTo, count: 0, n: 0 }));
  for (const { status, verdict, ranks, responses, shown, annotator } of judgements) {
    if (status !== 'judged' || verdict !== 'better' || ranks === null) continue;
    const places = shown && placesOf(shown, responses.length);
    const own = leftBy.get(annotator) ?? { count: 0, n: 0 };
    const lengths = responses.map((response) => response.trim().length);
    for (let i = 0; i < responses.length; i++) {
      for (let j = i + 1; j < responses.length; j++) {
        const [rank, other] = [ranks[i] ?? 0, ranks[j] ?? 0];
        if (rank === other) continue;
        const [winner, loser] = rank < other ? [i, j] : [j, i];
        if (places) {
          const won = (places[winner] ?? 0) < (places[loser] ?? 0) ? 1 : 0;
          left.n++;
          left.count += won;
          own.n++;
          own.count += won;
        }
        const [winning, losing] = [lengths[winner] ?? 0, lengths[loser] ?? 0];
        if (winning === losing) continue;
        const ratio = Math.max(winning, losing) / Math.min(winning, losing);
        const bucket = longerBy.find(({ upTo }) => ratio <= upTo);
        if (!bucket) continue;
        bucket.n++;
        if (winning > losing) bucket.count++;
      }
    }
    if (own.n > 0) leftBy.set(annotator, own);
  }
  const longer = longerBy.reduce((sum, { count, n }) => ({ count: sum.count + count, n: sum.n + n }), {
    count: 0,
    n: 0,
  });
  return {
    left: shareOf(left.count, left.n),
    longer: shareOf(longer.count, longer.n),
    longerBy: longerBy.map(({ upTo, count, n }) => ({ upTo, share: shareOf(count, n) })),
    leftBy: [...leftBy]
      .map(([annotator, { count, n }]) => ({ annotator, share: shareOf(count, n) }))
      .sort((a, b) => b.share.n - a.share.n || order(a.annotator, b.annotator)),
  };
}

/** Of each answer its place from the left; null where `shown` is no order of them. */
function placesOf(shown: readonly number[], answers: number): number[] | null {
  const places = new Map(shown.map((answer, place) => [answer, place]));
  const found = Array.from({ length: answers }, (_, answer) => places.get(answer) ?? -1);
  return shown.length === answers && !found.includes(-1) ? found : null;
}
