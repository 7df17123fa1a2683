// cacheWrite puts each row's new keys and values at that row's own place, touches nothing else and drops what overflows.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { cacheWrite } from '../../src/engine/ops/cache.ts';
import { testGpu } from '../gpu.ts';
import { cacheReference } from '../reference/cache.ts';
import { noise, runOp } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

for (const { batch, time, capacity, kvHeads, headDim, starts } of [
  { batch: 1, time: 1, capacity: 1, kvHeads: 1, headDim: 4, starts: [0] },
  { batch: 3, time: 5, capacity: 11, kvHeads: 2, headDim: 12, starts: [0, 6, 3] },
  { batch: 3, time: 4, capacity: 9, kvHeads: 1, headDim: 32, starts: [7, 9, 0] },
])
  it(`${time} tokens at ${starts} of ${capacity}`, async () => {
    const dim = kvHeads * headDim;
    const [k, v] = [noise(batch * time * dim, 1), noise(batch * time * dim, 2)];
    const [before, other] = [noise(batch * capacity * dim, 3), noise(batch * capacity * dim, 4)];
    const keys = gpu.tensor('keys', [batch, capacity, kvHeads, headDim], 'f32', before);
    const values = gpu.tensor('values', [batch, capacity, kvHeads, headDim], 'f32', other);
    const [newKeys, newValues] = await runOp(gpu, (rec) => {
      const projected = (label: string, data: Float32Array) => gpu.tensor(label, [batch * time, dim], 'f32', data);
      const S = gpu.tensor('starts', [batch], 'u32', Uint32Array.from(starts));
      cacheWrite(rec, { k: projected('k', k), v: projected('v', v), keys, values, starts: S });
      return [keys, values];
    });
    const shape = { batch, time, capacity, dim };
    expect(newKeys).toEqual(cacheReference(shape, k, before, starts));
    expect(newValues).toEqual(cacheReference(shape, v, other, starts));
    expect(newKeys).not.toEqual(before);
  });

it('rows that do not fill the batch are refused in words', async () => {
  const cache = () => gpu.tensor('keys', [2, 8, 1, 4]);
  const wrong = runOp(gpu, (rec) => {
    const k = gpu.tensor('k', [3, 4]);
    cacheWrite(rec, {
      k,
      v: gpu.tensor('v', [3, 4]),
      keys: cache(),
      values: cache(),
      starts: gpu.tensor('s', [2], 'u32'),
    });
    return [];
  });
  await expect(wrong).rejects.toThrow(/cacheWrite: k must hold whole rows for each of 2/);
});
