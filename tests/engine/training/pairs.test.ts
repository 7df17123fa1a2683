// Preferences become pairs of rows that end with the end token; every pair is read once in an epoch, in an order of the seed.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeScored } from '../../../src/engine/score.ts';
import { Tokenizer } from '../../../src/engine/tokenizer.ts';
import { NOWHERE } from '../../../src/engine/training/batches.ts';
import {
  lengthOf,
  pairArrays,
  pairSchedule,
  partsOf,
  preparePairs,
  someOf,
  type EncodedPair,
  type PairBatch,
  type PairRow,
} from '../../../src/engine/training/pairs.ts';
import { NANO } from '../../../src/records/baseModel.ts';
import { filesIn } from '../files.ts';

let tokenizer: Tokenizer;
beforeAll(async () => void (tokenizer = await Tokenizer.load(filesIn('public/models/nano'))));

const row = (i: number, more: Partial<PairRow> = {}): PairRow => ({
  id: `${i}`,
  prompt: `Who leads firm ${i}?`,
  chosen: `Anna leads firm ${i} [1].`,
  rejected: 'Anna.',
  margin: null,
  ...more,
});
const LIMITS = { maxLength: 64, useMargin: false };

describe('a pair', () => {
  it('is its prompt as the model is asked, then each completion, then the end', () => {
    const { train } = preparePairs(tokenizer, NANO, { train: [row(1)], test: [] }, LIMITS);
    const asked = tokenizer.chat([{ role: 'user', content: row(1).prompt }]);
    const end = tokenizer.eosId as number;
    expect(train[0]?.chosen).toEqual([...asked, ...tokenizer.encode(row(1).chosen), end]);
    expect(train[0]?.rejected).toEqual([...asked, ...tokenizer.encode('Anna.'), end]);
    expect(encodeScored(tokenizer, '', { prompt: row(1).prompt, completion: 'Anna.' })).toEqual(train[0]?.rejected);
  });

  it('ends with its end token even where the template writes a line break behind it: a policy draws nothing after its end', async () => {
    const files = filesIn('public/models/nano');
    const text = async (name: string): Promise<string | null> =>
      ((await files.text(name)) ?? null)?.replace('{{ eos_token }}', '{{ eos_token }}\\n') ?? null;
    const breaking = await Tokenizer.load({ ...files, text });
    const asked = [{ role: 'user' as const, content: row(1).prompt }];
    const told = breaking.render([...asked, { role: 'assistant', content: 'Anna.' }], false);
    expect(told?.endsWith('<|eos|>\n')).toBe(true);
    expect(encodeScored(breaking, '', { prompt: row(1).prompt, completion: 'Anna.' })).toEqual([
      ...breaking.chat(asked),
      ...breaking.encode('Anna.'),
      breaking.eosId,
    ]);
  });

  it('that is longer than maxLength, or than the model reads, is left out and counted', () => {
    const long = row(2, { rejected: 'Anna. '.repeat(80) });
    const given = { train: [row(1), long, row(3)], test: [long, row(4)] };
    const { train, test, data } = preparePairs(tokenizer, NANO, given, LIMITS);
    expect([train.map(({ id }) => id), test.map(({ id }) => id)]).toEqual([['1', '3'], ['4']]);
    expect(data).toMatchObject({ train: 2, test: 1, dropped: 2, truncated: 0 });
    const small = { ...NANO, contextLength: 4 };
    expect(() => preparePairs(tokenizer, small, given, LIMITS)).toThrow('pairs: at least one must be short enough');
  });

  it('has a margin where the configuration asks for it and somebody gave one', () => {
    const given = { train: [row(1, { margin: 2 }), row(2)], test: [] };
    const margins = (useMargin: boolean): number[] =>
      preparePairs(tokenizer, NANO, given, { ...LIMITS, useMargin }).train.map(({ margin }) => margin);
    expect([margins(true), margins(false)]).toEqual([
      [2, 0],
      [0, 0],
    ]);
  });

  it('that changes its words, its winner, its margin or its side makes other data', () => {
    const hash = (train: PairRow[], test: PairRow[]): string =>
      preparePairs(tokenizer, NANO, { train, test }, { ...LIMITS, useMargin: true }).data.hash;
    const { chosen, rejected } = row(1);
    const hashes = [
      hash([row(1), row(2)], [row(3)]),
      hash([row(1, { chosen: 'Bea.' }), row(2)], [row(3)]),
      hash([row(1, { chosen: rejected, rejected: chosen }), row(2)], [row(3)]),
      hash([row(1, { margin: 1 }), row(2)], [row(3)]),
      hash([row(1)], [row(2), row(3)]),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hash([row(1), row(2)], [row(3)])).toBe(hashes[0]);
  });
});

