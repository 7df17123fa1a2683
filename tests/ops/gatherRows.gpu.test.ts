// gatherRows and embedding copy exactly the named rows, of halves too; a number outside of the table gives zeros; their
// gradients go back to exactly those rows.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { add } from '../../src/engine/ops/add.ts';
import { embedding } from '../../src/engine/ops/embedding.ts';
import { gatherRows } from '../../src/engine/ops/gatherRows.ts';
import { f16ToF32, f32ToF16 } from '../../src/formats/float16.ts';
import { testGpu } from '../gpu.ts';
import { gatherRowsReference } from '../reference/gatherRows.ts';
import { differentiate } from '../../src/engine/gpu/differentiate.ts';
import { expectClose, noise, runOp } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

for (const [vocabulary, dim, ids] of [
  [1, 1, [0]],
  [11, 33, [10, 0, 3, 3, 7]],
  [50, 128, [49, 50, 1, 0xffffffff, 2]],
] as const)
  it(`${ids.length} rows of [${vocabulary}, ${dim}]`, async () => {
    const table = noise(vocabulary * dim, 1);
    const T = gpu.tensor('table', [vocabulary, dim], 'f32', table);
    const I = gpu.tensor('ids', [ids.length], 'u32', Uint32Array.from(ids));
    const [rows, embedded] = await runOp(gpu, (rec) => [gatherRows(rec, T, I), embedding(rec, I, T)]);
    const expected = Float32Array.from(gatherRowsReference(table, ids, dim));
    expect(rows).toEqual(expected);
    expect(embedded).toEqual(expected);
  });

it('more elements than one dimension of the grid holds are folded', async () => {
  const rows = 65_537; // times 64 elements: one workgroup a row
  const T = gpu.tensor('table', [3, 64], 'f32', noise(192, 1));
  const index = Uint32Array.from({ length: rows }, (_, i) => i % 3);
  const I = gpu.tensor('index', [rows], 'u32', index);
  const [y] = await runOp(gpu, (rec) => [gatherRows(rec, T, I)]);
  expect(y?.slice(-64)).toEqual(noise(192, 1).slice(64, 128)); // row 65536 is 1 modulo 3
  expect(y?.some(Number.isNaN)).toBe(false);
});

it('swapped arguments are refused in words', async () => {
  const wrong = runOp(gpu, (rec) => [gatherRows(rec, gpu.tensor('ids', [4], 'u32'), gpu.tensor('table', [3, 2]))]);
  await expect(wrong).rejects.toThrow(/gatherRows: needs a matrix and u32 row numbers/);
});

for (const dim of [6, 12])
  it(`a table of halves, rows of ${dim}`, async () => {
    const halves = f32ToF16(noise(7 * dim, 1));
    const ids = [6, 0, 9, 3, 3];
    const [rows] = await runOp(gpu, (rec) => {
      const T = gpu.tensor('table', [7, dim], 'f16', new Uint32Array(halves.buffer));
      return [embedding(rec, gpu.tensor('ids', [5], 'u32', Uint32Array.from(ids)), T)];
    });
    expect(rows).toEqual(Float32Array.from(gatherRowsReference(f16ToF32(halves), ids, dim)));
  });

it('a chunk of the numbers gives the rows of that chunk', async () => {
  const x = noise(5 * 8, 1);
  const [some] = await runOp(gpu, (rec) => {
    const I = gpu.tensor('index', [5], 'u32', Uint32Array.from([4, 0, 3, 9, 2]));
    return [gatherRows(rec, gpu.tensor('x', [5, 8], 'f32', x), I, { first: 1, rows: 3 })];
  });
  expect(some).toEqual(Float32Array.from(gatherRowsReference(x, [0, 3, 9], 8)));
});

for (const dim of [5, 8])
  it(`the gradient of picked rows of ${dim} lies where they came from, zeros elsewhere, padding nowhere`, async () => {
    const index = [4, 0, 0xffffffff, 2];
    const dy = noise(4 * dim, 1);
    const before = noise(5 * dim, 2);
    const [dx, added, sink] = await runOp(gpu, (rec) => {
      const X = gpu.tensor('x', [5, dim]);
      const I = gpu.tensor('index', [4], 'u32', Uint32Array.from(index));
      const D = gpu.tensor('dy', [4, dim], 'f32', dy);
      const S = gpu.tensor('dx', [5, dim], 'f32', before);
      const pick = (): Tensor => gatherRows(rec, X, I);
      differentiate(rec, [], D, pick, [[X, S]]);
      return [
        ...differentiate(rec, [X], D, pick),
        ...differentiate(rec, [X], D, () => add(rec, pick(), pick())), // two gradients of one input
        S,
      ];
    });
    const wanted = new Float32Array(5 * dim);
    index.forEach((row, r) => row < 5 && wanted.set(dy.subarray(r * dim, (r + 1) * dim), row * dim));
    expect(dx).toEqual(wanted);
    expect(added).toEqual(wanted.map((d) => 2 * d));
    expect(sink).toEqual(wanted.map((d, i) => d + before[i]!));
  });

for (const [rows, vocabulary, dim] of [
  [1, 1, 1],
  [70, 5, 12],
  [131, 40, 7],
] as const)
  it(`the gradient of a table [${vocabulary}, ${dim}] adds the ${rows} positions of each id, the same bits each time`, async () => {
    const ids = Uint32Array.from({ length: rows }, (_, i) => (i % 9 === 5 ? 0xffffffff : (i * 7919) % vocabulary));
    const dy = noise(rows * dim, 1);
    const before = noise(vocabulary * dim, 2);
    const [first, second] = await runOp(gpu, (rec) => {
      const T = gpu.tensor('table', [vocabulary, dim]);
      const I = gpu.tensor('ids', [rows], 'u32', ids);
      const D = gpu.tensor('dy', [rows, dim], 'f32', dy);
      return [1, 2].map(() => {
        const sink = gpu.tensor('dtable', [vocabulary, dim], 'f32', before);
        differentiate(rec, [], D, () => embedding(rec, I, T), [[T, sink]]);
        return sink;
      });
    });
    const wanted = Float64Array.from(before);
    ids.forEach((id, n) => {
      if (id < vocabulary) for (let i = 0; i < dim; i++) wanted[id * dim + i]! += dy[n * dim + i]!;
    });
    expectClose(first ?? [], wanted, 2e-6);
    expect(second).toEqual(first);
  });
