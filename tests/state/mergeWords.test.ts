// The words that figures of merging get are those of their table, and the funnel loses nothing between its steps.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOSSES, type Funnel, type Lost, type Share } from '../../src/records/merging.ts';
import { DEFAULT_POLICY } from '../../src/records/preference.ts';
import {
  bandOf,
  BANDS,
  comparisonOf,
  isFew,
  isVague,
  leaningOf,
  stepsOf,
  weigh,
  weightOf,
} from '../../src/state/mergeWords.ts';

const share = (low: number, high: number, n = 100): Share => ({ count: 0, n, share: (low + high) / 2, low, high });

test('bands are those of Landis and Koch, as the number is shown', () => {
  const cases: [number, string][] = [
    [-1, 'below'],
    [-0.01, 'below'],
    [-0.004, 'slight'],
    [0, 'slight'],
    [0.2, 'slight'],
    [0.21, 'fair'],
    [0.404, 'fair'],
    [0.405, 'moderate'],
    [0.6, 'moderate'],
    [0.61, 'substantial'],
    [0.8, 'substantial'],
    [0.81, 'almost'],
    [1, 'almost'],
  ];
  for (const [x, band] of cases) expect(bandOf(x), String(x)).toBe(band);
});

test('more agreement is never a weaker band', () => {
  const x = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(x, x, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(BANDS.indexOf(bandOf(low))).toBeLessThanOrEqual(BANDS.indexOf(bandOf(high)));
    }),
  );
});

test('a share leans only where its interval leaves out one half', () => {
  expect(leaningOf(share(0.51, 0.65))).toBe('over');
  expect(leaningOf(share(0.35, 0.49))).toBe('under');
  expect(leaningOf(share(0.5, 0.65))).toBe('none');
  expect(leaningOf(share(0.35, 0.5))).toBe('none');
  expect(leaningOf(share(NaN, NaN, 0))).toBe('unknown');
});

test('a wide interval is said to be wide, and one of nothing is not', () => {
  expect(isVague(share(0.2, 0.9, 4))).toBe(true);
  expect(isVague(share(0.4, 0.6))).toBe(false);
  expect(isVague(share(0, 1, 0))).toBe(false);
});

const lost: fc.Arbitrary<Lost> = fc.record({
  loss: fc.constantFrom(...LOSSES),
  of: fc.constantFrom('judgements', 'pairs'),
  count: fc.nat(50),
  feedbackIds: fc.constant([]),
});
const funnel: fc.Arbitrary<Funnel> = fc
  .tuple(fc.uniqueArray(lost, { selector: ({ loss }) => loss }), fc.nat(200), fc.nat(200), fc.nat(9))
  .map(([losses, valid, preferences, invalid]) => {
    const sum = (of: Lost['of']): number =>
      losses.filter((one) => one.of === of).reduce((all, { count }) => all + count, 0);
    return {
      judgements: valid + sum('judgements'),
      invalid,
      valid,
      pairs: preferences + sum('pairs'),
      preferences,
      losses,
    };
  });

test('each step is the one before less what is lost on the way, and every loss is shown once', () => {
  fc.assert(
    fc.property(funnel, (given) => {
      const steps = stepsOf(given);
      const gone = (i: number): number => steps[i]?.losses.reduce((all, { count }) => all + count, 0) ?? 0;
      const count = (i: number): number => steps[i]?.count ?? NaN;
      expect(count(1)).toBe(count(0) - gone(1));
      expect(count(3)).toBe(count(2) - gone(3));
      expect(count(4)).toBe(count(3) - gone(4));
      expect(count(4)).toBe(given.preferences);
      const shown = steps.flatMap(({ losses }) => losses.map(({ loss }) => loss)).filter((loss) => loss !== 'invalid');
      expect(shown.sort()).toEqual(
        given.losses
          .filter((one) => one.count > 0)
          .map(({ loss }) => loss)
          .sort(),
      );
    }),
  );
});

test('a weight of 1 is not kept, and another person’s stays', () => {
  const policy = { ...DEFAULT_POLICY, weights: { Ada: 2 } };
  expect(weightOf(policy, 'Ada')).toBe(2);
  expect(weightOf(policy, 'Bob')).toBe(1);
  expect(weigh(policy, 'Bob', 0)).toEqual({ Ada: 2, Bob: 0 });
  expect(weigh(policy, 'Ada', 1)).toEqual({});
});

test('pairs judged by too few are lost before anyone asks whether people agree', () => {
  const one = (loss: Lost['loss']): Lost => ({ loss, of: 'pairs', count: 1, feedbackIds: [] });
  const losses = [one('conflict'), one('few')];
  const steps = stepsOf({ judgements: 4, invalid: 0, valid: 4, pairs: 3, preferences: 1, losses });
  expect(steps.slice(3).map(({ count, losses: gone }) => [count, gone.map(({ loss }) => loss)])).toEqual([
    [2, ['few']],
    [1, ['conflict']],
  ]);
});

test('a person may be called like a property of every object', () => {
  expect(weightOf(DEFAULT_POLICY, 'constructor')).toBe(1);
  expect(weigh(DEFAULT_POLICY, 'constructor', 2)).toEqual({ constructor: 2 });
});

test('a piece of feedback names its comparison', () => {
  expect(comparisonOf('c1/0/Ada/Lovelace')).toBe('c1');
});

test('a coefficient of fewer than ten is not put into words', () => {
  expect([0, 9, 10].map(isFew)).toEqual([true, true, false]);
});
