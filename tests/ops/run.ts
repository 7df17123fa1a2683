// What every op test needs: run a few ops and read their outputs, compare with an oracle, make inputs.
import { expect } from 'vitest';
import type { Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';

/** Records what `build` appends, runs it once and reads the tensors that it returns; what no kernel wrote is NaN. */
export async function runOp(
  gpu: Gpu,
  build: (rec: Recorder) => readonly Tensor[],
): Promise<Float32Array<ArrayBuffer>[]> {
  const rec = new Recorder(gpu, 'test');
  const outputs = build(rec).map((t) => rec.keep(t));
  const program = await rec.compile();
  try {
    for (const arena of program.arenas) gpu.device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(0xff));
    program.run();
    const read: Float32Array<ArrayBuffer>[] = [];
    for (const t of outputs) read.push(await gpu.read(t));
    if (gpu.uncaptured !== null) throw new Error(`runOp: the GPU must report no error, got ${gpu.uncaptured}`);
    return read;
  } finally {
    program.dispose();
  }
}

/** Largest |actual − expected| / max(1, |expected|), and where. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): { error: number; index: number } {
  let found = { error: 0, index: 0 };
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i] ?? Number.NaN;
    const error = Math.abs((actual[i] ?? Number.NaN) - want) / Math.max(1, Math.abs(want));
    if (!(error <= found.error)) found = { error: Number.isNaN(error) ? Infinity : error, index: i };
  }
  return found;
}

/** Every element within `tolerance`, relative above 1; the message gives the worst index, expected and actual. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length, 'length').toBe(expected.length);
  const { error, index } = worst(actual, expected);
  expect(error, `[${index}] expected ${expected[index]}, got ${actual[index]}`).toBeLessThanOrEqual(tolerance);
}

/** Numbers in (−1, 1), the same for the same seed everywhere. */
export function noise(length: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}
