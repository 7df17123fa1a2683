// Agreement, bias and intervals equal published worked examples, and hold for any judgements.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from '../../src/curation/agreement.ts';
import { biasOf } from '../../src/curation/bias.ts';
import { cohenKappa, krippendorffAlpha } from '../../src/curation/coefficients.ts';
import { shareOf } from '../../src/curation/interval.ts';
import { mergeFeedback } from '../../src/curation/merge.ts';
import type { Judgement } from '../../src/records/feedback.ts';
import { DEFAULT_POLICY } from '../../src/records/preference.ts';
import { judgement, judgements, says, source } from './judgements.ts';

/** One line an observer, '.' where nothing was said → counts a unit. */
function units(...observers: string[]): number[][] {
  const lines = observers.map((line) => line.split(' '));
  const names = [...new Set(lines.flat())].filter((name) => name !== '.');
  return (lines[0] ?? []).map((_, unit) => names.map((name) => lines.filter((line) => line[unit] === name).length));
}

describe('Krippendorff’s α: K. Krippendorff, Computing Krippendorff’s Alpha-Reliability (2011)', () => {
  it.each([
    ['A, binary, two observers, no missing data', 0.095, ['0 1 0 0 0 0 0 0 1 0', '1 1 1 0 0 1 0 0 0 0']],
    ['B, nominal, two observers, no missing data', 0.692, ['a a b b d c c c e d d a', 'b a b b b c c c e d d d']],
    [
      'C, nominal, any number of observers, missing data',
      0.743,
      ['1 2 3 3 2 1 4 1 2 . . .', '1 2 3 3 2 2 4 1 2 5 . 3', '. 3 3 3 2 3 4 2 2 5 1 .', '1 2 3 3 2 4 4 1 2 5 1 .'],
    ],
  ])('%s', (_, alpha, observers) => expect(krippendorffAlpha(units(...observers))).toBeCloseTo(alpha, 3));

  it('is 1 for full agreement, and unknown where nothing is shared or varies', () => {
    expect(
      krippendorffAlpha([
        [2, 0],
        [0, 3],
      ]),
    ).toBe(1);
    expect(
      krippendorffAlpha([
        [2, 0],
        [3, 0],
      ]),
    ).toBeNull();
    expect(
      krippendorffAlpha([
        [1, 0],
        [0, 1],
      ]),
    ).toBeNull();
  });
});

describe('Cohen’s κ: the examples of Wikipedia’s “Cohen’s kappa”', () => {
  it.each([
    [
      '50 grant proposals',
      [
        [20, 5],
        [10, 15],
      ],
      0.4,
    ],
    [
      'equal percentages, first',
      [
        [45, 15],
        [25, 15],
      ],
      0.1304,
    ],
    [
      'equal percentages, second',
      [
        [25, 35],
        [5, 35],
      ],
      0.2593,
    ],
  ])('%s', (_, table, kappa) => expect(cohenKappa(table)).toBeCloseTo(kappa, 4));

  it('is unknown without cases, or when nothing but one category is used', () => {
    expect(
      cohenKappa([
        [0, 0],
        [0, 0],
      ]),
    ).toBeNull();
    expect(
      cohenKappa([
        [7, 0],
        [0, 0],
      ]),
    ).toBeNull();
  });
});

describe('Wilson’s interval: R. G. Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3', () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%i of %i', (count, n, low, high) => {
    const share = shareOf(count, n);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, 4);
  });
  it('holds its share, and everything where there is no case', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 1000 }), (some, n) => {
        const { share, low, high } = shareOf(some % (n + 1), n);
        expect(low >= 0 && low <= share && share <= high && high <= 1).toBe(true);
      }),
    );
    expect(shareOf(0, 0)).toMatchObject({ n: 0, low: 0, high: 1 });
  });
});

