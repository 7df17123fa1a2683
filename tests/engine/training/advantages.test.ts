// Advantages: GAE against its explicit sum, scores on the last token, padding that counts for nothing, whitening as TRL's.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adaptKl,
  explainedVariance,
  gae,
  klOf,
  tokenRewards,
  whiten,
} from '../../../src/engine/training/advantages.ts';

const number = fc.double({ min: -5, max: 5, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Answers of `length` tokens, padded to `time`. */
const anyAnswer = fc.integer({ min: 1, max: 24 }).chain((time) =>
  fc.record({
    length: fc.integer({ min: 0, max: time }),
    rewards: fc.array(number, { minLength: time, maxLength: time }),
    values: fc.array(number, { minLength: time, maxLength: time }),
  }),
);
const maskOf = (length: number, time: number): number[] => Array.from({ length: time }, (_, t) => Number(t < length));
const close = (found: ArrayLike<number>, want: ArrayLike<number>, within = 1e-9): void => {
  expect(found.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) expect(Math.abs(found[i]! - want[i]!), `[${i}]`).toBeLessThan(within);
};

/** A[t] = Σ_k (γλ)^k (r[t+k] + γ v[t+k+1] − v[t+k]), each token summed anew. */
const explicit = (r: number[], v: number[], length: number, gamma: number, lambda: number): number[] =>
  r.map((_, t) => {
    let sum = 0;
    for (let k = 0; t + k < length; k++)
      sum += (gamma * lambda) ** k * (r[t + k]! + gamma * (t + k + 1 < length ? v[t + k + 1]! : 0) - v[t + k]!);
    return sum;
  });

describe('GAE', () => {
  it('is its explicit sum, and 0 on padding', () =>
    fc.assert(
      fc.property(anyAnswer, share, share, ({ length, rewards, values }, gamma, lambda) => {
        const mask = maskOf(length, rewards.length);
        const { advantages, returns } = gae(rewards, values, mask, gamma, lambda);
        close(advantages, explicit(rewards, values, length, gamma, lambda));
        close(
          returns,
          [...advantages].map((a, t) => (mask[t] ? a + values[t]! : 0)),
          1e-12,
        );
      }),
    ));
  it('does not see what stands on padding', () =>
    fc.assert(
      fc.property(anyAnswer, share, share, ({ length, rewards, values }, gamma, lambda) => {
        const mask = maskOf(length, rewards.length);
        const other = (x: number[]): number[] => x.map((one, t) => (mask[t] ? one : Number.NaN));
        expect(gae(other(rewards), other(values), mask, gamma, lambda)).toEqual(
          gae(rewards, values, mask, gamma, lambda),
        );
      }),
    ));
  it('with λ = 1 returns the rewards still to come, with λ = 0 looks one token ahead', () => {
    const [rewards, values, mask] = [
      [1, 2, 4, 9],
      [0.5, -1, 3, 7],
      [1, 1, 1, 0],
    ];
    close(gae(rewards, values, mask, 0.5, 1).returns, [1 + 0.5 * 2 + 0.25 * 4, 2 + 0.5 * 4, 4, 0]);
    close(gae(rewards, values, mask, 0.5, 0).advantages, [1 - 0.5 - 0.5, 2 + 1.5 + 1, 4 - 3, 0]);
  });
});

describe('rewards of tokens', () => {
  it('hold the KL on every token and the score on the last, however early the answer ended', () => {
    expect([...tokenRewards([1, 2, 3, 4], [1, 1, 1, 0], 10, 0.5)]).toEqual([-0.5, -1, 8.5, 0]);
    expect([...tokenRewards([1, 2], [1, 0], 10, 0.5)]).toEqual([9.5, 0]);
    expect([...tokenRewards([1], [0], 10, 0.5)]).toEqual([0]);
  });
  it('sum to score − klCoef · KL of the answer', () =>
    fc.assert(
      fc.property(anyAnswer, number, share, ({ length, rewards: kl }, score, coef) => {
        const sum = tokenRewards(kl, maskOf(length, kl.length), score, coef).reduce((a, b) => a + b, 0);
        const all = kl.slice(0, length).reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(length ? score - coef * all : 0, 9);
      }),
    ));
});

describe('KL', () => {
  it('k1 is the difference, k3 never negative; both are 0 where the two agree', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (pairs) => {
        const [p, ref] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        close(
          klOf(p, ref, 'k1'),
          pairs.map(([a, b]) => a - b),
          1e-12,
        );
        close(
          klOf(p, ref, 'k3'),
          pairs.map(([a, b]) => Math.exp(b - a) - 1 - (b - a)),
          1e-9,
        );
        expect(Math.min(...klOf(p, ref, 'k3'))).toBeGreaterThanOrEqual(0);
        expect([...klOf(p, p, 'k1'), ...klOf(p, p, 'k3')].every((x) => x === 0)).toBe(true);
      }),
    ));
  it('of both kinds has the expectation Σ p log(p / ref)', () => {
    const [p, ref] = [
      [0.5, 0.3, 0.2],
      [0.2, 0.2, 0.6],
    ];
    const exact = p.reduce((sum, one, i) => sum + one * Math.log(one / ref[i]!), 0);
    for (const kind of ['k1', 'k3'] as const) {
      const each = klOf(p.map(Math.log), ref.map(Math.log), kind);
      expect(each.reduce((sum, one, i) => sum + p[i]! * one, 0)).toBeCloseTo(exact, 12);
    }
  });
});

