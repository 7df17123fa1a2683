// The gate passes on this device, runs every shader, and catches each shader that stores numbers a little wrong.
import { expect, it } from 'vitest';
import { Gpu } from '../../src/engine/gpu/device.ts';
import { runGate } from '../../src/engine/gpu/gate.ts';
import { GATE_CASES } from '../../src/engine/gpu/gateCases.ts';
import type { Constants, Kernel } from '../../src/engine/gpu/kernel.ts';
import { testGpu } from '../gpu.ts';

const shaders = Object.keys(import.meta.glob('../../shaders/*.wgsl', { query: '?raw' }))
  .map((path) => /(\w+)\.wgsl$/.exec(path)?.[1] ?? path)
  .filter((stem) => stem !== 'common');

/** The shader with the first store of an output off by a thousandth, or by one where it holds whole numbers. */
function spoil(k: Kernel): Kernel {
  for (const { name } of k.bindings.filter((b) => b.access === 'read_write')) {
    const whole = new RegExp(`> ${name}: +array<u32>`).test(k.source);
    const source = k.source.replace(
      new RegExp(`(\\b${name}\\[.*\\] \\+?= )(.*);`),
      (_, store: string, value: string) =>
        `${store}(${value}) ${whole ? '+ 1u' : value === 'Elem()' ? '+ 0.001' : '* 1.001'};`,
    );
    if (source !== k.source) return { ...k, source };
  }
  throw new Error(`${k.stem}: a store must be found to spoil, got none`);
}

/** A device on which the kernels that `broken` names compute wrong numbers. */
class SpoiltGpu extends Gpu {
  readonly stems = new Set<string>();
  broken = (_stem: string): boolean => false;
  override pipeline(k: Kernel, constants?: Constants, overrides?: Constants): Promise<GPUComputePipeline> {
    this.stems.add(k.stem);
    return super.pipeline(this.broken(k.stem) ? spoil(k) : k, constants, overrides);
  }
}

async function open(broken: (stem: string) => boolean = () => false): Promise<SpoiltGpu> {
  const adapter = await (await testGpu()).requestAdapter();
  const gpu = new SpoiltGpu(await adapter!.requestDevice(), adapter!);
  gpu.broken = broken;
  return gpu;
}

it('passes here, in order, with every shader run', async () => {
  const gpu = await open();
  const seen: string[] = [];
  const results = await runGate(gpu, (result, done, total) => seen.push(`${result.kernel} ${done}/${total}`));
  expect(results.filter((r) => !r.passed)).toEqual([]);
  expect(seen).toEqual(GATE_CASES.map((one, i) => `${one.name} ${i + 1}/${GATE_CASES.length}`));
  expect([...gpu.stems].sort()).toEqual(shaders.sort());
  expect(gpu.uncaptured).toBeNull();
});

it('catches every shader when all are spoilt', async () => {
  const names = GATE_CASES.map((one) => one.name.split(',')[0]);
  const once = GATE_CASES.filter((_, i) => names.indexOf(names[i]) === i && !names[i]?.includes('chooses'));
  const gpu = await open(() => true);
  const results = await runGate(gpu, undefined, once);
  expect([...gpu.stems].sort()).toEqual(shaders.sort());
  expect(results.filter((r) => r.passed).map((r) => r.kernel)).toEqual([]);
  expect(results.filter((r) => r.problem).map((r) => r.problem)).toEqual([]);
  for (const r of results) expect(r.maxError, r.kernel).toBeGreaterThan(20 * r.tolerance);
});

const several = GATE_CASES.filter((one) => /^\w+(, \w+)+$/.test(one.name));
it.each(several.flatMap((one) => one.name.split(', ').map((stem) => [stem, one] as const)))(
  'catches %s alone in a case of several shaders',
  async (stem, one) => {
    const [result] = await runGate(await open((s) => s === stem), undefined, [one]);
    expect(result?.passed).toBe(false);
    expect(result?.problem).toBeUndefined();
  },
);

it('reports a shader that does not compile in words, and goes on', async () => {
  const gpu = await open();
  const bad = {
    ...GATE_CASES[0]!,
    build: () => {
      throw new Error('add.wgsl: must compile on this adapter');
    },
  };
  const results = await runGate(gpu, undefined, [bad, GATE_CASES.find((one) => one.name === 'add')!]);
  expect(results.map((r) => r.passed)).toEqual([false, true]);
  expect(results[0]?.problem).toContain('must compile');
});
