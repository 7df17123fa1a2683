// Oracles of PPO's losses in f64, written from their formulas: every logit stored, every row by itself.
import { logprobsReference } from './logprobs.ts';

export interface PolicyCase {
  dim: number;
  index: ArrayLike<number>;
  targets: ArrayLike<number>;
  /** [R, 4]: old log-prob, advantage, weight, 0 */
  rollout: ArrayLike<number>;
  inverseTemperature: number;
  clipRange: number;
  entropyCoef: number;
}

const cut = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

/** [R][8], not weighted: loss, entropy, whether the clip counts, ratio, ½Δ², |Δ|, 0, 0; zeros where the weight is 0. */
export function policyLossReference(hidden: ArrayLike<number>, head: ArrayLike<number>, c: PolicyCase): number[][] {
  const { dim, index, targets, rollout, inverseTemperature, clipRange, entropyCoef } = c;
  return Array.from(index, (at, r) => {
    const [old, advantage, weight] = [rollout[4 * r]!, rollout[4 * r + 1]!, rollout[4 * r + 2]!];
    if (weight === 0) return [0, 0, 0, 0, 0, 0, 0, 0];
    const row = Array.from({ length: dim }, (_, i) => hidden[at * dim + i]!);
    const found = logprobsReference(row, head, [targets[r]!], dim, 1 / inverseTemperature);
    const [now, entropy] = [found.logprobs[0]!, found.entropy[0]!];
    const ratio = Math.exp(cut(now - old, -20, 20));
    const free = -advantage * ratio;
    const held = -advantage * cut(ratio, 1 - clipRange, 1 + clipRange);
    const loss = Math.max(free, held) - entropyCoef * entropy;
    return [loss, entropy, Number(held > free), ratio, (now - old) ** 2 / 2, Math.abs(now - old), 0, 0];
  });
}

export interface ValueCase {
  /** [R, 4]: old value, return, weight, 0 */
  rollout: ArrayLike<number>;
  valueClip: number;
  coef: number;
}

/** [R][4], not weighted: loss, whether the clip counts, 0, 0 */
export function valueLossReference(values: ArrayLike<number>, { rollout, valueClip, coef }: ValueCase): number[][] {
  return Array.from(values, (v, r) => {
    const [old, goal, weight] = [rollout[4 * r]!, rollout[4 * r + 1]!, rollout[4 * r + 2]!];
    if (weight === 0) return [0, 0, 0, 0];
    const [free, held] = [(v - goal) ** 2, (cut(v, old - valueClip, old + valueClip) - goal) ** 2];
    return [(coef / 2) * Math.max(free, held), Number(held > free), 0, 0];
  });
}

/** Of each column Σ weight · figure, weights being every fourth number of `rollout`. */
export function weighted(figures: readonly (readonly number[])[], rollout: ArrayLike<number>): number[] {
  const columns = figures[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, c) =>
    figures.reduce((sum, row, r) => sum + rollout[4 * r + 2]! * row[c]!, 0),
  );
}
