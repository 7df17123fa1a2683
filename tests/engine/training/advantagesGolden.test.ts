// KL, rewards, whitening, advantages and returns equal torch's on rollouts of unlike lengths; every other choice shows.
import { beforeAll, describe, expect, it } from 'vitest';
import { gae, klOf, tokenRewards, whiten } from '../../../src/engine/training/advantages.ts';
import { ppoGolden, type PpoCase, type PpoGolden } from '../ppoGoldens.ts';

const TOLERANCE = 1e-9;

type Found = Record<'kl' | 'rewards' | 'paid' | 'rawAdvantages' | 'advantages' | 'returns', number[]>;

/** What may be done otherwise, as a fault would. */
interface Fault {
  rewards?: typeof tokenRewards;
  white?: typeof whiten;
  gamma?: number;
  lambda?: number;
  estimator?: 'k1' | 'k3';
  /** All answers as if they were one. */
  joined?: boolean;
}

/** All answers of the golden side by side, padded to the longest; the padding holds what must not count. */
function compute({ rows }: PpoGolden, { config, reference, scores }: PpoCase, fault: Fault = {}): Found {
  const time = Math.max(...rows.map(({ completion }) => completion.length));
  const pad = (values: readonly number[]): number[] => [...values, ...Array<number>(time - values.length).fill(99)];
  const masks = rows.map(({ completion }) => Array.from({ length: time }, (_, t) => Number(t < completion.length)));
  const mask = masks.flat();
  const white = fault.white ?? whiten;
  const each = rows.map((row, i) => {
    const kl = klOf(pad(row.logprobs), pad(reference[i]!), fault.estimator ?? config.klEstimator);
    return { kl, rewards: (fault.rewards ?? tokenRewards)(kl, masks[i]!, scores[i]!, config.klCoef) };
  });
  const flat = each.flatMap(({ rewards }) => [...rewards]);
  const paid = config.whitenRewards ? white(flat, mask, { shiftMean: false }) : Float64Array.from(flat);
  const [gamma, lambda] = [fault.gamma ?? config.gamma, fault.lambda ?? config.lambda];
  const values = rows.map((row) => pad(row.values));
  const estimate = (from: number, to: number, i: number) =>
    gae(paid.slice(from, to), values.flat().slice(from, to), fault.joined ? mask : masks[i]!, gamma, lambda);
  const estimated = fault.joined
    ? [estimate(0, mask.length, 0)]
    : rows.map((_, i) => estimate(i * time, (i + 1) * time, i));
  const raw = estimated.flatMap(({ advantages }) => [...advantages]);
  const kept = (all: ArrayLike<number>): number[] => Array.from(all).filter((_, i) => mask[i]);
  return {
    kl: kept(each.flatMap(({ kl }) => [...kl])),
    rewards: kept(flat),
    paid: kept(paid),
    rawAdvantages: kept(raw),
    advantages: kept(white(raw, mask)),
    returns: kept(estimated.flatMap(({ returns }) => [...returns])),
  };
}

/** The largest error of any number. */
const errorOf = (found: Found, wanted: PpoCase): number =>
  Math.max(
    ...(['kl', 'rewards', 'paid', 'rawAdvantages', 'advantages', 'returns'] as const).map((name) => {
      const want = wanted[name].flat();
      expect(found[name].length).toBe(want.length);
      return Math.max(...want.map((x, i) => Math.abs(x - found[name][i]!)));
    }),
  );

const FAULTS: [string, Fault][] = [
  [
    'the score on the first token',
    { rewards: (kl, mask, score, coef) => tokenRewards(kl, mask, score, coef).reverse() },
  ],
  [
    'the score one place after the last, as TRL has it',
    {
      rewards(kl, mask, score, coef) {
        const rewards = tokenRewards(kl, mask, 0, coef);
        rewards[Math.min(rewards.length - 1, Array.from(mask).lastIndexOf(1) + 1)]! += score;
        return rewards;
      },
    },
  ],
  [
    'whitening over padding, too',
    {
      white: (x, _, how) =>
        whiten(
          x,
          Array.from(x, () => 1),
          how,
        ),
    },
  ],
  [
    'a biased variance',
    {
      white(x, mask, how) {
        const n = Array.from(mask).filter(Boolean).length;
        return whiten(x, mask, how).map((w) => w * Math.sqrt(n / (n - 1)));
      },
    },
  ],
  ['another discount', { gamma: 0.95 }],
  ['another λ', { lambda: 0.5 }],
  ['answers that run into one another', { joined: true }],
];

let golden: PpoGolden;
beforeAll(async () => void (golden = await ppoGolden()));

describe.each([0, 1])('case %i', (number) => {
  it('equals torch', () =>
    expect(errorOf(compute(golden, golden.cases[number]!), golden.cases[number]!)).toBeLessThan(TOLERANCE));
  it.each(FAULTS)('sees %s', (_, fault) =>
    expect(errorOf(compute(golden, golden.cases[number]!, fault), golden.cases[number]!)).toBeGreaterThan(
      100 * TOLERANCE,
    ),
  );
  it('sees the other estimator of KL', () => {
    const one = golden.cases[number]!;
    const estimator = one.config.klEstimator === 'k1' ? 'k3' : 'k1';
    expect(errorOf(compute(golden, one, { estimator }), one)).toBeGreaterThan(100 * TOLERANCE);
  });
});
