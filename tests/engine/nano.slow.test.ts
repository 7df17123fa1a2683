// Every expected row of the demo model: greedy ids, text and first-step logits equal those of transformers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { testGpu } from '../gpu.ts';
import { filesIn, json } from './files.ts';
import { answers, greedy, logitsOf, type ExpectedRow, type NanoExpected } from './nano.ts';

const ROWS = 14;

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let decoder: Decoder;
let rows: ExpectedRow[];
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const files = filesIn('public/models/nano');
  model = await loadLlama(gpu, files);
  tokenizer = await Tokenizer.load(files);
  decoder = new Decoder(gpu, model);
  ({ rows } = await json<NanoExpected>('tests/goldens/nano-expected.json'));
});
afterAll(() => {
  decoder.dispose();
  gpu.destroy();
});

it('has all rows', () => expect(rows.length).toBe(ROWS));

it.each(Array.from({ length: ROWS }, (_, i) => i))('row %i', async (i) => {
  const row = rows[i] as ExpectedRow;
  const [answer] = await answers(decoder, tokenizer, [greedy(row)]);
  expect(answer?.ids.filter((id) => !model.config.eosIds.includes(id))).toEqual(row.output_ids);
  expect(answer?.text).toBe(row.text);
  const last = (await logitsOf(gpu, model, row.prompt_ids)).slice(-model.config.vocabSize);
  for (const [id, logit] of row.first_top5) expect(Math.abs((last[id] ?? 0) - logit)).toBeLessThan(1e-3);
});
