// The further parts of a product equal the oracle: its scale, more steps of the sum, halves, a sum cut into parts.
import { beforeAll, describe, expect, it } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../src/formats/float16.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { view, type Tensor } from '../../src/engine/gpu/tensor.ts';
import { chooseTile, HARDWARE, SOFTWARE, tileSize, useTileTable, type Tile } from '../../src/engine/gpu/tune.ts';
import { matmul, matmulInto, type MatmulOptions } from '../../src/engine/ops/matmul.ts';
import { testGpu } from '../gpu.ts';
import { matmulReference } from '../reference/matmul.ts';
import { expectClose, noise, runOp } from './run.ts';
import { DIRECT, SMALL_TILES, TILED } from './tiles.ts';

const TOLERANCE = 5e-6;
let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  useTileTable(gpu, { ...SOFTWARE, tiles: SMALL_TILES });
});

const layouts = [false, true].flatMap((transposeA) => [false, true].map((transposeB) => ({ transposeA, transposeB })));
type Layout = (typeof layouts)[number];

const matrix = (label: string, shape: [number, number], data: Float32Array, transposed = false): Tensor =>
  gpu.tensor(label, transposed ? [shape[1], shape[0]] : shape, 'f32', data);

/** The same numbers in halves, and what is left of them. */
function halves(shape: [number, number], data: Float32Array): { packed: Tensor; values: Float32Array } {
  const rounded = f32ToF16(data);
  const padded = new Uint16Array(2 * Math.ceil(rounded.length / 2));
  padded.set(rounded);
  return { packed: gpu.tensor('b', shape, 'f16', new Uint32Array(padded.buffer)), values: f16ToF32(rounded) };
}

/** scale · a · b + left · right + bias + residual, on the GPU by `tile` or the device's choice, against the oracle. */
async function check(sizes: [number, number, number, number], layout: Layout, f16 = false, tile?: Tile): Promise<void> {
  const [rows, columns, depth, extra] = sizes;
  const shape = { rows, columns, depth, ...layout, scale: 0.75 };
  const numbers = [rows * depth, depth * columns, rows * extra, extra * columns, columns, rows * columns];
  const [a, b, left, right, bias, residual] = numbers.map((n, i) => noise(n, i + 1)) as [
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
    Float32Array<ArrayBuffer>,
  ];
  const { packed, values } = halves(layout.transposeB ? [columns, depth] : [depth, columns], b);
  const B = f16 ? packed : matrix('b', [depth, columns], b, layout.transposeB);
  const options: MatmulOptions = {
    ...layout,
    scale: 0.75,
    extra: {
      left: matrix('left', [rows, extra], left),
      right: matrix('right', [extra, columns], right, layout.transposeB),
    },
    bias: gpu.tensor('bias', [columns], 'f32', bias),
    residual: matrix('residual', [rows, columns], residual),
  };
  const [y = []] = await runOp(gpu, (rec) => [
    matmul(rec, matrix('a', [rows, depth], a, layout.transposeA), B, options, tile),
  ]);
  const more = matmulReference({ ...shape, transposeA: false, depth: extra, scale: 1 }, left, right, bias, residual);
  expectClose(y, matmulReference(shape, a, f16 ? values : b, undefined, more), TOLERANCE);
}

describe.each(layouts)('Aᵀ $transposeA, Bᵀ $transposeB: scale, extra, bias and residual', (layout) => {
  it('tiled, any rank', async () => {
    for (const rank of [1, 3, 8]) await check([37, 21, 13, rank], layout, false, TILED);
  });
  it('direct, ranks in fours', () => check([20, 36, 12, 8], layout, false, DIRECT));
  it('direct, another rank', () => check([20, 36, 12, 3], layout, false, DIRECT));
  it('over halves', async () => {
    await check([37, 22, 14, 3], layout, true, TILED);
    await check([20, 36, 12, 8], layout, true, DIRECT);
  });
});

it.each([
  ['software', SOFTWARE],
  ['hardware', HARDWARE],
])('few rows on %s: scale, extra, bias and residual, also over halves', async (_, table) => {
  const layout = { transposeA: false, transposeB: true };
  useTileTable(gpu, { ...table, tiles: SMALL_TILES });
  for (const f16 of [false, true]) for (const rank of [8, 2]) await check([3, 21, 36, rank], layout, f16);
  await check([2, 8, 40, 4], layout); // fewer columns than a workgroup takes
  useTileTable(gpu, { ...SOFTWARE, tiles: SMALL_TILES });
});

