// add equals the oracle, at sizes around a workgroup, and passes its gradient on to both inputs.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { add } from '../../src/engine/ops/add.ts';
import { testGpu } from '../gpu.ts';
import { addReference } from '../reference/add.ts';
import { differentiate } from '../../src/engine/gpu/differentiate.ts';
import { expectClose, noise, runOp } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

for (const shape of [
  [1, 1],
  [3, 20],
  [7, 76],
  [5, 13],
  [64, 68],
])
  it(`[${shape}]`, async () => {
    const n = shape.reduce((a, b) => a * b);
    const [a, b] = [noise(n, 1), noise(n, 2)];
    const [y] = await runOp(gpu, (rec) => [
      add(rec, gpu.tensor('a', shape, 'f32', a), gpu.tensor('b', shape, 'f32', b)),
    ]);
    expectClose(y ?? [], addReference(a, b), 1e-7);
  });

it('two shapes are refused in words', async () => {
  const wrong = runOp(gpu, (rec) => [add(rec, gpu.tensor('a', [2, 3]), gpu.tensor('b', [3, 2]))]);
  await expect(wrong).rejects.toThrow('add: both inputs must have one shape, got a [2, 3] and b [3, 2].');
});

it('both inputs get the gradient, one that comes twice gets it twice', async () => {
  const dy = noise(15, 3);
  const [da, db, twice] = await runOp(gpu, (rec) => {
    const [a, b, D] = ['a', 'b', 'dy'].map((name) => gpu.tensor(name, [3, 5], 'f32', dy)) as [Tensor, Tensor, Tensor];
    return [
      ...differentiate(rec, [a, b], D, () => add(rec, a, b)),
      ...differentiate(rec, [a], D, () => add(rec, a, a)),
    ];
  });
  expect(da).toEqual(dy);
  expect(db).toEqual(dy);
  expect(twice).toEqual(dy.map((x) => 2 * x));
});
