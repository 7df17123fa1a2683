// What is said of a reward model: the verdict on models whose worth is known, and figures that hold for any scores.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pearson, spearman } from '../../src/curation/correlation.ts';
import { draw } from '../../src/curation/draw.ts';
import { isMatched, qualityOf } from '../../src/curation/rewardQuality.ts';
import type { ScoredPair } from '../../src/records/rewardQuality.ts';

type Texts = Omit<ScoredPair, 'chosenScore' | 'rejectedScore'>;

/** Held-out pairs; the longer answer was chosen in about `longer` of them, every second has two of equal length. */
function texts(n: number, longer = 0.5): Texts[] {
  return Array.from({ length: n }, (_, i) => {
    const [length, wins] = [10 + (i % 7), draw(1, 'longer', `${i}`) < longer];
    const other = i % 2 === 0 ? length : length + 8;
    return {
      id: `p${i}`,
      prompt: `Question ${i}?\n\nContext:\nA passage.`,
      chosen: draw(2, 'text', `${i}`) < 0.5 ? 'a' : 'z',
      rejected: 'm',
      chosenTokens: wins ? other : length,
      rejectedTokens: wins ? length : other,
    };
  });
}

const scored = (pairs: readonly Texts[], score: (pair: Texts, side: 'chosen' | 'rejected') => number): ScoredPair[] =>
  pairs.map((pair) => ({ ...pair, chosenScore: score(pair, 'chosen'), rejectedScore: score(pair, 'rejected') }));

const coin = (seed: number) => (pair: Texts, side: string) => draw(seed, side, pair.id) - 0.5;
const perfect = (_: Texts, side: string) => (side === 'chosen' ? 1.5 : -1);
const length = (pair: Texts, side: 'chosen' | 'rejected') => 0.1 * pair[`${side}Tokens`];
/** Right in `share` of the pairs, whatever their lengths. */
const good = (share: number) => (pair: Texts, side: string) =>
  (side === 'chosen') === draw(3, 'right', pair.id) < share ? 1 : 0;

describe('the verdict', () => {
  it('on one that is always right is passed', () => {
    expect(qualityOf(scored(texts(200), perfect), 1)).toMatchObject({ accuracy: 1, worst: [], gate: 'passed' });
  });
  it('on one that is right in 85 % is passed, also where the longer answer is mostly the better one', () => {
    expect(qualityOf(scored(texts(200), good(0.85)), 1).gate).toBe('passed');
    expect(qualityOf(scored(texts(300, 0.7), good(0.85)), 1).gate).toBe('passed');
  });
  it.each([0.5, 0.8, 0.2])('on one that counts length is lengthAlone, the longer one chosen in %d', (longer) => {
    const pairs = texts(200, longer);
    expect(qualityOf(scored(pairs, length), 1).gate).toBe('lengthAlone');
    expect(qualityOf(scored(pairs, (pair, side) => -length(pair, side)), 1).gate).toBe('lengthAlone'); // prettier-ignore
  });
  it('on a coin is unproven, whichever', () => {
    const gates = Array.from({ length: 40 }, (_, seed) => qualityOf(scored(texts(200), coin(seed)), 1).gate);
    expect(gates.filter((gate) => gate !== 'unproven').length).toBeLessThanOrEqual(2); // 2.5 % are lucky
    expect(gates).not.toContain('lengthAlone');
  });
  it('on the same score for all is unproven', () => {
    expect(qualityOf(scored(texts(200), () => 0), 1)).toMatchObject({ accuracy: 0, gate: 'unproven' }); // prettier-ignore
  });
  it('on few pairs is unproven, though all are right', () => {
    for (const n of [0, 1, 2, 3]) expect(qualityOf(scored(texts(n), perfect), 1).gate).toBe('unproven');
  });
  it('on few pairs of which the longer ones are all right is unproven: so few say nothing about length', () => {
    const longer = texts(200, 1).filter((pair) => !isMatched(pair as ScoredPair));
    for (const n of [5, 10, 19]) expect(qualityOf(scored(longer.slice(0, n), perfect), 1).gate).toBe('unproven');
    expect(qualityOf(scored(longer, perfect), 1).gate).toBe('lengthAlone');
  });
  it('on few pairs of nearly one length, the longer ones all right, is not passed either', () => {
    const pairs = texts(12).map((pair) => ({ ...pair, chosenTokens: 12, rejectedTokens: 11 }));
    expect(qualityOf(scored(pairs, perfect), 1)).toMatchObject({ matched: { n: 12 }, gate: 'unproven' });
  });
  it('without pairs of equal length is not passed', () => {
    const pairs = texts(200).filter((pair) => !isMatched(pair as ScoredPair));
    expect(qualityOf(scored(pairs, good(0.9)), 1)).toMatchObject({ matched: { n: 0 }, gate: 'unproven' });
  });
  it('knows pairs of one question for one: a hundred times the same proves nothing', () => {
    const same = texts(200).map((pair) => ({ ...pair, prompt: 'The same?\n\nContext:\nA passage.' }));
    expect(qualityOf(scored(same, good(0.9)), 1).gate).toBe('unproven');
  });
});

