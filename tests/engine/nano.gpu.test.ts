// The demo model on the GPU: the tokens, logits and log-probabilities that transformers gives.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { generate, type GeneratedRow } from '../../src/engine/generate.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { forward, loadLlama, logits, type Llama } from '../../src/engine/models/llama.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { testGpu } from '../gpu.ts';
import { filesIn, json } from './files.ts';
import { answers, greedy, type NanoExpected } from './nano.ts';

const SHOWN = 6; // rows here; all of them in nano.slow.test.ts

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let decoder: Decoder;
let expected: NanoExpected;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const files = filesIn('public/models/nano');
  model = await loadLlama(gpu, files);
  tokenizer = await Tokenizer.load(files);
  decoder = new Decoder(gpu, model);
  expected = await json('tests/goldens/nano-expected.json');
});
afterAll(() => {
  decoder.dispose();
  gpu.destroy();
});

it('gives the greedy ids and the text that transformers gives', async () => {
  for (const row of expected.rows.slice(0, SHOWN)) {
    const [answer] = await answers(decoder, tokenizer, [greedy(row)]);
    expect(answer?.ids.filter((id) => !model.config.eosIds.includes(id))).toEqual(row.output_ids);
    expect(answer?.text).toBe(row.text);
  }
});
