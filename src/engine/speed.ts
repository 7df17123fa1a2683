// How fast one answer comes on this device, for its check.
import type { BenchResult } from '../records/report.ts';
import { defaultSampling } from '../records/sampling.ts';
import type { Decoder } from './decoder.ts';
import { generate } from './generate.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Tokens per second of one row, after the first token. */
export async function answerSpeed(decoder: Decoder, tokenizer: Tokenizer): Promise<BenchResult> {
  const promptIds = tokenizer.chat([{ role: 'user', content: 'One, two, three.' }]);
  // Hot sampling seldom ends an answer early.
  const sampling = { ...defaultSampling(), temperature: 2, maxNewTokens: 96 };
  const events = generate({ decoder, tokenizer, rows: [{ promptIds, sampling }] });
  for (;;) {
    const next = await events.next();
    if (next.done) return { name: 'generation', value: next.value[0]?.tokensPerSecond ?? 0, unit: 'tokens/s' };
  }
}
