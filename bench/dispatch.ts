// What does one dispatch of a replayed program cost, on the CPU and until the GPU is idle?
import { Recorder } from '../src/engine/gpu/program.ts';
import { matmul } from '../src/engine/ops/matmul.ts';
import { median, type BenchContext } from './lib/context.ts';

export const description = 'microseconds per dispatch of a replayed program: encoding on the CPU, and in all';

export async function run(ctx: BenchContext): Promise<void> {
  const gpu = await ctx.openGpu();
  const x = gpu.tensor('x', [1, 4]);
  const w = gpu.tensor('w', [4, 4]);
  for (const dispatches of [100, 1000]) {
    const rec = new Recorder(gpu, 'dispatch');
    let y = x;
    for (let i = 0; i < dispatches; i++) y = matmul(rec, y, w, { transposeB: true }); // each waits for the one before
    rec.keep(y);
    const program = await rec.compile();
    const samples: { encode: number; all: number }[] = [];
    for (let round = 0; round < 12; round++) {
      const start = performance.now();
      program.run();
      const encode = performance.now() - start;
      await gpu.idle();
      if (round > 2) samples.push({ encode, all: performance.now() - start });
    }
    program.dispose();
    const perDispatch = (ms: number[]) => Math.round((median(ms) * 1e5) / dispatches) / 100;
    ctx.emit({
      bench: 'dispatch',
      dispatches,
      us_encode: perDispatch(samples.map((s) => s.encode)),
      us_all: perDispatch(samples.map((s) => s.all)),
      adapter: gpu.name,
      browser: ctx.version,
    });
  }
  gpu.destroy();
}
