// Answers between the steps of a run: as many at once as the memory leaves, and the same ones however many.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Decoder, plannedBytes } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { greedyAnswers, rowsWithin } from '../../src/engine/training/evaluate.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

let gpu: Gpu;
let model: Llama;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  model = await loadLlama(gpu, filesIn('tests/goldens/llama'));
});
afterAll(() => gpu.destroy());

it('rows are as many as fit, and never none', () => {
  expect(rowsWithin(Infinity, gpu, model, 16, 40)).toBe(16);
  expect(rowsWithin(plannedBytes(gpu, model, 16, 40), gpu, model, 16, 40)).toBe(16);
  expect(rowsWithin(plannedBytes(gpu, model, 5, 40), gpu, model, 16, 40)).toBe(5);
  expect(rowsWithin(plannedBytes(gpu, model, 5, 40) - 1, gpu, model, 16, 40)).toBe(4);
  expect(rowsWithin(0, gpu, model, 16, 40)).toBe(1);
});

it('a session takes the bytes that were planned for it, within a quarter', async () => {
  let bytes = 0;
  const create = gpu.device.createBuffer.bind(gpu.device);
  gpu.device.createBuffer = (descriptor) => {
    bytes += descriptor.size;
    return create(descriptor);
  };
  const decoder = new Decoder(gpu, model);
  await decoder.borrow(8, 40, 40);
  Reflect.deleteProperty(gpu.device, 'createBuffer');
  decoder.dispose();
  const planned = plannedBytes(gpu, model, 8, 40);
  expect(bytes / planned).toBeGreaterThan(0.75);
  expect(bytes / planned).toBeLessThan(1.25); // padding of small buffers, and the program of one token at a time
});

it('a smaller room changes no answer', async () => {
  const tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
  const asked = [3, 5, 4].map((length, i) => ({
    promptIds: Array.from({ length }, (_, t) => 3 + ((11 * i + 5 * t) % 70)),
    maxNewTokens: 6,
  }));
  const answers = async (room?: number) => {
    const decoder = new Decoder(gpu, model);
    const work = greedyAnswers(decoder, tokenizer, asked, { room });
    let next = await work.next();
    while (!next.done) next = await work.next();
    decoder.dispose();
    return next.value;
  };
  expect(await answers(0)).toEqual(await answers());
});
