// add equals the oracle, at sizes around a workgroup.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { add } from '../../src/engine/ops/add.ts';
import { testGpu } from '../gpu.ts';
import { addReference } from '../reference/add.ts';
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
