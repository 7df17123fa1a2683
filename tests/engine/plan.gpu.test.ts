// The plan of a training step: what it allocates, it frees again when it refuses.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, initialLora } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { MemoryError } from '../../src/engine/training/passes.ts';
import { StepPlan, trainAdapter, type PlanOptions } from '../../src/engine/training/plan.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

let gpu: Gpu;
let model: Llama;
let options: PlanOptions;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  model = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  const lora = { rank: 4, alpha: 8, rsLora: false, dropout: 0, targets: ['q_proj'] as const };
  const adapter = createAdapter(gpu, model.config, lora, initialLora(model.config, lora, 1));
  const bucket = { batch: 2, time: 16, rows: 8 };
  options = { adapter, trainable: trainAdapter(gpu, adapter), train: [bucket], evaluate: [bucket] };
});
afterAll(() => gpu.destroy());

/** Buffers that are made and not destroyed meanwhile. */
function buffersLeftBy(work: () => void): number {
  let alive = 0;
  const create = gpu.device.createBuffer.bind(gpu.device);
  gpu.device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      alive--;
      destroy();
    };
    alive++;
    return buffer;
  };
  try {
    work();
  } finally {
    Reflect.deleteProperty(gpu.device, 'createBuffer');
  }
  return alive;
}

it('a plan that is made and let go leaves no buffer', () => {
  expect(buffersLeftBy(() => new StepPlan(gpu, model, options).dispose())).toBe(0);
  expect(buffersLeftBy(() => new StepPlan(gpu, model, options))).toBeGreaterThan(5);
});

it('a plan over its budget leaves no buffer', () => {
  const refused = () => expect(() => new StepPlan(gpu, model, { ...options, budget: 1 })).toThrow(MemoryError);
  expect(buffersLeftBy(refused)).toBe(0);
});

it('a size that cannot be recorded, or not even be allocated, leaves no buffer', () => {
  const impossible = [
    { batch: 2 ** 10, time: 2 ** 14, rows: 8 }, // its activations exceed a binding
    { batch: 2 ** 13, time: 2 ** 14, rows: 8 }, // so do its ids
  ];
  for (const bucket of impossible)
    for (const sizes of [{ evaluate: [bucket] }, { train: [bucket] }]) {
      const refused = () => expect(() => new StepPlan(gpu, model, { ...options, ...sizes })).toThrow(RangeError);
      expect(buffersLeftBy(refused)).toBe(0);
    }
});
