// Dropout keeps its share, equals the oracle's mask, and gives the same mask to a gradient.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { dropout } from '../../src/engine/ops/dropout.ts';
import { testGpu } from '../gpu.ts';
import { dropoutReference } from '../reference/dropout.ts';
import { expectClose, noise, runOp } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const random = (seed: number, step: number) => gpu.tensor('random', [2], 'u32', Uint32Array.from([seed, step]));
const ones = (n: number) => gpu.tensor('x', [n], 'f32', new Float32Array(n).fill(1));

it('keeps a share of 1 − rate and divides it by that', async () => {
  const n = 10_000;
  const [y = []] = await runOp(gpu, (rec) => [dropout(rec, ones(n), { rate: 0.3, random: random(7, 1), stream: 2 })]);
  const kept = Array.from(y).filter((v) => v !== 0);
  for (const v of kept) expect(v).toBeCloseTo(1 / 0.7, 6);
  expect(Math.abs(kept.length / n - 0.7)).toBeLessThan(0.02); // four standard deviations
});

it('is the oracle’s mask, at a size that 4 does not divide, with a residual', async () => {
  const [x, r] = [noise(38, 1), noise(38, 2)];
  const [X, R] = [gpu.tensor('x', [2, 19], 'f32', x), gpu.tensor('r', [2, 19], 'f32', r)];
  const options = { rate: 0.5, random: random(4294967295, 3), stream: 5 };
  const [plain = [], added = []] = await runOp(gpu, (rec) => [
    dropout(rec, X, options),
    dropout(rec, X, { ...options, residual: R }),
  ]);
  const mask = dropoutReference(38, 0.5, 4294967295, 3, 5);
  expectClose(
    plain,
    x.map((v, i) => v * (mask[i] ?? 0)),
    1e-6,
  );
  expectClose(
    added,
    x.map((v, i) => v * (mask[i] ?? 0) + (r[i] ?? 0)),
    1e-6,
  );
});

it('gives one mask for one seed, step and stream, and another when any of them changes', async () => {
  const masks = await runOp(gpu, (rec) =>
    [
      [1, 1, 1],
      [1, 1, 1],
      [2, 1, 1],
      [1, 2, 1],
      [1, 1, 2],
    ].map(([seed = 0, step = 0, stream = 0]) =>
      dropout(rec, ones(64), { rate: 0.5, random: random(seed, step), stream }),
    ),
  );
  expect(masks[1]).toEqual(masks[0]);
  for (const other of masks.slice(2)) expect(other).not.toEqual(masks[0]);
});

it('refuses a rate that would drop everything', async () => {
  const all = { rate: 1, random: random(1, 1), stream: 0 };
  await expect(runOp(gpu, (rec) => [dropout(rec, ones(4), all)])).rejects.toThrow('below 1, got 1');
});
