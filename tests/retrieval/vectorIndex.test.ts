// voy and the exact search behind one face: the same neighbours, and none of voy's traps.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Voy } from 'voy-search/voy_search.js';
import type { ExactReason } from '../../src/records/corpus.ts';
import { openVectorIndex } from '../../src/retrieval/vectorIndex.ts';
import { nearest, stack, uniform, unit, unitRows } from './vectors.ts';

afterEach(() => vi.restoreAllMocks());

/** Both indexes over the same rows must agree to the last bit; returns what serves `auto`. */
async function agree(rows: Float32Array, dim: number, queries: Float32Array, ks = [1, 5, 20]) {
  const auto = await openVectorIndex(rows, dim, 'auto');
  const exact = await openVectorIndex(rows, dim, 'exact');
  expect(exact).toMatchObject({ kind: 'exact', why: 'chosen', size: rows.length / dim, dim });
  expect(auto).toMatchObject({ size: rows.length / dim, dim });
  for (let at = 0; at < queries.length; at += dim)
    for (const k of ks) {
      const query = queries.subarray(at, at + dim);
      expect(auto.search(query, k)).toEqual(exact.search(query, k));
    }
  const served: { kind: 'voy' | 'exact'; why: ExactReason | null } = { kind: auto.kind, why: auto.why };
  auto.dispose();
  exact.dispose();
  return served;
}

const voy = { kind: 'voy', why: null };
const exactly = (why: ExactReason) => ({ kind: 'exact', why });

describe('the same neighbours', () => {
  it.each([
    [2000, 64],
    [1000, 512],
    [300, 768],
    [33, 32],
  ])('among %i rows of %i dimensions, for new and for known vectors', async (count, dim) => {
    const rows = unitRows(count, dim, 1);
    const queries = stack([unitRows(10, dim, 2), rows.subarray(0, 10 * dim)]);
    expect(await agree(rows, dim, queries)).toEqual(voy);
  });

  it('and they are those of plain sums', async () => {
    const rows = unitRows(500, 64, 7);
    const index = await openVectorIndex(rows, 64, 'auto');
    for (let seed = 20; seed < 30; seed++) {
      const query = unitRows(1, 64, seed);
      expect(index.search(query, 7).map(({ row }) => row)).toEqual(nearest(rows, 64, query, 7));
    }
    index.dispose();
  });

  it('of which only some are allowed', async () => {
    const rows = unitRows(400, 64, 3);
    const index = await openVectorIndex(rows, 64, 'auto');
    expect(index.kind).toBe('voy');
    const odd = index.search(rows.subarray(0, 64), 5, (row) => row % 2 === 1).map(({ row }) => row);
    const all = index.search(rows.subarray(0, 64), 400).map(({ row }) => row);
    expect(odd).toEqual(all.filter((row) => row % 2 === 1).slice(0, 5));
    index.dispose();
  });

  it('however many are asked for', async () => {
    const rows = unitRows(40, 64, 3);
    expect(await agree(rows, 64, rows, [-1, 0, 39, 40, 41, 5000])).toEqual(voy);
  });
});