describe('agreement of people', () => {
  /** A pair of answers for each letter; '.' says nothing. */
  const sitting = (annotator: string, line: string, round = 0): Judgement[] =>
    [...line].flatMap((what, i) =>
      what === '.'
        ? []
        : says(annotator, what === '=' ? 'tie' : what === 'x' ? 'bad' : what === 'a' ? 'a' : 'b', {
            id: `${i}/${round}/${annotator}`,
            prompt: `${i}`,
            round,
            timestamp: `2026-01-01T00:00:0${round}`,
          }),
    );

  it('of two people is the table of the two', () => {
    // Wikipedia’s 50 proposals, as pairs of answers: 20 both a, 5 a and b, 10 b and a, 15 both b.
    const ada = 'a'.repeat(25) + 'b'.repeat(25);
    const ben = 'a'.repeat(20) + 'b'.repeat(5) + 'a'.repeat(10) + 'b'.repeat(15);
    const found = agreementOf([...sitting('Ada', ada), ...sitting('Ben', ben)]);
    expect(found.pairs).toEqual([
      { a: 'Ada', b: 'Ben', agreement: shareOf(35, 50), kappa: expect.closeTo(0.4, 10) as number },
    ]);
    expect(found).toMatchObject({ percent: { count: 35, n: 50 }, shared: 50 });
  });

  it('is counted by pairs of people, with themselves apart; a tie and both bad are answers too', () => {
    const all = [
      ...sitting('Ada', 'ab=x.'),
      ...sitting('Ben', 'aa=xa'),
      ...sitting('Cleo', 'ab.b.'),
      ...sitting('Ada', 'aa...', 1), // her second round: the last one stands against the others
    ].map((one) => ({
      ...one,
      tags: one.prompt === '1' && one.annotator === 'Cleo' ? ['short'] : [],
      leadTime: one.annotator === 'Ada' ? one.round + 1 : null,
    }));
    const found = agreementOf(all);
    expect(found.percent).toEqual(shareOf(3 + 1 + 1 + 1, 3 + 3 + 1 + 3));
    expect(found.annotators).toEqual([
      {
        annotator: 'Ada',
        judgements: 6,
        withOthers: shareOf(2 + 1 + 1 + 1, 2 + 2 + 1 + 2),
        withSelf: shareOf(1, 2),
        leadTime: 1,
      },
      {
        annotator: 'Ben',
        judgements: 5,
        withOthers: shareOf(2 + 1 + 1 + 1, 7),
        withSelf: shareOf(0, 0),
        leadTime: null,
      },
      { annotator: 'Cleo', judgements: 3, withOthers: shareOf(2, 6), withSelf: shareOf(0, 0), leadTime: null },
    ]);
    expect(found.tags).toEqual([{ tag: 'short', count: 1, agreement: shareOf(1, 3) }]);
    expect(found.alpha).toBeCloseTo(
      krippendorffAlpha([[3], [2, 1], [0, 0, 2], [0, 1, 0, 2]].map((c) => [0, 1, 2, 3].map((i) => c[i] ?? 0))) ?? NaN,
      12,
    );
  });

  it('does not change when answers change places', () =>
    fc.assert(
      fc.property(judgements, (given) => {
        const { distinct } = mergeFeedback([source(given)], DEFAULT_POLICY);
        const turned = distinct.map((one) => ({
          ...one,
          responses: one.responses.toReversed(),
          ranks: one.ranks?.toReversed() ?? null,
        }));
        expect(agreementOf(turned)).toEqual(agreementOf(distinct));
      }),
    ));

  it('of a hundred thousand people on one pair takes no square of time', () => {
    const crowd = Array.from({ length: 100_000 }, (_, i) => says(`${i}`, i % 4 === 0 ? 'b' : 'a', { id: `${i}` }));
    const { percent, pairs } = agreementOf(crowd);
    expect(percent.share).toBeCloseTo(0.625, 4);
    expect(pairs).toHaveLength(190);
  }, 10_000);
});

describe('bias', () => {
  it('counts what was shown first and what is longer, of what was won', () => {
    const given = [
      judgement({ responses: ['long answer', 'short'], shown: [1, 0] }), // on the right, longer: 2.2 times
      judgement({ responses: ['short', 'long answer'], shown: [0, 1] }), // on the left, shorter
      judgement({ responses: ['aaaaa', 'aaaa'], shown: null }), // longer: 1.25 times; its place is unknown
      judgement({ responses: ['abcd', 'efgh'], shown: [0, 1], annotator: 'Ben' }), // as long
      judgement({ verdict: 'tie', responses: ['long answer', 'short'] }),
      judgement({ verdict: 'bad', responses: ['long answer', 'short'] }),
    ];
    expect(biasOf(given)).toEqual({
      left: shareOf(2, 3),
      longer: shareOf(2, 3),
      longerBy: [
        { upTo: 1.25, share: shareOf(1, 1) },
        { upTo: 1.5, share: shareOf(0, 0) },
        { upTo: 2, share: shareOf(0, 0) },
        { upTo: 3, share: shareOf(1, 2) },
        { upTo: Infinity, share: shareOf(0, 0) },
      ],
      leftBy: [
        { annotator: 'Ada', share: shareOf(1, 2) },
        { annotator: 'Ben', share: shareOf(1, 1) },
      ],
    });
  });
  it('of a ranking counts every pair, so that chance stays a half', () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    const given = orders.map((shown) => judgement({ responses: ['a', 'b', 'c'], ranks: [1, 2, 3], shown }));
    expect(biasOf(given).left).toMatchObject({ count: 9, n: 18 });
  });
});
