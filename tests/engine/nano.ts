// What the tests of whole models share: nano's expected rows, generating to the end, log-probabilities by full recompute.
import type { Decoder } from '../../src/engine/decoder.ts';
import { generate, type GeneratedRow, type GenerateRow } from '../../src/engine/generate.ts';
import type { Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import type { Adapter } from '../../src/engine/lora.ts';
import { forward, logits, type Llama } from '../../src/engine/models/llama.ts';
import type { Tokenizer } from '../../src/engine/tokenizer.ts';
import { defaultSampling } from '../../src/records/sampling.ts';

export interface ExpectedRow {
  prompt: string;
  prompt_ids: number[];
  /** Greedy, at most 48, without the end token. */
  output_ids: number[];
  text: string;
  /** [id, logit] of the first step, likeliest first. */
  first_top5: [number, number][];
}

export interface NanoExpected {
  rows: ExpectedRow[];
}

export const greedy = (row: Pick<ExpectedRow, 'prompt_ids'>, maxNewTokens = 48): GenerateRow => ({
  promptIds: row.prompt_ids,
  sampling: { ...defaultSampling(), temperature: 0, maxNewTokens },
});

/** Runs the rows as one batch to their ends. */
export async function answers(decoder: Decoder, tokenizer: Tokenizer, rows: GenerateRow[]): Promise<GeneratedRow[]> {
  const run = generate({ decoder, tokenizer, rows });
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

/** Logits [T, V] of one row, computed at once and without a cache. */
export async function logitsOf(
  gpu: Gpu,
  model: Llama,
  ids: readonly number[],
  adapter: Adapter | null = null,
): Promise<Float32Array> {
  const rec = new Recorder(gpu, 'recompute');
  const tensors = [
    gpu.tensor('ids', [ids.length], 'u32', Uint32Array.from(ids)),
    gpu.tensor('starts', [1], 'u32'),
  ] as const;
  const hidden = forward(rec, model, { ids: tensors[0], starts: tensors[1], batch: 1, time: ids.length, adapter });
  const out = rec.keep(logits(rec, model, hidden));
  const program = await rec.compile();
  program.run();
  const read = await gpu.read(out);
  program.dispose();
  for (const t of tensors) t.slot?.buffer.destroy();
  return read;
}

/** log softmax(row)[id], in f64. */
export function logprobOf(row: Float32Array, id: number): number {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = row.reduce((total, x) => total + Math.exp(x - top), 0);
  return (row[id] ?? Number.NaN) - top - Math.log(sum);
}

/** The id of the largest value; the lowest among equals. */
export const argmax = (row: Float32Array): number => row.reduce((best, x, i) => (x > (row[best] ?? x) ? i : best), 0);