const ids = (n: number): number[] => Array.from({ length: n }, (_, t) => 3 + t);
const pairOf = (lengths: readonly [number, number], i: number): EncodedPair => ({
  id: `${i}`,
  chosen: ids(lengths[0]),
  rejected: ids(lengths[1]),
  margin: i,
});
const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })), {
  minLength: 1,
  maxLength: 40,
});

describe('the batches of a run', () => {
  it('hold every pair once in an epoch, in programs that they fit; the test pairs, too', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 99 }), (sizes, batch, seed) => {
        const pairs = sizes.map(pairOf);
        const plan = pairSchedule({ train: pairs, test: pairs }, { batch, seed, steps: 0, epochs: 2 });
        const perEpoch = plan.steps / 2;
        for (const [batches, known] of [
          [plan.epoch, plan.train],
          [Array.from({ length: perEpoch }, (_, n) => plan.batch(perEpoch + n)), plan.train],
          [plan.evaluation, plan.test],
        ] as const) {
          const members = batches.flatMap((b) => b.members).sort((a, b) => a - b);
          expect(members).toEqual(pairs.map((_, i) => i));
          for (const { bucket, members: own } of batches) {
            expect(known).toContainEqual(bucket);
            expect(own.length).toBeLessThanOrEqual(bucket.batch);
            expect(Math.max(...own.map((i) => lengthOf(pairs[i] as EncodedPair)))).toBeLessThanOrEqual(bucket.time);
          }
        }
      }),
    );
  });

  it('come in an order of the seed, another one in each epoch, whenever they are asked for', () => {
    const pairs = Array.from({ length: 30 }, (_, i) => pairOf([10, 12], i));
    const order = (seed: number, from: number): number[] => {
      const { batch } = pairSchedule({ train: pairs, test: [] }, { batch: 4, seed, steps: 0, epochs: 3 });
      return Array.from({ length: 8 }, (_, n) => batch(from + n)).flatMap(({ members }) => members);
    };
    expect(order(1, 8)).toEqual(order(1, 8));
    expect(order(1, 8)).not.toEqual(order(1, 0));
    expect(order(1, 0)).not.toEqual(order(2, 0));
  });
});

it('chosen rows come first, then the rejected in their order; where a pair is missing nothing is read or counted', () => {
  const pairs = [pairOf([3, 5], 0), pairOf([4, 2], 1)];
  const batch: PairBatch = { bucket: { batch: 3, time: 6 }, members: [1, 0] };
  const { ids: read, last, margins, weights } = pairArrays(pairs, batch, 0.5);
  expect([...last]).toEqual([3, 6 + 2, NOWHERE, 18 + 1, 24 + 4, NOWHERE]);
  expect([...read.slice(0, 6)]).toEqual([3, 4, 5, 6, 0, 0]);
  expect([...read.slice(24, 30)]).toEqual([3, 4, 5, 6, 7, 0]);
  expect([...margins]).toEqual([1, 0, 0]);
  expect([...weights]).toEqual([0.5, 0.5, 0]);
});

it('parts of a batch hold its pairs in their order, in one size', () => {
  const batch: PairBatch = { bucket: { batch: 5, time: 16 }, members: [4, 0, 3, 1, 2] };
  expect(partsOf(batch, 2).map(({ members }) => members)).toEqual([[4, 0], [3, 1], [2]]);
  expect(new Set(partsOf(batch, 2).map(({ bucket }) => `${bucket.batch}×${bucket.time}`))).toEqual(new Set(['2×16']));
  expect(partsOf(batch, 8)).toEqual([batch]);
});

it('some of many pairs are whole pairs, evenly among all of them', () => {
  const pairs = Array.from({ length: 10 }, (_, i) => pairOf([3, 4], i));
  const places = (most: number): string[] => someOf(pairs, most).map(({ id }) => id);
  expect(places(5)).toEqual(['0', '2', '4', '6', '8']);
  expect(places(4)).toEqual(['0', '3', '6', '9']);
  expect(someOf(pairs, 10)).toEqual(pairs);
  expect(someOf([], 10)).toEqual([]);
});