describe('figures', () => {
  it('equal what is counted by hand', () => {
    const pair = (
      id: string,
      chosenScore: number,
      rejectedScore: number,
      chosenTokens: number,
      rejectedTokens: number,
      chosen = 'a',
    ) =>
      // prettier-ignore
      ({ id, prompt: id, chosen, rejected: 'b', chosenScore, rejectedScore, chosenTokens, rejectedTokens });
    const pairs = [
      pair('1', 2, 0, 5, 20),
      pair('2', 0, 3, 20, 5, 'c'),
      pair('3', 1, 0.9, 9, 11),
      pair('4', 0, 0, 50, 46),
    ];
    const { accuracy, matched, baselines, worst, calibration, margins } = qualityOf(pairs, 1);
    expect({ accuracy, n: matched.n, near: matched.accuracy, baselines }).toEqual({
      ...{ accuracy: 0.5, n: 2, near: 0.5 },
      baselines: { longer: 0.5, first: 0.75 },
    });
    expect(worst.map(({ id }) => id)).toEqual(['2', '4']);
    expect(calibration.map(({ n, right }) => [right, n])).toEqual([[1, 2], [0, 0], [0, 0], [1, 1], [0, 1]].map(([a, b]) => [a, b])); // prettier-ignore
    expect(margins.filter(({ n }) => n > 0).map(({ low, n }) => [low, n])).toEqual([[-3, 1], [0, 2], [2, 1]]); // prettier-ignore
  });
  it('correlation equals 198 / √(10 · 7610), and 8 / 10 by rank', () => {
    const [x, y] = [[1, 2, 3, 4, 5], [2, 1, 4, 3, 100]]; // prettier-ignore
    expect(pearson(x, y)).toBeCloseTo(198 / Math.sqrt(76_100), 12);
    expect(spearman(x, y)).toBeCloseTo(0.8, 12);
    expect(spearman([1, 1, 2], [1, 1, 2])).toBeCloseTo(1, 12);
    expect(pearson([1, 1], [1, 2])).toBeNull();
    expect(pearson([], [])).toBeNull();
  });
  it('a perfect length counter correlates fully', () => {
    const { lengthCorrelation, rankCorrelation } = qualityOf(scored(texts(60), length), 1);
    expect([lengthCorrelation, rankCorrelation]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
  });
  it('a well calibrated model is as right as it is sure', () => {
    const sure = (pair: Texts) => 0.5 + 0.49 * draw(4, 'sure', pair.id);
    const pairs = texts(4000).map((pair) => {
      const margin = Math.log(sure(pair) / (1 - sure(pair)));
      const sign = draw(5, 'right', pair.id) < sure(pair) ? 1 : -1;
      return { ...pair, chosenScore: sign * margin, rejectedScore: 0 };
    });
    for (const { right, n, confidence } of qualityOf(pairs, 1).calibration)
      expect(Math.abs(right / n - confidence)).toBeLessThan(0.05);
  });
  it('the interval holds the truth about as often as it says, where two pairs share a question', () => {
    let held = 0;
    const runs = 60;
    for (let run = 0; run < runs; run++) {
      const pairs = Array.from({ length: 100 }, (_, i): ScoredPair => {
        const question = i >> 1;
        const right = draw(run, 'right', `${question}`) < 0.7; // both alike
        return {
          ...(texts(1)[0] as Texts),
          id: `${i}`,
          prompt: `Q${question}`,
          chosenScore: right ? 1 : 0,
          rejectedScore: 0.5,
        };
      });
      const { interval } = qualityOf(pairs, run);
      if (interval.low <= 0.7 && interval.high >= 0.7) held++;
    }
    expect(held / runs).toBeGreaterThan(0.88);
  });
  it('a thousand pairs take a moment', () => {
    const start = performance.now();
    qualityOf(scored(texts(1000), good(0.8)), 1);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

it('margins next to nothing are in one bin', () => {
  const pairs = scored(texts(4), (pair, side) => (side === 'chosen' && pair.id !== 'p0' ? 1e-322 : 0));
  expect(qualityOf(pairs, 1).margins.map(({ n }) => n)).toEqual([4]);
});

it('whatever the scores: shares are 0 … 1 about their means, every pair is in a bin, and the order changes nothing', () => {
  const score = fc.double({ min: -50, max: 50, noNaN: true });
  const tokens = fc.integer({ min: 0, max: 60 });
  const one = fc.record({ chosenScore: score, rejectedScore: score, chosenTokens: tokens, rejectedTokens: tokens, question: fc.nat(9) }); // prettier-ignore
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), fc.nat(), (drawn, seed) => {
      const pairs = drawn.map(({ question, ...rest }, i): ScoredPair => {
        return { ...rest, id: `${i}`, prompt: `Q${question}`, chosen: `${i % 3}`, rejected: '1' };
      });
      const quality = qualityOf(pairs, seed);
      for (const { accuracy, interval, n } of [quality, quality.matched]) {
        expect(0 <= interval.low && interval.high <= 1).toBe(true);
        if (n > 0) expect(interval.low <= accuracy + 1e-12 && accuracy <= interval.high + 1e-12).toBe(true);
      }
      const count = (bins: readonly { n: number }[]) => bins.reduce((sum, { n }) => sum + n, 0);
      expect([count(quality.calibration), count(quality.margins)]).toEqual([pairs.length, pairs.length]);
      for (const { low, high } of quality.margins) expect(low * high).toBeGreaterThanOrEqual(0); // zero is an edge
      const turned = qualityOf(pairs.toReversed(), seed);
      expect([turned.interval, turned.matched.interval, turned.gate]).toEqual([quality.interval, quality.matched.interval, quality.gate]); // prettier-ignore
    }),
    { numRuns: 60 },
  );
});
