// What a person chose for merging, as it is stored, and whether two policies are the same.
import type { SplitSettings } from '../curation/split.ts';
import { CONFLICTS, DEFAULT_POLICY, TIES, type MergePolicy } from '../records/preference.ts';

export interface MergeChoices {
  policy: MergePolicy;
  split: SplitSettings;
}

export const INITIAL: MergeChoices = { policy: DEFAULT_POLICY, split: { seed: 1, testShare: 0.1 } };

/** What another version stored counts as far as it still means something. */
export function chosenOf(value: unknown): MergeChoices {
  const { policy = {}, split = {} } = (value ?? {}) as {
    policy?: Partial<MergePolicy>;
    split?: Partial<SplitSettings>;
  };
  const number = (given: unknown, low: number, high: number, otherwise: number): number =>
    typeof given === 'number' && given >= low && given <= high ? given : otherwise;
  const weights = Object.entries(policy.weights ?? {}).filter(([, weight]) => Number.isFinite(weight) && weight >= 0);
  return {
    policy: {
      conflicts: CONFLICTS.find((name) => name === policy.conflicts) ?? DEFAULT_POLICY.conflicts,
      ties: TIES.find((name) => name === policy.ties) ?? DEFAULT_POLICY.ties,
      minAgreement: number(policy.minAgreement, 0.5, 1, DEFAULT_POLICY.minAgreement),
      minAnnotators: Math.round(number(policy.minAnnotators, 1, 100, DEFAULT_POLICY.minAnnotators)),
      edits: policy.edits === 'chosen' ? 'chosen' : 'apart',
      weights: Object.fromEntries(weights),
    },
    split: {
      seed: Math.round(number(split.seed, 0, 2 ** 32 - 1, INITIAL.split.seed)),
      testShare: number(split.testShare, 0, 0.9, INITIAL.split.testShare),
    },
  };
}

/** In whatever order the people were weighed. */
export function samePolicy(a: MergePolicy, b: MergePolicy): boolean {
  const text = (policy: MergePolicy): string => {
    const { weights, ...rest } = chosenOf({ policy }).policy;
    return JSON.stringify([rest, Object.entries(weights).sort(([x], [y]) => (x < y ? -1 : 1))]);
  };
  return text(a) === text(b);
}
