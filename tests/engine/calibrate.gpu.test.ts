// Calibration and the device page's bench: the cost model is measured, each figure is reported once.
import { expect, it } from 'vitest';
import { openGpu } from '../../src/engine/gpu/device.ts';
import { bench, calibrate } from '../../src/engine/gpu/calibrate.ts';
import type { BenchResult } from '../../src/records/report.ts';
import { testGpu } from '../gpu.ts';

it('sets the cost model, and the bench reports each figure once as it comes', async () => {
  const gpu = await openGpu(await testGpu());
  const before = { flopsPerMs: gpu.flopsPerMs, dispatchMs: gpu.dispatchMs };
  await calibrate(gpu);
  expect(gpu.flopsPerMs).not.toBe(before.flopsPerMs);
  expect(gpu.dispatchMs).not.toBe(before.dispatchMs);
  expect(gpu.flopsPerMs).toBeGreaterThan(1e3);
  expect(gpu.dispatchMs).toBeLessThan(20);

  const heard: BenchResult[] = [];
  const results = await bench(gpu, (result) => heard.push(result));
  expect(heard).toEqual(results);
  expect(results.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
    'dispatch µs',
    'matmul 256 GFLOP/s',
    'matmul 1024 GFLOP/s',
    'memory GB/s',
  ]);
  for (const { value } of results) expect(Number.isFinite(value) && value > 0).toBe(true);
  expect(gpu.uncaptured).toBeNull();
});
