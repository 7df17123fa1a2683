// From the scores of sampled answers to advantages and returns: KL, rewards by token, whitening, GAE; all in f64.
//
// References differ; chosen here: the score stands on the answer's LAST token, its EOS where it ended (OpenRLHF; TRL puts
// it one place after, where padding follows), every token pays −klCoef · kl, k1 and k3 are not clamped (TRL; OpenRLHF cuts
// at ±10, which would hide a KL that runs away), and whitening is TRL's masked_whiten: unbiased variance, ε = 1e-8.
// A mask is 1 on the tokens that count and 0 on padding; what is masked out reads as nothing and comes back as 0.
import type { KL_ESTIMATORS } from '../../records/ppoConfig.ts';

type Numbers = ArrayLike<number>;
type Estimator = (typeof KL_ESTIMATORS)[number];

const EPSILON = 1e-8;
const at = (values: Numbers, i: number): number => values[i] ?? Number.NaN;

/** Of each sampled token: k1 = log p − log ref, unbiased; k3 = ref/p − 1 − log(ref/p), unbiased and never negative. */
export function klOf(logprobs: Numbers, reference: Numbers, estimator: Estimator): Float64Array<ArrayBuffer> {
  return Float64Array.from(logprobs, (logprob, i) => {
    const towards = at(reference, i) - logprob;
    return estimator === 'k1' ? -towards : Math.expm1(towards) - towards;
  });
}

/** Of one answer: what each token earns. [T] */
export function tokenRewards(kl: Numbers, mask: Numbers, score: number, klCoef: number): Float64Array<ArrayBuffer> {
  const rewards = Float64Array.from(kl, (one, t) => (mask[t] ? -klCoef * one : 0));
  const last = Array.from(mask, Boolean).lastIndexOf(true);
  if (last >= 0) rewards[last] = at(rewards, last) + score;
  return rewards;
}

/** Mean and unbiased variance over the mask; of a single number the variance is 0. */
function momentsOf(values: Numbers, mask: Numbers): { mean: number; variance: number } {
  let [n, sum, squares] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) if (mask[i]) [n, sum] = [n + 1, sum + at(values, i)];
  const mean = n ? sum / n : 0;
  for (let i = 0; i < values.length; i++) if (mask[i]) squares += (at(values, i) - mean) ** 2;
  return { mean, variance: n > 1 ? squares / (n - 1) : 0 };
}

/** (x − mean) / √(variance + ε) over all that the mask keeps; without `shiftMean` the mean is put back. */
export function whiten(values: Numbers, mask: Numbers, { shiftMean = true } = {}): Float64Array<ArrayBuffer> {
  const { mean, variance } = momentsOf(values, mask);
  const scale = 1 / Math.sqrt(variance + EPSILON);
  const shift = shiftMean ? 0 : mean;
  return Float64Array.from(values, (value, i) => (mask[i] ? (value - mean) * scale + shift : 0));
}

/**
 * Generalised advantage estimation (Schulman et al. 2016) of one answer. [T] each
 *   δ[t] = r[t] + γ v[t+1] − v[t]    A[t] = δ[t] + γ λ A[t+1]    return = A + v, with v and A 0 after the last token
 */
export function gae(
  rewards: Numbers,
  values: Numbers,
  mask: Numbers,
  gamma: number,
  lambda: number,
): Record<'advantages' | 'returns', Float64Array<ArrayBuffer>> {
  const advantages = new Float64Array(rewards.length);
  const returns = new Float64Array(rewards.length);
  let [nextValue, nextAdvantage] = [0, 0];
  for (let t = rewards.length - 1; t >= 0; t--) {
    if (!mask[t]) continue;
    const value = at(values, t);
    nextAdvantage = at(rewards, t) + gamma * nextValue - value + gamma * lambda * nextAdvantage;
    nextValue = value;
    advantages[t] = nextAdvantage;
    returns[t] = nextAdvantage + value;
  }
  return { advantages, returns };
}

/** The coefficient after `n` more answers whose KL was `kl` (Ziegler et al. 2019): by a fifth of n / horizon at most.
 *  A KL that is no number says nothing: the coefficient stays. */
export function adaptKl(
  coef: number,
  kl: number,
  { target, horizon, n }: { target: number; horizon: number; n: number },
): number {
  if (Number.isNaN(kl)) return coef;
  return coef * (1 + (Math.min(0.2, Math.max(-0.2, kl / target - 1)) * n) / horizon);
}

/** 1 − var(returns − values) / var(returns): 1 = foreseen, 0 = no better than their mean; 0 where they do not differ. */
export function explainedVariance(values: Numbers, returns: Numbers, mask: Numbers): number {
  const missed = Float64Array.from(returns, (one, i) => one - at(values, i));
  const all = momentsOf(returns, mask).variance;
  return all > 0 ? 1 - momentsOf(missed, mask).variance / all : 0;
}