describe('a product into a sink', () => {
  it.each(layouts)('adds to what is there, at an offset: Aᵀ $transposeA, Bᵀ $transposeB', async (layout) => {
    for (const [rows, columns, depth] of [
      [8, 20, 300],
      [3, 7, 129],
      [12, 8, 5],
    ] as const) {
      const [a, b] = [noise(rows * depth, 1), noise(depth * columns, 2)];
      const before = noise(256, 3);
      const flat = gpu.tensor('flat', [256], 'f32', before);
      const sink = view(flat, 'sink', 64, [rows, columns]);
      const [A, B] = [
        matrix('a', [rows, depth], a, layout.transposeA),
        matrix('b', [depth, columns], b, layout.transposeB),
      ];
      await runOp(gpu, (rec) => {
        matmulInto(rec, A, B, sink, layout);
        return [];
      });
      const expected = Float64Array.from(before);
      const start = before.slice(64, 64 + rows * columns);
      expected.set(matmulReference({ rows, columns, depth, ...layout }, a, b, undefined, start), 64);
      expectClose(await gpu.read(flat), expected, TOLERANCE);
    }
  });

  it('gives the same bits twice', async () => {
    const [A, B] = [matrix('a', [500, 8], noise(4000, 1)), matrix('b', [500, 24], noise(12_000, 2))];
    const sinks = [gpu.tensor('first', [8, 24]), gpu.tensor('second', [8, 24])];
    await runOp(gpu, (rec) => {
      for (const sink of sinks) matmulInto(rec, A, B, sink, { transposeA: true });
      return [];
    });
    const [first, second] = [await gpu.read(sinks[0] as Tensor), await gpu.read(sinks[1] as Tensor)];
    expect(first.some((v) => v !== 0)).toBe(true);
    expect(second).toEqual(first);
  });
});

it.each([
  ['software', SOFTWARE],
  ['hardware', HARDWARE],
])('products as narrow as a rank get narrow tiles on %s', (_, table) => {
  useTileTable(gpu, table);
  for (const transposeA of [false, true]) {
    const shape = { depth: 512, transposeA, transposeB: false, splits: transposeA ? 4 : 1 };
    const columns = chooseTile(gpu, { ...shape, rows: 4096, columns: 8 });
    const rows = chooseTile(gpu, { ...shape, rows: 8, columns: 4096 });
    expect(columns.kernel === 'skinny' || tileSize(columns)[1]).toBe(8);
    expect(rows.kernel === 'skinny' || tileSize(rows)[0]).toBe(8);
  }
  useTileTable(gpu, { ...SOFTWARE, tiles: SMALL_TILES });
});

it('the plan of a product over halves is another than over f32', () => {
  const a = gpu.tensor('a', [8, 8]);
  const hash = (dtype: 'f32' | 'f16'): string => {
    const rec = new Recorder(gpu, 'plan');
    for (const b of [gpu.tensor('b', [8, 8]), gpu.tensor('b', [8, 8], dtype)]) matmul(rec, a, b, {}, DIRECT);
    return rec.hash();
  };
  expect(hash('f16')).not.toBe(hash('f32'));
});

it('names the parts that do not fit', async () => {
  const [a, b] = [gpu.tensor('a', [4, 5]), gpu.tensor('b', [6, 5])];
  const extra = { left: gpu.tensor('left', [4, 2]), right: gpu.tensor('right', [2, 6]) };
  await expect(runOp(gpu, (rec) => [matmul(rec, a, b, { transposeB: true, extra })])).rejects.toThrow(
    'the inner sizes must agree, got left [4, 2] and right [2, 6]',
  );
  const short = { ...extra, left: gpu.tensor('left', [3, 2]), right: gpu.tensor('right', [6, 2]) };
  await expect(runOp(gpu, (rec) => [matmul(rec, a, b, { transposeB: true, extra: short })])).rejects.toThrow(
    'extra must make [4, 6], got left [3, 2] and right [6, 2]',
  );
});
