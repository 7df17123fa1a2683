// The queue: drawn by seed alone, stable while comparisons come, near the shares that were asked for; answers without sides.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { queueOf, shownOrder } from '../../src/curation/queue.ts';
import { UNKNOWN_ORIGIN, type Comparison } from '../../src/records/comparison.ts';
import {
  DEFAULT_QUEUE,
  QUEUE_ORDERS,
  validateQueue,
  type QueueItem,
  type QueueSettings,
} from '../../src/records/queue.ts';

const comparison = (n: number, scores: (number | null)[] = [null, null]): Comparison => ({
  id: `c${n}`,
  projectId: 'p',
  question: 'Q?',
  passages: [],
  prompt: 'Q?',
  responses: scores.map((score, i) => ({ text: `answer ${i}`, origin: UNKNOWN_ORIGIN, score })),
  source: { kind: 'written' },
  seed: n * 7919,
  position: n,
  createdAt: '2026-01-01T00:00:00.000Z',
  version: 1,
});
const many = (n: number): Comparison[] => Array.from({ length: n }, (_, i) => comparison(i));
const none: ReadonlySet<string> = new Set();
const text = ({ comparisonId, round }: QueueItem): string => `${comparisonId}/${round}`;
const ids = (comparisons: readonly Comparison[], settings: Partial<QueueSettings>, others = none): string[] =>
  queueOf(comparisons, { ...DEFAULT_QUEUE, ...settings }, others).map(text);
const settingsOf = fc.record({
  order: fc.constantFrom(...QUEUE_ORDERS),
  repeatShare: fc.double({ min: 0, max: 1, noNaN: true }),
  overlapShare: fc.double({ min: 0, max: 1, noNaN: true }),
  part: fc.constant(1),
  parts: fc.constant(1),
  seed: fc.integer(),
});

test('the same seed makes the same queue; every comparison comes once, and twice only when repeated', () => {
  fc.assert(
    fc.property(fc.nat(60), settingsOf, (n, settings) => {
      const queue = ids(many(n), settings);
      expect(queue).toEqual(ids(many(n), settings));
      expect(new Set(queue).size).toBe(queue.length);
      const first = queue.filter((item) => item.endsWith('/0'));
      expect([...first].sort()).toEqual(
        many(n)
          .map(({ id }) => `${id}/0`)
          .sort(),
      );
    }),
  );
});

test('adding comparisons changes neither what is drawn for others nor the order of first times', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 1, max: 20 }), settingsOf, (n, more, settings) => {
      const others = new Set(many(n).flatMap(({ id }, i) => (i % 2 ? [id] : [])));
      const before = ids(many(n), settings, others);
      const after = ids(many(n + more), settings, others);
      expect(after.filter((item) => before.includes(item)).sort()).toEqual([...before].sort());
      const first = (queue: string[]): string[] => queue.filter((item) => item.endsWith('/0') && before.includes(item));
      expect(first(after)).toEqual(first(before));
    }),
  );
});

test('arrival keeps its order; random does not, and another seed makes another order', () => {
  const arrived = many(50).map(({ id }) => `${id}/0`);
  expect(ids(many(50), { order: 'arrival' })).toEqual(arrived);
  const [one, two] = [ids(many(50), { order: 'random', seed: 1 }), ids(many(50), { order: 'random', seed: 2 })];
  expect(one).not.toEqual(arrived);
  expect(one).not.toEqual(two);
});

test('informative: the smaller the difference of the two best scores, the earlier; those without two come last', () => {
  const list = [
    comparison(0),
    comparison(1, [3, 1]),
    comparison(2, [5, 4.5, -9]),
    comparison(3, [1, null]),
    comparison(4, [-2, -2]),
  ];
  expect(ids(list, { order: 'informative' })).toEqual(['c4/0', 'c2/0', 'c1/0', 'c0/0', 'c3/0']);
});

test('the shares of repetition and of overlap are near what was asked for', () => {
  const list = many(2000);
  for (const share of [0, 0.1, 0.5, 1]) {
    const again = ids(list, { repeatShare: share }).filter((item) => item.endsWith('/1')).length;
    expect(Math.abs(again / 2000 - share)).toBeLessThan(0.04);
    const given = ids(list, { overlapShare: share }, new Set(list.map(({ id }) => id))).length;
    expect(Math.abs(given / 2000 - share)).toBeLessThan(0.04);
  }
  expect(ids(list, { overlapShare: 0 }, new Set(['c3'])).includes('c3/0')).toBe(false);
});

test('a repetition comes behind its first time, ten places later where there are so many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 80 }), settingsOf, (n, settings) => {
      const queue = ids(many(n), settings);
      const firsts = queue.filter((item) => item.endsWith('/0'));
      for (const item of queue.filter((one) => one.endsWith('/1'))) {
        const at = firsts.indexOf(item.replace('/1', '/0'));
        const before = queue.slice(0, queue.indexOf(item)).filter((one) => one.endsWith('/0')).length;
        expect(before).toBeGreaterThanOrEqual(Math.min(at + 11, firsts.length));
      }
    }),
  );
});

test('answers are shown in every order equally often, two of them the other way round when they come again', () => {
  const seeds = Array.from({ length: 4000 }, (_, i) => i * 3 + 1);
  const left = seeds.filter((seed) => shownOrder(seed, 0, 2)[0] === 0).length;
  expect(Math.abs(left / seeds.length - 0.5)).toBeLessThan(0.03);
  for (const seed of seeds.slice(0, 200)) expect(shownOrder(seed, 1, 2)).toEqual([...shownOrder(seed, 0, 2)].reverse());
  const orders = new Map<string, number>();
  for (const seed of seeds) {
    const order = shownOrder(seed, 0, 3).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect(orders.size).toBe(6);
  for (const count of orders.values()) expect(Math.abs(count / seeds.length - 1 / 6)).toBeLessThan(0.03);
});

test('parts: every comparison is given to somebody, the shared ones to everybody, alike in every project', () => {
  const list = many(1500).map((one, n) => ({ ...one, question: `Question ${n}?` }));
  for (const [parts, overlapShare] of [
    [2, 0],
    [3, 0.2],
    [5, 0.5],
  ] as const) {
    const given = new Map(list.map(({ id }) => [`${id}/0`, 0]));
    for (let part = 1; part <= parts; part++) {
      const mine = ids(list, { part, parts, overlapShare });
      for (const id of mine) given.set(id, (given.get(id) ?? 0) + 1);
      const elsewhere = list.map((one) => ({ ...one, id: `other ${one.id}`, seed: one.seed + 1 }));
      const there = ids(elsewhere, { part, parts, overlapShare, seed: 7 }).map((id) => id.replace('other ', ''));
      expect(there).toEqual(mine);
      expect(Math.abs(mine.length / list.length - (overlapShare + (1 - overlapShare) / parts))).toBeLessThan(0.05);
    }
    const times = [...given.values()];
    expect(times.every((n) => n === 1 || n === parts)).toBe(true);
    expect(Math.abs(times.filter((n) => n === parts).length / list.length - overlapShare)).toBeLessThan(0.05);
  }
});

test('settings of earlier versions are one part of one; a part beyond the parts is refused', () => {
  const { part: _part, parts: _parts, ...old } = DEFAULT_QUEUE;
  expect(validateQueue(old)).toEqual(DEFAULT_QUEUE);
  for (const wrong of [
    { part: 3, parts: 2 },
    { part: 0, parts: 2 },
    { part: 1, parts: 1.5 },
  ])
    expect(() => validateQueue({ ...old, ...wrong })).toThrow(/queue\.parts?: must/);
});
