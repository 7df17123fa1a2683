// The exact search: its scores, its order, and its two kernels.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANES, plainDots, simdDots } from '../../src/retrieval/dotKernel.ts';
import { best, ExactSearch } from '../../src/retrieval/exactSearch.ts';
import { nearest, products, stack, unit, unitRows } from './vectors.ts';

describe('the kernels', () => {
  it.each([8, 16, 24, 384, 512])(
    'of SIMD and of loops give the inner products of rows of %i floats',
    async (stride) => {
      const count = 37;
      const rows = unitRows(count, stride, stride);
      const query = unitRows(1, stride, 99);
      const floats = (count + 1) * stride + count + 5;
      const simd = await simdDots(floats);
      expect(simd).not.toBeNull();
      for (const home of [simd, plainDots(floats)]) {
        if (!home) continue;
        const { memory, dots } = home;
        memory.set(rows);
        memory.set(query, count * stride);
        dots(count * stride, 0, (count + 1) * stride, stride, count);
        const expected = products(rows, stride, query);
        const scores = memory.subarray((count + 1) * stride);
        for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 6);
        expect([...scores.subarray(count)]).toEqual([0, 0, 0, 0, 0]); // nothing behind the last score
        expect(memory.subarray(0, count * stride)).toEqual(rows);
      }
    },
  );

  it('are both asked for whole lanes only', () => expect(LANES % 8).toBe(0));

  it('refuse more memory than WebAssembly has', async () => expect(await simdDots(2 ** 31)).toBeNull());
});

describe('the k best', () => {
  // Few different scores, so that many are equal.
  const scores = fc.array(fc.constantFrom(-1, -0.5, 0, 0.25, 1, NaN), { maxLength: 60 });
  it('are those of a stable sort, whatever is allowed', () =>
    fc.assert(
      fc.property(scores, fc.integer({ min: 0, max: 70 }), fc.integer({ min: 1, max: 4 }), (values, k, every) => {
        const allowed = (row: number): boolean => row % every === 0;
        const expected = values
          .map((score, row) => ({ row, score }))
          .filter(({ row, score }) => allowed(row) && !Number.isNaN(score))
          .sort((a, b) => b.score - a.score || a.row - b.row)
          .slice(0, k);
        expect(best(Float32Array.from(values), k, allowed)).toEqual(expected);
      }),
      { numRuns: 500 },
    ));
});

describe('a search', () => {
  const KERNELS = ['simd', 'loops'] as const;
  it.each([1, 3, 7, 8, 9, 31, 384, 1024].flatMap((dim) => KERNELS.map((kernel) => [dim, kernel] as const)))(
    'in %i dimensions by %s finds what plain sums find',
    async (dim, kernel) => {
      const rows = unitRows(100, dim, 5);
      const search = await ExactSearch.open(rows, dim, kernel);
      for (let seed = 0; seed < 5; seed++) {
        const query = unitRows(1, dim, 1000 + seed);
        const found = search.search(query, 10);
        const scores = products(rows, dim, query);
        // In one dimension all scores are ±1 and float32 may round them apart: compare scores, then rows where they differ.
        expect(found.map(({ score }) => score.toFixed(5))).toEqual(
          nearest(rows, dim, query, 10).map((row) => (scores[row] ?? NaN).toFixed(5)),
        );
        if (dim > 2) expect(found.map(({ row }) => row)).toEqual(nearest(rows, dim, query, 10));
      }
    },
  );

  it('gives one row the same score alone, among some and among all', async () => {
    const rows = unitRows(50, 20, 3);
    const search = await ExactSearch.open(rows, 20);
    const query = unitRows(1, 20, 4);
    const all = search.search(query, 50);
    expect(search.rank(query, [...Array(50).keys()].reverse())).toEqual(all);
    for (const { row, score } of all) expect(search.score(query, row)).toBe(score);
  });

  it('knows how alike two rows are, in either order', async () => {
    const rows = stack([unit([1, 0, 0]), unit([1, 1, 0]), unit([0, 0, 1])]);
    const search = await ExactSearch.open(rows, 3);
    expect(search.similarity(0, 1)).toBeCloseTo(Math.SQRT1_2, 6);
    expect(search.similarity(1, 0)).toBe(search.similarity(0, 1));
    expect(search.similarity(0, 2)).toBe(0);
  });

  it('does not need the rows that it was given any more', async () => {
    const rows = unitRows(10, 16, 8);
    const search = await ExactSearch.open(rows, 16);
    const query = rows.slice(48, 64);
    rows.fill(NaN);
    expect(search.search(query, 1)).toEqual([{ row: 3, score: expect.closeTo(1, 6) as number }]);
  });

  it('never finds a row that is not a number', async () => {
    const rows = unitRows(4, 8, 1);
    rows[8] = NaN;
    const search = await ExactSearch.open(rows, 8);
    expect(search.search(rows.subarray(0, 8), 9).map(({ row }) => row)).not.toContain(1);
    expect(search.rank(rows.subarray(0, 8), [0, 1]).map(({ row }) => row)).toEqual([0]);
  });

  it('among no rows finds none', async () => {
    const search = await ExactSearch.open(new Float32Array(), 8);
    expect(search.search(new Float32Array(8), 3)).toEqual([]);
  });

  it('refuses in words a query of other dimensions, a row that is not there, and a closed index', async () => {
    const search = await ExactSearch.open(unitRows(3, 8, 1), 8);
    expect(() => search.search(new Float32Array(7), 1)).toThrow('a query must have 8 numbers, got 7.');
    expect(() => search.score(new Float32Array(8), 3)).toThrow('a row must be one of 3, got 3.');
    search.dispose();
    expect(() => search.search(new Float32Array(8), 1)).toThrow('must be open');
  });
});
