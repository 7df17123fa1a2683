// How the votes on one pair of answers become a preference, or why they do not.
import type { Loss } from '../records/merging.ts';
import type { MergePolicy } from '../records/preference.ts';
import type { Opinion } from './pairs.ts';

export interface Decided {
  /** null: nobody found one better, and the policy keeps such pairs. */
  winner: 'first' | 'second' | null;
  first: number;
  second: number;
  ties: number;
  /** Share of the votes that went to the winner. */
  agreement: number;
}

/** What a strength counts when nobody said: clearly better. */
const USUAL_STRENGTH = 2;

export const weightOf = (annotator: string, { weights }: MergePolicy): number =>
  Object.hasOwn(weights, annotator) ? (weights[annotator] ?? 1) : 1;

/** Sums of fractions differ in their last digits: 0.1 + 0.2 votes are as many as 0.3. */
const rounded = (sum: number): number => Math.round(sum * 1e9) / 1e9;

/** Of one vote a person, none of them 'bad'; `people` may be more than the votes when only the last one counts. */
export function decide(votes: readonly Opinion[], people: number, policy: MergePolicy): Decided | Loss {
  if (people < policy.minAnnotators) return 'few';
  const sums = { first: 0, second: 0, tie: 0, bad: 0 };
  for (const { category, judgement } of votes)
    sums[category] +=
      policy.conflicts === 'weighted'
        ? (judgement.strength ?? USUAL_STRENGTH) * weightOf(judgement.annotator, policy)
        : 1;
  const [first, second, ties] = [rounded(sums.first), rounded(sums.second), rounded(sums.tie)];
  if (first === 0 && second === 0)
    return policy.ties === 'margin' ? { winner: null, first, second, ties, agreement: 0.5 } : 'tie';

  const half = policy.ties === 'ignore' ? 0 : ties / 2;
  const [forFirst, forSecond] = [first + half, second + half];
  if (forFirst === forSecond) return 'conflict';
  if (policy.conflicts === 'drop' && forFirst > 0 && forSecond > 0) return 'conflict';
  const agreement = rounded(Math.max(forFirst, forSecond) / (forFirst + forSecond));
  if (agreement < policy.minAgreement) return 'disagreement';
  return { winner: forFirst > forSecond ? 'first' : 'second', first, second, ties, agreement };
}