describe('whitening', () => {
  it('under a mask gives mean 0 and unbiased variance 1, or keeps the mean; padding is 0 and unseen', () =>
    fc.assert(
      fc.property(fc.array(number, { minLength: 3, maxLength: 40 }), number, (values, beyond) => {
        const spread = values.map((x, i) => x + 20 * (i % 2)); // so that ε does not count
        const mask = [...values.map(() => 1), 0, 0];
        const n = values.length;
        for (const shiftMean of [true, false]) {
          const white = whiten([...spread, beyond, Number.NaN], mask, { shiftMean });
          expect([...white.slice(n)]).toEqual([0, 0]);
          const kept = white.slice(0, n);
          const mean = kept.reduce((a, b) => a + b, 0) / n;
          expect(mean).toBeCloseTo(shiftMean ? 0 : spread.reduce((a, b) => a + b, 0) / n, 8);
          expect(kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1)).toBeCloseTo(1, 6);
        }
      }),
    ));
  it('of one number, of equal numbers and of none stays finite', () => {
    expect([...whiten([3, 9], [1, 0])]).toEqual([0, 0]);
    expect([...whiten([3, 9], [1, 0], { shiftMean: false })]).toEqual([3, 0]);
    expect([...whiten([2, 2, 2], [1, 1, 1])]).toEqual([0, 0, 0]);
    expect([...whiten([2, 2], [0, 0])]).toEqual([0, 0]);
  });
});

describe('the adaptive coefficient', () => {
  it('rises above the target and falls below, by at most a fifth over a horizon', () => {
    const how = { target: 6, horizon: 100, n: 50 };
    expect(adaptKl(0.1, 6, how)).toBe(0.1);
    expect(adaptKl(0.1, 6.6, how)).toBeCloseTo(0.1 * (1 + 0.1 * 0.5), 12);
    expect(adaptKl(0.1, 600, how)).toBeCloseTo(0.1 * 1.1, 12);
    expect(adaptKl(0.1, -600, how)).toBeCloseTo(0.1 * 0.9, 12);
  });
  it('is not lost to a step whose KL is no number', () => {
    const how = { target: 6, horizon: 100, n: 50 };
    expect(adaptKl(0.1, Number.NaN, how)).toBe(0.1);
    expect(adaptKl(0.1, Infinity, how)).toBeCloseTo(0.1 * 1.1, 12);
  });
});

describe('explained variance', () => {
  it('is 1 for what was foreseen, 0 for the mean, below 0 for worse, blind to a constant and to padding', () => {
    const [returns, mask] = [
      [1, 2, 3, 99],
      [1, 1, 1, 0],
    ];
    expect(explainedVariance([1, 2, 3, 0], returns, mask)).toBe(1);
    expect(explainedVariance([2, 2, 2, 0], returns, mask)).toBe(0);
    expect(explainedVariance([3, 2, 1, 0], returns, mask)).toBe(-3);
    expect(explainedVariance([2, 3, 4, 0], returns, mask)).toBe(1);
    expect(explainedVariance([1, 5], [2, 2], [1, 1])).toBe(0);
  });
});
