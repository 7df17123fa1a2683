// rmsnorm equals the oracle for hidden states of any width and for heads (QK-norm), gives the rstd it used, and its
// gradients are those of the oracle.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { add } from '../../src/engine/ops/add.ts';
import { rmsnorm } from '../../src/engine/ops/rmsnorm.ts';
import { testGpu } from '../gpu.ts';
import { rmsnormReference } from '../reference/rmsnorm.ts';
import { numericGradient } from '../reference/numericGradient.ts';
import { differentiate } from '../../src/engine/gpu/differentiate.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 2e-6;

for (const [shape, dim, eps] of [
  [[1, 4], 4, 1e-5],
  [[3, 68], 68, 1e-6],
  [[37, 128], 128, 1e-5],
  [[2, 1028], 1028, 1e-5],
  [[70, 516], 516, 1e-5],
  [[5, 4 * 32], 32, 1e-6], // four heads of 32 in a row
] as const)
  for (const size of [1, 1e-3])
    it(`[${shape}] over ${dim}, numbers up to ${size}`, async () => {
      const x = noise(shape[0] * shape[1], 1).map((v) => size * v);
      const weight = noise(dim, 2).map((v) => 1 + v);
      const rows = x.length / dim;
      const [y, rstd] = await runOp(gpu, (rec) => {
        const X = gpu.tensor('x', shape, 'f32', x);
        const normed = rmsnorm(rec, X, gpu.tensor('weight', [dim], 'f32', weight), eps, { rows, dim });
        expect(normed.y.shape).toEqual(shape);
        return [normed.y, normed.rstd];
      });
      const expected = rmsnormReference(x, weight, eps);
      expectClose(y ?? [], expected.y, TOLERANCE);
      expectClose(rstd ?? [], expected.rstd, TOLERANCE);
      if (size < 1)
        expect(worst(rmsnormReference(x, weight, 0).y, expected.y).error, 'sees a lost eps').toBeGreaterThan(
          100 * TOLERANCE,
        );
    });

it('without a split given, rows are those of x', async () => {
  const x = noise(3 * 20, 1);
  const weight = noise(20, 2);
  const [y] = await runOp(gpu, (rec) => [
    rmsnorm(rec, gpu.tensor('x', [3, 20], 'f32', x), gpu.tensor('weight', [20], 'f32', weight), 1e-5).y,
  ]);
  expectClose(y ?? [], rmsnormReference(x, weight, 1e-5).y, TOLERANCE);
});

it('a row gives the same bits alone as among many', async () => {
  const x = noise(70 * 516, 1);
  const weight = gpu.tensor('weight', [516], 'f32', noise(516, 2));
  const [many, one] = await runOp(gpu, (rec) => [
    rmsnorm(rec, gpu.tensor('x', [70, 516], 'f32', x), weight, 1e-5).y,
    rmsnorm(rec, gpu.tensor('x', [1, 516], 'f32', x.slice(69 * 516)), weight, 1e-5).y,
  ]);
  expect(one).toEqual(many?.slice(69 * 516));
});

it('a weight of another width is refused in words', async () => {
  const wrong = runOp(gpu, (rec) => [rmsnorm(rec, gpu.tensor('x', [3, 20]), gpu.tensor('weight', [24]), 1e-5).y]);
  await expect(wrong).rejects.toThrow('rmsnorm: [20] is needed, got weight [24].');
});

for (const [shape, dim] of [
  [[1, 4], 4],
  [[3, 68], 68],
  [[37, 20], 20],
  [[2, 516], 516],
  [[5, 4 * 12], 12], // four heads of 12 in a row
] as const)
  for (const residual of [false, true])
    it(`gradients of [${shape}] over ${dim}${residual ? ', with a residual around it' : ''}`, async () => {
      const eps = 1e-5;
      const x = noise(shape[0] * shape[1], 1);
      const dy = noise(x.length, 2);
      const weight = noise(dim, 3).map((v) => 1 + v);
      const before = noise(dim, 4);
      const as = { rows: x.length / dim, dim };
      const [dx, dweight, again] = await runOp(gpu, (rec) => {
        const X = gpu.tensor('x', shape, 'f32', x);
        const W = gpu.tensor('weight', [dim], 'f32', weight);
        const D = gpu.tensor('dy', shape, 'f32', dy);
        const sink = gpu.tensor('dweight', [dim], 'f32', before);
        const norm = (): Tensor => rmsnorm(rec, X, W, eps, as).y;
        const build = residual ? (): Tensor => add(rec, norm(), X) : norm;
        return [...differentiate(rec, [X], D, build, [[W, sink]]), sink, ...differentiate(rec, [X], D, build)];
      });
      const wanted = numericGradient((v) => rmsnormReference(v, weight, eps).y, x, dy);
      const wantedWeight = numericGradient((v) => rmsnormReference(x, v, eps).y, weight, dy);
      expectClose(dx ?? [], residual ? wanted.map((d, i) => d + dy[i]!) : wanted, 2e-5);
      expectClose(
        dweight ?? [],
        wantedWeight.map((d, i) => d + before[i]!),
        2e-5,
      );
      expect(again, 'the same bits again, with a frozen weight').toEqual(dx);
      const withoutMean = rmsnormReference(
        dy,
        weight.map(() => 1),
        0,
      ).rstd.flatMap((_, r) =>
        Array.from(
          { length: dim },
          (_, i) => dy[r * dim + i]! * weight[i]! * rmsnormReference(x, weight, eps).rstd[r]!,
        ),
      );
      expect(worst(withoutMean, wanted).error, 'sees a lost mean').toBeGreaterThan(1e-3);
    });
