// Where the time goes: each dispatch of a program in a pass of its own, timed by timestamps where the device has them.
import type { Gpu } from './device.ts';
import type { Program, Step } from './program.ts';

export interface ProfileRow {
  stem: string;
  calls: number;
  ms: number;
  gflops: number; // GFLOP/s, 0 where the op declares no FLOPs
}

export interface Profile {
  rows: ProfileRow[]; // slowest first
  totalMs: number;
  /** Timestamps are GPU time; "wall" waits for each dispatch and includes the round trip. */
  clock: 'timestamp' | 'wall';
}

/** Runs the program once, step by step. For looking, not for the hot path. */
export async function profile(program: Program): Promise<Profile> {
  const { gpu, steps } = program;
  const clock = gpu.device.features.has('timestamp-query') ? 'timestamp' : 'wall';
  const times = clock === 'timestamp' ? await byTimestamps(gpu, program) : await byWall(gpu, program);
  const rows = new Map<string, ProfileRow & { flops: number }>();
  steps.forEach((step, i) => {
    const row = rows.get(step.stem) ?? { stem: step.stem, calls: 0, ms: 0, gflops: 0, flops: 0 };
    row.calls++;
    row.ms += times[i] ?? 0;
    row.flops += step.flops;
    rows.set(step.stem, row);
  });
  const sorted = [...rows.values()]
    .map(({ flops, ...row }) => ({ ...row, gflops: row.ms > 0 ? flops / row.ms / 1e6 : 0 }))
    .sort((a, b) => b.ms - a.ms);
  return { rows: sorted, totalMs: times.reduce((a, b) => a + b, 0), clock };
}

async function byTimestamps(gpu: Gpu, program: Program): Promise<number[]> {
  const { device } = gpu;
  const perSet = 2048; // half of the specification's limit of queries in a set
  const times: number[] = [];
  for (let from = 0; from < program.steps.length; from += perSet) {
    const count = Math.min(perSet, program.steps.length - from);
    const queries = device.createQuerySet({ type: 'timestamp', count: 2 * count });
    const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const resolved = device.createBuffer({ size: 16 * count, usage: QUERY_RESOLVE | COPY_SRC });
    const staging = device.createBuffer({ size: 16 * count, usage: MAP_READ | COPY_DST });
    gpu.submit((encoder) => {
      for (let i = 0; i < count; i++) {
        const pass = encoder.beginComputePass({
          timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
        });
        const { pipeline, group, x, y, z } = program.steps[from + i] as Step;
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(x, y, z);
        pass.end();
      }
      encoder.resolveQuerySet(queries, 0, 2 * count, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16 * count);
    });
    await staging.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(staging.getMappedRange());
    for (let i = 0; i < count; i++) times.push(Number((stamps[2 * i + 1] ?? 0n) - (stamps[2 * i] ?? 0n)) / 1e6);
    staging.destroy();
    resolved.destroy();
    queries.destroy();
  }
  return times;
}

async function byWall(gpu: Gpu, program: Program): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < program.steps.length; i++) {
    const start = performance.now();
    gpu.submit((encoder) => program.encode(encoder, i, i + 1));
    await gpu.idle();
    times.push(performance.now() - start);
  }
  return times;
}