describe('what voy cannot serve', () => {
  it('equal rows: folded, however many, and each is found', async () => {
    const some = unitRows(50, 64, 1);
    const rows = stack(Array.from({ length: 500 }, (_, i) => some.subarray(64 * (i % 50), 64 * (i % 50) + 64)));
    expect(await agree(rows, 64, some, [1, 10, 11, 25])).toEqual(voy);
    const index = await openVectorIndex(rows, 64, 'auto');
    expect(index.search(some.subarray(64, 128), 10).map(({ row }) => row)).toEqual(
      Array.from({ length: 10 }, (_, i) => 1 + 50 * i),
    );
    index.dispose();
  });

  it('more than 768 dimensions', async () => {
    const rows = unitRows(20, 769, 1);
    expect(await agree(rows, 769, rows)).toEqual(exactly('dimensions'));
  });

  it('more than 10,000 different rows, but not more than that of equal ones', async () => {
    const rows = unitRows(10_001, 32, 1);
    expect(await agree(rows, 32, rows.subarray(0, 64))).toEqual(exactly('many'));
    const few = stack(Array.from({ length: 10_500 }, (_, i) => rows.subarray(32 * (i % 40), 32 * (i % 40) + 32)));
    expect(await agree(few, 32, rows.subarray(0, 64))).toEqual(voy);
  });

  /** Rows of which the first `equals` have the same coordinate on an axis, the lowest of all. */
  const flat = (equals: number, axis: number): Float32Array => {
    const rows = unitRows(200, 64, 11);
    for (let row = 0; row < equals; row++) {
      const vector = rows.subarray(64 * row, 64 * row + 64);
      vector[axis] = 0;
      vector.set(unit(vector));
      for (let i = 0; i < 64; i++) vector[i] = Math.fround((vector[i] ?? 0) * Math.sqrt(1 - 0.81));
      vector[axis] = -0.9;
    }
    return rows;
  };
  it.each([0, 5, 63])('more than 16 equal coordinates on axis %i', async (axis) => {
    expect(await agree(flat(17, axis), 64, unitRows(5, 64, 2))).toEqual(exactly('crowded'));
    expect(await agree(flat(16, axis), 64, unitRows(5, 64, 2))).toEqual(voy);
  });

  it('fewer axes than its tree may need, but for a single leaf', async () => {
    expect(await agree(unitRows(2000, 4, 1), 4, unitRows(5, 4, 2))).toEqual(exactly('crowded'));
    expect(await agree(unitRows(32, 4, 1), 4, unitRows(5, 4, 2))).toEqual(voy);
  });

  it('rows along a curve, which would make its tree deeper than it has axes', async () => {
    const rows = stack(
      Array.from({ length: 3000 }, (_, i) =>
        unit(Array.from({ length: 64 }, (_, j) => 1 + ((j % 2 ? i : -i) * 1e-4 * (j + 1)) / 64)),
      ),
    );
    expect(await agree(rows, 64, rows.subarray(64 * 1500, 64 * 1503))).toEqual(voy);
  });

  it('rows of another length than 1, of no length, and such as are not numbers', async () => {
    for (const value of [0, 2, NaN, Infinity]) {
      const rows = unitRows(50, 64, 1);
      for (let i = 64; i < 128; i++) rows[i] = (rows[i] ?? 0) * value;
      const index = await openVectorIndex(rows, 64, 'auto');
      expect(index).toMatchObject(exactly('failed'));
      const found = index.search(rows.subarray(0, 64), 50).map(({ row }) => row);
      expect(found.includes(1)).toBe(Number.isFinite(value));
      index.dispose();
    }
  });

  it('a query without a direction', async () => {
    const rows = unitRows(50, 64, 1);
    expect(await agree(rows, 64, new Float32Array(64), [5])).toEqual(voy);
    const index = await openVectorIndex(rows, 64, 'auto');
    expect(index.search(new Float32Array(64).fill(NaN), 3)).toEqual([]);
    expect(() => index.search(new Float32Array(63), 3)).toThrow('a query must have 64 numbers, got 63.');
    expect(index.kind).toBe('voy');
    index.dispose();
  });

  it('one row, and none', async () => {
    const rows = unitRows(1, 64, 1);
    expect(await agree(rows, 64, rows, [1, 3])).toEqual(voy);
    expect(await agree(new Float32Array(), 64, rows, [1, 3])).toEqual(voy);
  });
});

/** How many of 40 rows do not find their 3 nearest by voy alone, when the first `equals` of a leaf share their lowest
 *  coordinate; over several seeds. */
function lostByVoy(equals: number): number {
  let lost = 0;
  for (let seed = 0; seed < 20; seed++) {
    const rows = unitRows(40, 3, seed);
    for (let row = 0; row < equals; row++) {
      const angle = 3 * Math.sin(12.9898 * row + seed); // no two pairs equally far apart
      rows.set([-0.9, Math.sqrt(0.19) * Math.cos(angle), Math.sqrt(0.19) * Math.sin(angle)], 3 * row);
    }
    const vector = (row: number): Float32Array => rows.subarray(3 * row, 3 * row + 3);
    const embeddings = [...Array(40).keys()].map((row) => ({
      ...{ id: `${row}`, title: '', url: '' },
      embeddings: Array.from(vector(row)),
    }));
    const voy = new Voy({ embeddings });
    for (let row = 0; row < 40; row++) {
      const found = voy.search(vector(row), 3).neighbors.map(({ id }) => Number(id));
      if (String(found) !== String(nearest(rows, 3, vector(row), 3))) lost++;
    }
    voy.free();
  }
  return lost;
}

it('voy alone loses rows from 17 equal coordinates on: where the limit comes from', () => {
  expect(lostByVoy(16)).toBe(0);
  expect(lostByVoy(17)).toBeGreaterThan(0);
});

it('rows that are no multiple of the dimensions are refused in words', async () => {
  await expect(openVectorIndex(new Float32Array(10), 4, 'auto')).rejects.toThrow('must be a multiple of 4 numbers');
});

it('a closed index gives its memory to the next', async () => {
  const wasm = (await import('voy-search/voy_search_bg.wasm')) as unknown as { memory: WebAssembly.Memory };
  const sizes: number[] = [];
  for (let time = 0; time < 4; time++) {
    (await openVectorIndex(unitRows(1000, 64, time), 64, 'auto')).dispose();
    sizes.push(wasm.memory.buffer.byteLength);
  }
  expect(sizes[3]).toBe(sizes[1]);
});

it('any rows, coarse or fine, repeated or not, are searched without an error of voy', async () => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined); // voy reports a panic there
  const next = uniform(5);
  for (let time = 0; time < 60; time++) {
    const dim = 1 + Math.floor(next() * 100);
    const count = 1 + Math.floor(next() * 300);
    const levels = 1 + Math.floor(next() * 30) ** 2; // few: many equal coordinates
    const vectors = Array.from({ length: count }, () =>
      unit(Array.from({ length: dim }, (_, i) => Math.round((next() - 0.5) * levels) + (i === 0 ? 0.5 : 0))),
    );
    const rows = stack(vectors);
    const served = await agree(rows, dim, unitRows(2, dim, time), [5]);
    expect(['crowded', null]).toContain(served.why);
  }
  expect(errors).not.toHaveBeenCalled();
});
