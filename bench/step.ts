// How fast is a training step, beside jax-js and beside the ceiling of this adapter, and where does its time go?
import { devDependencies } from '../package.json';
import { profile } from '../src/engine/gpu/profile.ts';
import type { Gpu } from '../src/engine/gpu/device.ts';
import { median, type BenchContext, type Contender } from './lib/context.ts';
import { jaxjsStep } from './lib/jaxjsStep.js';
import { oursStep } from './lib/oursStep.ts';
import type { Shape } from './lib/shapes.ts';
import { flopsPerStep, SIZES, workload, type StepSize } from './lib/workload.ts';
import { race } from './matmul.ts';

export const description =
  'a LoRA step of two models: milliseconds, share of the ceiling, time by family, beside jax-js';

const ROUNDS = 7;
const SLOW_ROUNDS = 3; // of a peer whose step takes longer than PATIENCE
const PATIENCE = 10_000;
const CHECKED = 3; // losses that must agree

export async function run(ctx: BenchContext): Promise<void> {
  const gpu = await ctx.openGpu();
  const ceiling = await findCeiling(ctx, gpu);
  const about = { adapter: gpu.name, browser: ctx.version, jaxjs: devDependencies['@jax-js/jax'] };
  ctx.emit({ bench: 'step', ceiling_gflops: round(ceiling), ...about });
  for (const [name, size] of Object.entries(SIZES))
    if (name.includes(ctx.only)) await measure(ctx, gpu, name, size, ceiling);
  gpu.destroy();
}

const round = (x: number): number => Math.round(x * 1000) / 1000;

/** GFLOP/s of the fastest matmul of anybody: ours, the sweep's, jax-js's. */
export async function findCeiling(ctx: BenchContext, gpu: Gpu): Promise<number> {
  const speeds: number[] = [];
  for (const layout of ['NN', 'NT'] as const) {
    const shape: Shape = { name: `ceiling ${layout}`, layout, m: 512, n: 512, k: 512 };
    ctx.note(shape.name);
    const { gflops, share } = await race(ctx, gpu, shape);
    speeds.push(gflops / share);
  }
  return Math.max(...speeds);
}

async function measure(ctx: BenchContext, gpu: Gpu, name: string, size: StepSize, ceiling: number): Promise<void> {
  ctx.note(`${name}: preparing`);
  const numbers = workload(size);
  const ours = await oursStep(gpu, numbers);
  const peer = ctx.home === 'browser' ? await jaxjsStep(numbers) : null;
  try {
    // The first run of each compiles. B begins at zero, so only the third loss follows an update of both A and B.
    await ours.go(CHECKED);
    await peer?.go(CHECKED - 1);
    const peerOnce = peer ? await milliseconds(peer) : 0;
    if (peer) compareLosses(ours.losses, peer.losses);

    const peerRounds = peer ? (peerOnce > PATIENCE ? SLOW_ROUNDS : ROUNDS) : 0;
    const oursMs: number[] = [];
    const peerMs: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      ctx.note(`${name}: round ${i + 1}/${ROUNDS}`);
      oursMs.push(await milliseconds(ours));
      if (peer && i < peerRounds) peerMs.push(await milliseconds(peer));
    }
    const families = await byFamily(ours.programs);
    for (const row of families) ctx.emit({ bench: 'step', size: name, ...row });
    const ms = median(oursMs);
    ctx.emit({
      bench: 'step',
      size: name,
      ms: round(ms),
      tokens_per_s: Math.round((1000 * size.batch * size.time) / ms),
      vs_jaxjs: peer ? round(median(peerMs) / ms) : null,
      share_of_ceiling: round(flopsPerStep(size) / ms / 1e6 / ceiling),
      rounds: ROUNDS,
      jaxjs_rounds: peerRounds,
    });
  } finally {
    peer?.dispose();
    ours.dispose();
  }
}

/** Both begin with the same numbers and update alike: two updates move the losses by far more than is allowed here. */
function compareLosses(mine: readonly number[], theirs: readonly number[]): void {
  for (let i = 0; i < CHECKED; i++)
    if (!(Math.abs((mine[i] ?? NaN) - (theirs[i] ?? NaN)) < 1e-4))
      throw new Error(
        `bench step: the losses of step ${i + 1} must agree to 1e-4, got ${mine[i]} (ours) and ${theirs[i]} (jax-js).`,
      );
}

async function milliseconds(contender: Contender): Promise<number> {
  const start = performance.now();
  await contender.go(1);
  return performance.now() - start;
}

const FAMILIES: readonly (readonly [family: string, stems: RegExp])[] = [
  ['matmul', /^(matmul|sumRows)/],
  ['attention', /^attention/],
  ['loss', /^(crossEntropy|sumLosses|gatherRows|scatterRows|zeros)/],
  ['optimizer', /^(adamw|gradientNorm|clip)/],
  ['dropout', /^dropout/],
  ['norms, rope, activation, residuals', /^(rmsnorm|rope|swiglu|add)/],
];

/** Share of the time of one step by family of kernels. */
async function byFamily(programs: Iterable<Parameters<typeof profile>[0]>) {
  const found = new Map<string, { calls: number; ms: number; flops: number }>();
  for (const program of programs)
    for (const { stem, calls, ms, gflops } of (await profile(program)).rows) {
      const family = FAMILIES.find(([, stems]) => stems.test(stem))?.[0] ?? 'others';
      const sum = found.get(family) ?? { calls: 0, ms: 0, flops: 0 };
      found.set(family, { calls: sum.calls + calls, ms: sum.ms + ms, flops: sum.flops + gflops * ms });
    }
  const total = [...found.values()].reduce((sum, { ms }) => sum + ms, 0);
  return [...found]
    .map(([family, { calls, ms, flops }]) => ({ family, calls, ms, share: ms / total, gflops: flops / ms }))
    .sort((a, b) => b.ms - a.ms)
    .map((row) => ({ ...row, ms: round(row.ms), share: round(row.share), gflops: round(row.gflops) }));
}
