// The demo model on the GPU: the tokens and logits of transformers; a cache changes nothing; rows do not touch each other.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { testGpu } from '../gpu.ts';
import { filesIn, json } from './files.ts';
import { answers, argmax, greedy, logitsOf, logprobOf, type ExpectedRow, type NanoExpected } from './nano.ts';

const SHOWN = 4; // rows here; all of them in nano.slow.test.ts

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
  rows = (await json<NanoExpected>('tests/goldens/nano-expected.json')).rows.slice(0, SHOWN);
});
afterAll(() => {
  decoder.dispose();
  gpu.destroy();
});

const withoutEnd = (ids: number[] = []) => ids.filter((id) => !model.config.eosIds.includes(id));

it('gives the first-step logits of transformers', async () => {
  for (const { prompt_ids, first_top5 } of rows) {
    const last = (await logitsOf(gpu, model, prompt_ids)).slice(-model.config.vocabSize);
    for (const [id, logit] of first_top5) expect(Math.abs((last[id] ?? 0) - logit)).toBeLessThan(1e-3);
    expect(argmax(last)).toBe(first_top5[0]?.[0]);
  }
});

it('answers greedily with the ids and the text of transformers, rows of several lengths in one batch', async () => {
  const batch = await answers(
    decoder,
    tokenizer,
    rows.map((row) => greedy(row)),
  );
  rows.forEach((row, b) => {
    expect(withoutEnd(batch[b]?.ids)).toEqual(row.output_ids);
    expect(batch[b]?.text).toBe(row.text);
    expect(batch[b]?.finish).toBe('eos');
  });
});

it('gives with a cache what a full recompute gives: the same ids, log-probabilities within 1e-5', async () => {
  const row = rows[2] as ExpectedRow;
  const [answer] = await answers(decoder, tokenizer, [greedy(row)]);
  const ids = answer?.ids ?? [];
  const vocab = model.config.vocabSize;
  const all = await logitsOf(gpu, model, [...row.prompt_ids, ...ids]);
  ids.forEach((id, n) => {
    const at = (row.prompt_ids.length + n - 1) * vocab;
    const step = all.subarray(at, at + vocab);
    expect(argmax(step)).toBe(id);
    expect(Math.abs(logprobOf(step, id) - (answer?.logprobs[n] ?? 0))).toBeLessThan(1e-5);
  });
  expect(ids.length).toBeGreaterThan(10);
});

it('gives a row the same sampled ids alone, in a batch, and in another place of the batch', async () => {
  const sampled = rows.map((row, i) => {
    const { sampling } = greedy(row, 12);
    return { promptIds: row.prompt_ids, sampling: { ...sampling, temperature: 1.2, topP: 0.95, seed: 7 + i } };
  });
  const together = await answers(decoder, tokenizer, sampled);
  const turned = await answers(decoder, tokenizer, [...sampled].reverse());
  const alone = (await answers(decoder, tokenizer, sampled.slice(1, 2)))[0];
  expect(together.map((r) => r.ids)).toEqual(turned.reverse().map((r) => r.ids));
  expect(alone?.ids).toEqual(together[1]?.ids);
  expect(together.some((r, b) => withoutEnd(r.ids).join() !== rows[b]?.output_ids.slice(0, 12).join())).toBe(true);
});
