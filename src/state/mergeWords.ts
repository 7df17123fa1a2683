// Which words a figure of merging gets: how strong an agreement is, whether a share leans, where the funnel loses what.
import { weightOf as weightUnder } from '../curation/decide.ts';
import type { Funnel, Lost, Share } from '../records/merging.ts';
import type { MergePolicy } from '../records/preference.ts';

/** Landis and Koch (1977), for κ and α alike. */
export const BANDS = ['below', 'slight', 'fair', 'moderate', 'substantial', 'almost'] as const;
export type Band = (typeof BANDS)[number];

/** Bounds belong to the lower band, as in their table: 0.41 … 0.60 is moderate. */
export function bandOf(coefficient: number): Band {
  const x = Math.round(coefficient * 100) / 100; // as it is shown
  if (x < 0) return 'below';
  if (x <= 0.2) return 'slight';
  if (x <= 0.4) return 'fair';
  if (x <= 0.6) return 'moderate';
  return x <= 0.8 ? 'substantial' : 'almost';
}

/** Against a fair coin: only an interval that leaves out one half is a sign. */
export type Leaning = 'unknown' | 'none' | 'over' | 'under';

export function leaningOf({ n, low, high }: Share): Leaning {
  if (n === 0) return 'unknown';
  if (low > 0.5) return 'over';
  return high < 0.5 ? 'under' : 'none';
}

/** So wide an interval that no sign is no comfort. */
export const isVague = ({ n, low, high }: Share): boolean => n > 0 && high - low > 0.3;

/** So few that a coefficient of them is a whim. */
export const isFew = (n: number): boolean => n < 10;

export type Stage = 'judgements' | 'valid' | 'pairs' | 'enough' | 'preferences';

export interface FunnelStep {
  stage: Stage;
  count: number;
  /** What is lost on the way to it. */
  losses: (Lost | { loss: 'invalid'; count: number })[];
}

/** judgements → valid → pairs → enough → preferences, in the order in which it is decided; each count is the one before less its losses, but where judgements
 *  are gathered into pairs. */
export function stepsOf({ judgements, invalid, valid, pairs, preferences, losses }: Funnel): FunnelStep[] {
  const some = losses.filter(({ count }) => count > 0);
  const ofPairs = some.filter((lost) => lost.of === 'pairs');
  const few = ofPairs.filter(({ loss }) => loss === 'few');
  const enough = pairs - few.reduce((sum, { count }) => sum + count, 0);
  return [
    { stage: 'judgements', count: judgements, losses: invalid > 0 ? [{ loss: 'invalid', count: invalid }] : [] },
    { stage: 'valid', count: valid, losses: some.filter((lost) => lost.of === 'judgements') },
    { stage: 'pairs', count: pairs, losses: [] },
    { stage: 'enough', count: enough, losses: few },
    { stage: 'preferences', count: preferences, losses: ofPairs.filter((lost) => !few.includes(lost)) },
  ];
}

/** As in the policy: 1 unless said otherwise. */
export const weightOf = (policy: MergePolicy, annotator: string): number => weightUnder(annotator, policy);

/** The weights with one of them changed; those that are 1 need not be said. */
export function weigh({ weights }: MergePolicy, annotator: string, weight: number): Record<string, number> {
  return Object.fromEntries(
    [...Object.entries(weights), [annotator, weight] as const]
      .filter(([name], i, all) => all.findLastIndex(([other]) => other === name) === i)
      .filter(([, given]) => given !== 1),
  );
}

/** Of a piece of this project's own feedback: "comparison/round/person". */
export const comparisonOf = (feedbackId: string): string => feedbackId.split('/')[0] ?? '';
