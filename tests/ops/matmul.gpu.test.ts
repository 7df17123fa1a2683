// matmul and linear equal the f64 oracle: every layout, every kernel, sizes that are no multiple of any tile.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { linear, matmul } from '../../src/engine/ops/matmul.ts';
import { testGpu } from '../gpu.ts';
import { matmulReference } from '../reference/matmul.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 1e-5;
const SIZES: [number, number, number][] = [
  [1, 1, 1],
  [1, 130, 67],
  [3, 5, 2],
  [8, 33, 129],
  [9, 64, 64],
  [37, 71, 33],
  [65, 129, 17],
  [130, 66, 40],
];

for (const [rows, columns, depth] of SIZES)
  for (const transposeA of [false, true])
    for (const transposeB of [false, true])
      it(`[${rows}, ${depth}] · [${depth}, ${columns}]${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}`, async () => {
        const shape = { rows, columns, depth, transposeA, transposeB };
        const a = noise(rows * depth, 1);
        const b = noise(depth * columns, 2);
        const A = gpu.tensor('a', transposeA ? [depth, rows] : [rows, depth], 'f32', a);
        const B = gpu.tensor('b', transposeB ? [columns, depth] : [depth, columns], 'f32', b);
        const [y] = await runOp(gpu, (rec) => [matmul(rec, A, B, { transposeA, transposeB })]);
        expectClose(y ?? [], matmulReference(shape, a, b), TOLERANCE);
      });

describe('linear', () => {
  const [rows, out, inner] = [19, 45, 50];
  const x = noise(rows * inner, 3);
  const w = noise(out * inner, 4);
  const bias = noise(out, 5);
  const residual = noise(rows * out, 6);
  const shape = { rows, columns: out, depth: inner, transposeB: true };

  for (const m of [rows, 2])
    for (const [withBias, withResidual] of [
      [true, false],
      [false, true],
      [true, true],
    ])
      it(`${m} rows${withBias ? ', bias' : ''}${withResidual ? ', residual' : ''}`, async () => {
        const X = gpu.tensor('x', [m, inner], 'f32', x.slice(0, m * inner));
        const weight = gpu.tensor('w', [out, inner], 'f32', w);
        const B = withBias ? gpu.tensor('bias', [out], 'f32', bias) : undefined;
        const R = withResidual ? gpu.tensor('residual', [m, out], 'f32', residual.slice(0, m * out)) : undefined;
        const [y] = await runOp(gpu, (rec) => [linear(rec, X, { weight, bias: B }, R)]);
        const expected = matmulReference({ ...shape, rows: m }, x, w, withBias ? bias : [], withResidual ? residual : []);
        expectClose(y ?? [], expected, TOLERANCE);
        const mutant = matmulReference({ ...shape, rows: m }, x, w);
        expect(worst(mutant, expected).error, 'the case sees a missing epilogue').toBeGreaterThan(100 * TOLERANCE);
      });
});

it('names the shapes that do not fit', () => {
  const a = gpu.tensor('a', [4, 5], 'f32');
  const b = gpu.tensor('b', [4, 5], 'f32');
  return expect(runOp(gpu, (rec) => [matmul(rec, a, b)])).rejects.toThrow('inner sizes must agree, got a [4, 5] and b [4, 5]');
});
