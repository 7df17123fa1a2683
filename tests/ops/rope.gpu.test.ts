// rope equals the oracle at every start, exact far out in a long context; the frequencies equal those of transformers.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { rope, ropeFrequencies } from '../../src/engine/ops/rope.ts';
import { testGpu } from '../gpu.ts';
import { ropeReference } from '../reference/rope.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 1e-6;

for (const { batch, time, heads, kvHeads, headDim, starts, ropeTheta } of [
  { batch: 1, time: 1, heads: 1, kvHeads: 1, headDim: 4, starts: [0], ropeTheta: 1e4 },
  { batch: 2, time: 5, heads: 4, kvHeads: 2, headDim: 32, starts: [0, 7], ropeTheta: 1e4 },
  { batch: 3, time: 1, heads: 3, kvHeads: 1, headDim: 96, starts: [1, 511, 8191], ropeTheta: 1e6 },
  { batch: 2, time: 9, heads: 8, kvHeads: 1, headDim: 64, starts: [131_063, 40_000], ropeTheta: 5e5 },
])
  it(`${heads}/${kvHeads} heads of ${headDim}, ${time} tokens from ${starts}`, async () => {
    const frequencies = ropeFrequencies({ headDim, ropeTheta });
    const rows = batch * time;
    const [q, k] = [noise(rows * heads * headDim, 1), noise(rows * kvHeads * headDim, 2)];
    const [rotatedQ, rotatedK] = await runOp(gpu, (rec) => {
      const rotated = rope(
        rec,
        {
          q: gpu.tensor('q', [rows, heads * headDim], 'f32', q),
          k: gpu.tensor('k', [rows, kvHeads * headDim], 'f32', k),
          starts: gpu.tensor('starts', [batch], 'u32', Uint32Array.from(starts)),
          frequencies: gpu.tensor('frequencies', [headDim / 2], 'f32', frequencies),
        },
        { batch, time, headDim },
      );
      return [rotated.q, rotated.k];
    });
    const shape = { time, headDim };
    const expected = ropeReference(shape, q, starts, frequencies);
    expectClose(rotatedQ ?? [], expected, TOLERANCE);
    expectClose(rotatedK ?? [], ropeReference(shape, k, starts, frequencies), TOLERANCE);
    const late = ropeReference(
      shape,
      q,
      starts.map((s) => s + 1),
      frequencies,
    );
    expect(worst(late, expected).error, 'sees a position off by one').toBeGreaterThan(100 * TOLERANCE);
  });

describe('frequencies', () => {
  it('fall from 1 by powers of theta', () => {
    expectClose(ropeFrequencies({ headDim: 8, ropeTheta: 1e4 }), [1, 0.1, 0.01, 0.001], 1e-8);
  });

  it('of Llama 3 stay, blend and shrink by wavelength', () => {
    const ropeScaling = { factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalContext: 8192 };
    const scaled = ropeFrequencies({ headDim: 128, ropeTheta: 5e5, ropeScaling });
    const plain = ropeFrequencies({ headDim: 128, ropeTheta: 5e5 });
    const ratio = Array.from(plain, (f, i) => (scaled[i] ?? 0) / f);
    // transformers 5, _compute_llama3_parameters: high frequencies untouched, low ones an eighth, a smooth bridge.
    const turns = Array.from(plain, (f) => (8192 * f) / (2 * Math.PI));
    const expected = turns.map((n) => (n < 1 ? 1 / 8 : n > 4 ? 1 : 1 / 8 + ((n - 1) / 3) * (7 / 8)));
    expectClose(ratio, expected, 1e-6);
    expect(new Set(ratio.map((r) => (r === 1 ? 'stay' : r === 1 / 8 ? 'shrink' : 'blend'))).size).toBe(3);
  });
});
