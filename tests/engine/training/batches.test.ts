// Batches: every row once an epoch, in an order of seed and epoch alone, in few sizes that hold every batch.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arraysOf,
  epochOf,
  inOrder,
  NOWHERE,
  planBuckets,
  rowsHash,
  type Microbatch,
} from '../../../src/engine/training/batches.ts';
import type { EncodedRow } from '../../../src/engine/training/rows.ts';

/** A row of `length` ids whose last `learned` carry loss. */
const row = (length: number, learned: number, first = 0): EncodedRow => ({
  ids: Array.from({ length }, (_, i) => first + i),
  mask: Uint8Array.from({ length }, (_, i) => Number(i >= Math.max(1, length - learned))),
  cutTokens: 0,
});
const anyRows = fc.array(
  fc.tuple(fc.integer({ min: 2, max: 200 }), fc.integer({ min: 1, max: 30 })).map(([n, m]) => row(n, m)),
  { minLength: 1, maxLength: 60 },
);
const anyBatch = fc.integer({ min: 1, max: 9 });
const members = (batches: readonly Microbatch[]): number[] => batches.flatMap((b) => [...b.members]);

describe('an epoch', () => {
  it('holds every row once, and every batch fits its size', () =>
    fc.assert(
      fc.property(anyRows, anyBatch, fc.nat(), (rows, batch, seed) => {
        const buckets = planBuckets(rows, batch);
        expect(buckets.length).toBeLessThanOrEqual(4);
        for (const batches of [epochOf(rows, buckets, seed, 0), inOrder(rows, buckets)]) {
          expect(members(batches).sort((a, b) => a - b)).toEqual(rows.map((_, i) => i));
          expect(batches.filter((b) => b.members.length < batch).length).toBeLessThanOrEqual(1);
          for (const one of batches) {
            const arrays = arraysOf(rows, one);
            expect(arrays.ids.length).toBe(one.bucket.batch * one.bucket.time);
            expect(arrays.valid).toBeLessThanOrEqual(one.bucket.rows);
          }
        }
      }),
    ));
  it('is the same for the same seed and number, and another for another', () => {
    const rows = Array.from({ length: 40 }, (_, i) => row(5 + i, 2));
    const buckets = planBuckets(rows, 4);
    const epoch = (seed: number, n: number): number[] => members(epochOf(rows, buckets, seed, n));
    expect(epoch(1, 0)).toEqual(epoch(1, 0));
    expect(epoch(1, 0)).not.toEqual(epoch(1, 1));
    expect(epoch(1, 0)).not.toEqual(epoch(2, 0));
  });
  it('mixes: of two halves, each batch order is not the order of the rows', () => {
    const rows = Array.from({ length: 64 }, () => row(20, 2));
    const order = members(epochOf(rows, planBuckets(rows, 8), 3, 0));
    const firstHalf = order.slice(0, 32).filter((i) => i < 32).length;
    expect(firstHalf).toBeGreaterThan(8);
    expect(firstHalf).toBeLessThan(24);
  });
});

describe('the arrays of a batch', () => {
  it('predict each learned id at the position before it, and pad with nowhere', () => {
    const rows = [row(5, 2, 100), row(3, 1, 200)];
    const bucket = { batch: 3, time: 16, rows: 64 };
    const { ids, index, targets, valid, tokens } = arraysOf(rows, { bucket, members: [1, 0] });
    expect([...ids.slice(0, 16)]).toEqual([200, 201, ...Array<number>(14).fill(0)]);
    expect([...ids.slice(16, 20)]).toEqual([100, 101, 102, 103]);
    expect(valid).toBe(3);
    expect([...index.slice(0, 4)]).toEqual([1, 16 + 2, 16 + 3, NOWHERE]);
    expect([...targets.slice(0, 3)]).toEqual([202, 103, 104]);
    expect(tokens).toBe(8);
  });
});

it('the hash of the rows changes with an id, a mask or the order', () => {
  const rows = [row(5, 2), row(6, 2)];
  const hashes = [rows, [row(5, 3), row(6, 2)], [row(5, 2, 1), row(6, 2)], rows.toReversed()].map(rowsHash);
  expect(new Set(hashes).size).toBe(4);
});
