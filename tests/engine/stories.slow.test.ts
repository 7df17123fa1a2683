// stories260K, a model that others trained: our greedy ids and text equal the expected ones. It is not kept in this project.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { TextStream, Tokenizer } from '../../src/engine/tokenizer.ts';
import { projectFile, testGpu } from '../gpu.ts';
import { filesIn, json } from './files.ts';
import { answers, greedy, logitsOf } from './nano.ts';

const FOLDER = '../shared/models/stories260K';
const present = (await projectFile(`${FOLDER}/config.json`)) !== null;

interface Expected {
  prompt: string;
  prompt_ids: number[];
  generated_ids: number[];
  text: string;
  encode_samples: Record<string, number[]>;
  first_step_logits: number[];
}

describe.skipIf(!present)(`stories260K${present ? '' : ` (skipped: there is no ${FOLDER})`}`, () => {
  let gpu: Gpu;
  let model: Llama;
  let tokenizer: Tokenizer;
  let expected: Expected;
  beforeAll(async () => {
    gpu = await openGpu(await testGpu());
    model = await loadLlama(gpu, filesIn(FOLDER));
    tokenizer = await Tokenizer.load(filesIn(FOLDER));
    expected = await json(`${FOLDER}/expected_greedy.json`);
  });
  afterAll(() => gpu.destroy());

  it('encodes as its own tokenizer, byte tokens included', () => {
    for (const [text, ids] of Object.entries(expected.encode_samples))
      expect(tokenizer.chat([{ role: 'user', content: text }])).toEqual(ids);
  });

  it('has the expected logits at the first step', async () => {
    const last = (await logitsOf(gpu, model, expected.prompt_ids)).slice(-model.config.vocabSize);
    expect(expected.first_step_logits.length).toBe(last.length);
    expected.first_step_logits.forEach((want, i) => expect(Math.abs(want - (last[i] ?? 0))).toBeLessThan(1e-3));
  });

  it('tells its story, id by id', async () => {
    const decoder = new Decoder(gpu, model);
    const rows = [greedy(expected, expected.generated_ids.length)];
    const [answer] = await answers(decoder, tokenizer, rows);
    decoder.dispose();
    expect(answer?.ids).toEqual(expected.generated_ids);
    expect(tokenizer.decode([...expected.prompt_ids, ...(answer?.ids ?? [])])).toBe(expected.text);
  });

  it('streams the text of its byte and word tokens as it decodes it', () => {
    for (const ids of [...Object.values(expected.encode_samples), expected.generated_ids]) {
      const stream = new TextStream(tokenizer);
      const text = ids.map((id) => stream.push([id])).join('');
      expect(text).not.toContain('\uFFFD');
      expect(text + stream.end()).toBe(tokenizer.decode(ids));
    }
  });
});
