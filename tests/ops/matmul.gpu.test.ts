// matmul and linear equal the f64 oracle: every layout, kernel and tile, sizes that are no multiple of any tile.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import type { Recorder } from '../../src/engine/gpu/program.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import {
  APPLE,
  chooseTile,
  HARDWARE,
  SOFTWARE,
  useTiles,
  useTileTable,
  type Tile,
  type TileTable,
} from '../../src/engine/gpu/tune.ts';
import { linear, matmul, tuneMatmul, type MatmulOptions } from '../../src/engine/ops/matmul.ts';
import { testGpu } from '../gpu.ts';
import { matmulReference } from '../reference/matmul.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

const TOLERANCE = 5e-6;
let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

interface Case {
  record(rec: Recorder, tile?: Tile): Tensor;
  expected: Float64Array;
  without: Float64Array; // bias and residual left out
}

/** A product of noise, with its oracle. */
function product(rows: number, columns: number, depth: number, options: MatmulOptions = {}, epilogue = false): Case {
  const { transposeA = false, transposeB = false } = options;
  const shape = { rows, columns, depth, transposeA, transposeB };
  const [a, b, bias, residual] = [rows * depth, depth * columns, columns, rows * columns].map(noise);
  const A = gpu.tensor('a', transposeA ? [depth, rows] : [rows, depth], 'f32', a);
  const B = gpu.tensor('b', transposeB ? [columns, depth] : [depth, columns], 'f32', b);
  const extra = epilogue && {
    bias: gpu.tensor('bias', [columns], 'f32', bias),
    residual: gpu.tensor('residual', [rows, columns], 'f32', residual),
  };
  const without = matmulReference(shape, a ?? [], b ?? []);
  return {
    record: (rec, tile) => matmul(rec, A, B, { ...options, ...extra }, tile),
    expected: epilogue ? matmulReference(shape, a ?? [], b ?? [], bias, residual) : without,
    without,
  };
}

async function check(cases: readonly Case[], tile?: Tile): Promise<void> {
  const outputs = await runOp(gpu, (rec) => cases.map((c) => c.record(rec, tile)));
  cases.forEach((c, i) => expectClose(outputs[i] ?? [], c.expected, TOLERANCE));
}

const [direct] = SOFTWARE.tiles.filter((t) => t.kernel === 'direct' && t.rows === 1);
const tiled: Tile = { kernel: 'tiled', width: 8, height: 8, rows: 2, columns: 2, depth: 4 }; // compiles fast
const layouts = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));
type Size = [rows: number, columns: number, depth: number];
const size = (...s: Size): Size => s;
const odd = [size(1, 1, 1), size(1, 70, 67), size(3, 5, 2), size(37, 71, 33)];
const fours = [size(4, 4, 4), size(36, 132, 20), size(100, 8, 64)];

describe.each(layouts)('Aᵀ $transposeA, Bᵀ $transposeB', (layout) => {
  it('tiled: any size', () =>
    check(
      odd.map((s) => product(...s, layout)),
      tiled,
    ));
  it('direct: sizes in fours', () =>
    check(
      fours.map((s) => product(...s, layout)),
      direct,
    ));
});
it('direct reads rows and depth that are no multiple of 4 where they do not lie along memory', async () => {
  await check([product(5, 12, 8), product(7, 20, 12, { transposeB: true })], direct);
  await check([product(8, 12, 5, { transposeA: true }), product(4, 8, 1, { transposeA: true })], direct);
});

it('every tile of every table', async () => {
  const all = [...SOFTWARE.tiles, ...HARDWARE.tiles, ...APPLE.tiles];
  const registers = (t: Tile) => `${t.kernel} ${t.rows} ${t.columns} ${t.kernel === 'tiled' ? t.width : ''}`;
  const tiles = [...new Map(all.map((t) => [registers(t), t])).values()]; // as few pipelines as show every inner loop
  const c = product(83, 140, 36, { transposeB: true });
  const outputs = await runOp(gpu, (rec) => tiles.map((t) => c.record(rec, t)));
  for (const y of outputs) expectClose(y, c.expected, TOLERANCE);
});

it('every kernel adds bias and residual', async () => {
  const many = product(37, 36, 20, { transposeB: true }, true);
  const few = product(2, 36, 20, { transposeB: true }, true);
  for (const tile of [tiled, direct]) await check([many, few], tile);
  await check([few]);
  for (const c of [many, few])
    expect(worst(c.without, c.expected).error, 'the case sees a missing epilogue').toBeGreaterThan(100 * TOLERANCE);
});

describe.each([
  ['software', SOFTWARE],
  ['hardware', HARDWARE],
] as [string, TileTable][])('the %s table', (_, table) => {
  it('few rows, with and without bias and residual', async () => {
    const own = await openGpu(await testGpu());
    const previous = gpu;
    gpu = own;
    useTileTable(own, table);
    try {
      const few = [size(1, 300, 68), size(2, 17, 4), size(4, 65, 128)];
      expect(chooseTile(own, { rows: 4, columns: 65, depth: 128, transposeA: false, transposeB: true }).kernel).toBe(
        'skinny',
      );
      await check(few.map((s, i) => product(...s, { transposeB: true }, i > 0)));
    } finally {
      gpu = previous;
      own.destroy();
    }
  });
});

it('linear is x · weightᵀ + bias + residual, one row or many', async () => {
  for (const rows of [1, 21]) {
    const [x, w, bias, residual] = [rows * 20, 12 * 20, 12, rows * 12].map(noise);
    const X = gpu.tensor('x', [rows, 20], 'f32', x);
    const weight = gpu.tensor('w', [12, 20], 'f32', w);
    const B = gpu.tensor('bias', [12], 'f32', bias);
    const R = gpu.tensor('residual', [rows, 12], 'f32', residual);
    const [y] = await runOp(gpu, (rec) => [linear(rec, X, { weight, bias: B }, { residual: R })]);
    const shape = { rows, columns: 12, depth: 20, transposeB: true };
    expectClose(y ?? [], matmulReference(shape, x ?? [], w ?? [], bias, residual), TOLERANCE);
  }
});

it('gives the same bits twice, and the same to 1e-6 for one row as for that row among many', async () => {
  const [many, one] = [noise(40 * 256), noise(40 * 256).slice(0, 256)];
  const weight = gpu.tensor('w', [64, 256], 'f32', noise(64 * 256));
  const X = gpu.tensor('x', [40, 256], 'f32', many);
  const Y = gpu.tensor('x', [1, 256], 'f32', one);
  const [a, b, row] = await runOp(gpu, (rec) => [X, X, Y].map((x) => linear(rec, x, { weight })));
  expect(a).toEqual(b);
  expectClose(row ?? [], a?.slice(0, 64) ?? [], 1e-6);
});

it('tuning picks a tile that serves the shape and leaves the numbers as they are', async () => {
  const shape = { rows: 64, columns: 64, depth: 32, transposeA: false, transposeB: false };
  const best = await tuneMatmul(gpu, [shape]);
  useTiles(gpu, best);
  expect(chooseTile(gpu, shape)).toBe(Object.values(best)[0]);
  await check([product(64, 64, 32)]);
  useTiles(gpu, {});
});

it('names the shapes that do not fit', () => {
  const a = gpu.tensor('a', [4, 5], 'f32');
  const b = gpu.tensor('b', [4, 5], 'f32');
  return expect(runOp(gpu, (rec) => [matmul(rec, a, b)])).rejects.toThrow(
    'inner sizes must agree, got a [4, 5] and b [4, 5]',
  );
});
