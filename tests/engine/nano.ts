// What the tests of the demo model share: its expected rows, and generating to the end.
import type { Decoder } from '../../src/engine/decoder.ts';
import { generate, type GeneratedRow, type GenerateRow } from '../../src/engine/generate.ts';
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

export const greedy = (row: ExpectedRow, maxNewTokens = 48): GenerateRow => ({
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
