// How close are our matmuls to the best that this adapter has shown, and to jax-js?
import { Recorder } from '../src/engine/gpu/program.ts';
import type { Gpu } from '../src/engine/gpu/device.ts';
import { matmul } from '../src/engine/ops/matmul.ts';
import { devDependencies } from '../package.json';
import { interleave, type BenchContext, type Contender } from './lib/context.ts';
import { jaxjs } from './lib/jaxjs.ts';
import { SHAPES, type Shape } from './lib/shapes.ts';
import { sweep } from './lib/sweep.ts';

export const description =
  'our matmuls over the shapes of real models: GFLOP/s, share of the best known, and beside jax-js';

const ROUNDS = 7;
const FINALISTS = 2; // members of the sweep that race against us, chosen by a first look at all of them

export async function run(ctx: BenchContext): Promise<void> {
  const gpu = await ctx.openGpu();
  const chosen = SHAPES.filter((s) => s.name.includes(ctx.only));
  const results: { share: number; vsJaxjs: number | null }[] = [];
  for (const [i, shape] of chosen.entries()) {
    ctx.note(`${i + 1}/${chosen.length} ${shape.name}`);
    const result = await race(ctx, gpu, shape);
    results.push(result);
    ctx.emit({
      bench: 'matmul',
      shape: shape.name,
      gflops: round(result.gflops),
      share_of_best: round(result.share),
      vs_jaxjs: result.vsJaxjs === null ? null : round(result.vsJaxjs),
      best: result.best,
    });
  }
  const shares = results.map((r) => r.share);
  const ratios = results.map((r) => r.vsJaxjs).filter((r) => r !== null);
  ctx.emit({
    bench: 'matmul',
    share_of_best: round(mean(shares)),
    worst: round(Math.min(...shares)),
    vs_jaxjs: ratios.length ? round(mean(ratios)) : null,
    vs_jaxjs_geometric: ratios.length ? round(Math.exp(mean(ratios.map(Math.log)))) : null,
    adapter: gpu.name,
    browser: ctx.version,
    jaxjs: ctx.home === 'browser' ? devDependencies['@jax-js/jax'] : null,
  });
  gpu.destroy();
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const round = (value: number): number => Math.round(value * 1000) / 1000;

export async function race(ctx: BenchContext, gpu: Gpu, shape: Shape) {
  const { layout, m, n, k } = shape;
  const dataA = Float32Array.from({ length: m * k }, (_, i) => Math.sin(i * 12.9898));
  const dataB = Float32Array.from({ length: k * n }, (_, i) => Math.sin(i * 78.233));
  const a = gpu.tensor('a', layout === 'TN' ? [k, m] : [m, k], 'f32', dataA);
  const b = gpu.tensor('b', layout === 'NT' ? [n, k] : [k, n], 'f32', dataB);
  const y = gpu.tensor('y', [m, n]);
  const rec = new Recorder(gpu, shape.name);
  const product = rec.keep(matmul(rec, a, b, { transposeA: layout === 'TN', transposeB: layout === 'NT' }));
  const program = await rec.compile();
  const ours: Contender = {
    name: 'ours',
    async go(repeat) {
      gpu.submit((encoder) => {
        for (let i = 0; i < repeat; i++) program.encode(encoder);
      });
      await gpu.idle();
    },
  };
  const peer = ctx.home === 'browser' ? await jaxjs(shape, dataA, dataB) : null;
  try {
    const buffers = [a, b, y].flatMap((t) => t.slot?.buffer ?? []);
    const family = await sweep(gpu.device, shape, buffers);
    const look = await interleave(family, 1, 10);
    const finalists = family
      .map((contender, i) => ({ contender, ms: look[i] ?? Infinity }))
      .sort((one, other) => one.ms - other.ms)
      .slice(0, FINALISTS)
      .map(({ contender }) => contender);

    const contenders = [ours, ...(peer ? [peer] : []), ...finalists];
    const ms = await interleave(contenders, ROUNDS);
    await ours.go(1);
    const expected = await gpu.read(product);
    for (const f of finalists) {
      await f.go(1);
      agree(f.name, await gpu.read(y), expected);
    }
    if (peer) agree(peer.name, await peer.result(), expected);

    const [mine = NaN] = ms;
    const best = ms.indexOf(Math.min(...ms));
    return {
      gflops: (2 * m * n * k) / mine / 1e6,
      share: Math.min(...ms) / mine,
      vsJaxjs: peer ? (ms[1] ?? NaN) / mine : null,
      best: contenders[best]?.name,
    };
  } finally {
    peer?.dispose();
    program.dispose();
    for (const t of [a, b, y]) t.slot?.buffer.destroy();
  }
}

/** A fast wrong kernel is no ceiling. */
function agree(name: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  for (let i = 0; i < expected.length; i += 7) {
    const [one = NaN, other = NaN] = [actual[i], expected[i]];
    if (!(Math.abs(one - other) < 1e-3 * (1 + Math.abs(other))))
      throw new Error(`bench matmul: ${name} must agree with ours, got ${one} and ${other} at ${i}.`);
  }
}
