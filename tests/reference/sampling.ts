// One row's draw in f64 with a sort instead of a search: what shaders/sample.wgsl must choose.
import { DOMAIN, philox } from '../../src/engine/random.ts';
import type { Sampling } from '../../src/records/sampling.ts';

export interface Draw {
  token: number;
  logprob: number;
  /** Tokens left after top-k and top-p. */
  kept: Set<number>;
  /** By how much the chosen token's noisy score leads the next: a tie within rounding says nothing. */
  lead: number;
}

export function drawReference(
  logits: ArrayLike<number>,
  seen: ReadonlySet<number>,
  sampling: Omit<Sampling, 'maxNewTokens'>,
  stream: number,
  count: number,
): Draw {
  const { temperature, topK, topP, repetitionPenalty, seed } = sampling;
  const greedy = temperature === 0;
  const divisor = greedy ? 1 : temperature;
  const x = Array.from(logits);
  const z = x.map((l, i) => {
    if (!seen.has(i)) return l / divisor;
    return (l > 0 ? l / repetitionPenalty : l * repetitionPenalty) / divisor;
  });

  let kept = z.map((_, i) => i).sort((a, b) => z[b]! - z[a]! || a - b);
  if (!greedy && topK > 0) {
    const kth = z[kept[Math.min(topK, kept.length) - 1]!]!;
    kept = kept.filter((i) => z[i]! >= kth);
  }
  if (!greedy && topP < 1) {
    const top = z[kept[0]!]!;
    const total = kept.reduce((sum, i) => sum + Math.exp(z[i]! - top), 0);
    let mass = 0;
    let last = 0;
    for (; last < kept.length; last++) {
      mass += Math.exp(z[kept[last]!]! - top);
      if (mass >= topP * total) break;
    }
    const least = z[kept[Math.min(last, kept.length - 1)]!]!;
    kept = kept.filter((i) => z[i]! >= least);
  }

  let best = { token: -1, score: -Infinity };
  let second = -Infinity;
  for (const i of kept.sort((a, b) => a - b)) {
    const bits = greedy ? 0 : philox([Math.floor(i / 4), count, stream, DOMAIN.sampling], [seed, 0])[i % 4]!;
    const score = greedy ? z[i]! : z[i]! - Math.log(-Math.log1p(-(bits + 0.5) / 2 ** 32));
    second = Math.max(second, Math.min(score, best.score));
    if (score > best.score) best = { token: i, score };
  }
  const top = x.reduce((a, b) => Math.max(a, b));
  const lse = top / divisor + Math.log(x.reduce((sum, l) => sum + Math.exp((l - top) / divisor), 0));
  return { token: best.token, logprob: x[best.token]! / divisor - lse, kept: new Set(kept), lead: best.score - second };
}
