// A base of halves computes what the same rounded numbers give in f32: logits, one token alone, gradients of an adapter.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../src/formats/float16.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { weightBytes, weightTensors } from '../../src/engine/models/weights.ts';
import { disposeGroup } from '../../src/engine/optim.ts';
import { trainAdapter } from '../../src/engine/training/plan.ts';
import { testGpu } from '../gpu.ts';
import { filesIn, json } from './files.ts';
import { distance, flatOf, gradientsOf, loraGolden, runMicrobatch } from './loraGoldens.ts';
import { argmax, logitsOf, type NanoExpected } from './nano.ts';

const TOLERANCE = 1e-5;

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));
afterAll(() => gpu.destroy());

async function roundMatrices(model: Llama): Promise<void> {
  for (const t of weightTensors(model.weights))
    if (t.shape.length === 2) gpu.write(t, f16ToF32(f32ToF16(await gpu.read(t))));
}

describe('a tiny random Llama', () => {
  const name = 'llama';
  let halves: Llama;
  let rounded: Llama;
  let exact: Llama;
  beforeAll(async () => {
    const files = filesIn(`tests/goldens/${name}`);
    halves = await loadLlama(gpu, files, { precision: 'f16' });
    rounded = await loadLlama(gpu, files);
    exact = await loadLlama(gpu, files);
    await roundMatrices(rounded);
  });

  it('takes about half the memory', () => {
    expect(weightBytes(halves.weights) / weightBytes(exact.weights)).toBeLessThan(0.55);
  });

  it.each([1, 19])('gives the logits of rounded numbers for %i ids', async (count) => {
    const ids = Array.from({ length: count }, (_, i) => (7 * i + 3) % 80);
    const found = await logitsOf(gpu, halves, ids);
    expect(distance(found, await logitsOf(gpu, rounded, ids))).toBeLessThan(TOLERANCE);
    const apart = distance(found, await logitsOf(gpu, exact, ids));
    expect(apart).toBeGreaterThan(10 * TOLERANCE); // rounding is seen
    expect(apart).toBeLessThan(0.02);
  });

  it('gives the loss and the gradients of an adapter on rounded numbers', async () => {
    const golden = await loraGolden(name);
    const run = async (model: Llama) => {
      const adapter = createAdapter(gpu, model.config, golden.settings, flatOf(model.config, golden));
      const trainable = trainAdapter(gpu, adapter);
      const { loss } = await runMicrobatch(gpu, model, golden.rows, { adapter, trainable });
      const gradients = await gradientsOf(gpu, adapter, trainable);
      trainable.groups.forEach(disposeGroup);
      adapter.flat.slot?.buffer.destroy();
      return { loss, gradients };
    };
    const [found, expected] = [await run(halves), await run(rounded)];
    expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(TOLERANCE);
    for (const [part, want] of expected.gradients)
      expect(distance(found.gradients.get(part) ?? [], want), part).toBeLessThan(10 * TOLERANCE);
  });
});

it('nano, whose file holds halves, gives the logits of transformers as in f32', async () => {
  const model = await loadLlama(gpu, filesIn('public/models/nano'), { precision: 'f16' });
  const { rows } = await json<NanoExpected>('tests/goldens/nano-expected.json');
  for (const { prompt_ids, first_top5 } of rows.slice(0, 2)) {
    const last = (await logitsOf(gpu, model, prompt_ids)).slice(-model.config.vocabSize);
    for (const [id, logit] of first_top5) expect(Math.abs((last[id] ?? NaN) - logit)).toBeLessThan(1e-3);
    expect(argmax(last)).toBe(first_top5[0]?.[0]);
  }
});
