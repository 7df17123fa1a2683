// gatherRows and embedding copy exactly the named rows; a number outside of the table gives zeros.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { embedding } from '../../src/engine/ops/embedding.ts';
import { gatherRows } from '../../src/engine/ops/gatherRows.ts';
import { testGpu } from '../gpu.ts';
import { gatherRowsReference } from '../reference/gatherRows.ts';
import { noise, runOp } from './run.ts';

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
