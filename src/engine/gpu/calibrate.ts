// How fast is this device? A quick look at start-up for the slicing of submits, and the short bench of the device page.
import type { BenchResult } from '../../records/report.ts';
import { add } from '../ops/add.ts';
import { matmul } from '../ops/matmul.ts';
import type { Gpu } from './device.ts';
import { Recorder, type Program } from './program.ts';
import type { Tensor } from './tensor.ts';

/** Milliseconds from submit to done, the least of `times`: what disturbs a measurement only makes it longer. */
async function least(gpu: Gpu, program: Program, times: number, repeats = 1): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    for (let r = 0; r < repeats; r++) program.run();
    await gpu.idle();
    best = Math.min(best, (performance.now() - start) / repeats);
  }
  return best;
}

/** For the bench: one run where that takes long, else the least of three series of about 100 ms. */
async function steady(gpu: Gpu, program: Program): Promise<number> {
  const once = await least(gpu, program, 1);
  return once > 300 ? once : least(gpu, program, 3, Math.max(1, Math.min(100, Math.round(100 / once))));
}

/** Compiles what `append` records over resident tensors of these shapes, warms it up, measures, and frees everything. */
async function measured<T>(
  gpu: Gpu,
  shapes: readonly (readonly number[])[],
  append: (rec: Recorder, tensors: readonly Tensor[]) => void,
  measure: (program: Program) => Promise<T>,
): Promise<T> {
  const tensors: Tensor[] = [];
  let program: Program | null = null;
  try {
    for (const shape of shapes) tensors.push(gpu.tensor(`bench ${tensors.length}`, shape));
    const rec = new Recorder(gpu, 'bench');
    append(rec, tensors);
    program = await rec.compile();
    program.run();
    await gpu.idle();
    return await measure(program);
  } finally {
    program?.dispose();
    for (const { slot } of tensors) slot?.buffer.destroy();
  }
}

/** Milliseconds of one dispatch of almost nothing: the slope between few and many, so that the round trip falls out. */
async function dispatchMs(gpu: Gpu, times: number): Promise<number> {
  const few = 8;
  const many = 264;
  const timed = (count: number) =>
    measured(
      gpu,
      [[64], [64]],
      (rec, [a, b]) => {
        for (let i = 0; i < count && a && b; i++) add(rec, a, b);
      },
      (program) => least(gpu, program, times),
    );
  return Math.max(1e-4, ((await timed(many)) - (await timed(few))) / (many - few));
}

/** Milliseconds of a product of two n x n matrices. */
const productMs = (gpu: Gpu, n: number, measure: (program: Program) => Promise<number>): Promise<number> =>
  measured(
    gpu,
    [
      [n, n],
      [n, n],
    ],
    (rec, [a, b]) => {
      if (a && b) matmul(rec, a, b, { transposeB: true });
    },
    measure,
  );

/** Sets what the slicing of submits reckons with: `gpu.dispatchMs` and `gpu.flopsPerMs`. */
export async function calibrate(gpu: Gpu): Promise<void> {
  gpu.dispatchMs = await dispatchMs(gpu, 4);
  // Larger until it takes long enough to be told from the round trip.
  for (let n = 256; n <= 2048; n *= 2) {
    const ms = await productMs(gpu, n, (program) => least(gpu, program, 2));
    gpu.flopsPerMs = (2 * n ** 3) / ms;
    if (ms > 4) break;
  }
}

/** The device page's bench, at most about ten seconds on a slow device. */
export async function bench(
  gpu: Gpu,
  onResult: (result: BenchResult) => void = () => undefined,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const report = (name: string, value: number, unit: BenchResult['unit']): void => {
    const result = { name, value, unit };
    results.push(result);
    onResult(result);
  };
  report('dispatch', 1000 * (await dispatchMs(gpu, 5)), 'µs');
  for (const n of [256, 1024]) {
    const ms = await productMs(gpu, n, (program) => steady(gpu, program));
    report(`matmul ${n}`, (2 * n ** 3) / ms / 1e6, 'GFLOP/s');
  }
  const elements = 2 ** 23; // 32 MiB a tensor: more than the caches of most devices hold, well within the default limits
  const ms = await measured(
    gpu,
    [[elements], [elements]],
    (rec, [a, b]) => {
      if (a && b) add(rec, a, b);
    },
    (program) => steady(gpu, program),
  );
  report('memory', (3 * 4 * elements) / ms / 1e6, 'GB/s');
  return results;
}
