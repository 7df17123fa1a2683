// swiglu equals the oracle, far out on both sides too.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { swiglu } from '../../src/engine/ops/swiglu.ts';
import { testGpu } from '../gpu.ts';
import { swigluReference } from '../reference/swiglu.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 1e-6;

for (const [rows, ffn, scale] of [
  [1, 1, 1],
  [3, 43, 4],
  [7, 172, 300],
] as const)
  it(`[${rows}, ${ffn}], gate up to ${scale}`, async () => {
    const gate = noise(rows * ffn, 1).map((v) => scale * v);
    const up = noise(rows * ffn, 2);
    const [y] = await runOp(gpu, (rec) => [
      swiglu(rec, gpu.tensor('gate', [rows, ffn], 'f32', gate), gpu.tensor('up', [rows, ffn], 'f32', up)),
    ]);
    const expected = swigluReference(gate, up);
    expectClose(y ?? [], expected, TOLERANCE);
    expect(worst(swigluReference(up, gate), expected).error, 'sees swapped inputs').toBeGreaterThan(
      rows === 1 ? 0 : 100 * TOLERANCE,
    );
  });
