// Rollouts: the policy's own answers to a step's prompts, drawn from its whole distribution, ids and log-probabilities kept.
//
// No top-k, no top-p, no penalty: what is drawn from is then π itself, and its log-probability that of training. A draw is a
// function of (seed, step, row) and the position, never of how rows are batched.
import type { PpoConfig } from '../../records/ppoConfig.ts';
import { defaultSampling } from '../../records/sampling.ts';
import { rowsFit, type Decoder } from '../decoder.ts';
import type { Gpu } from '../gpu/device.ts';
import { generate, type GenerateRow } from '../generate.ts';
import type { Llama } from '../models/llama.ts';
import type { Tokenizer } from '../tokenizer.ts';
import type { PreparedPrompt } from './prompts.ts';

export interface Answer {
  prompt: PreparedPrompt;
  /** As drawn, the end token included where it came: never encoded again from its text. [n] */
  ids: readonly number[];
  /** log π of each when it was drawn. [n] */
  logprobs: readonly number[];
  text: string;
  /** By itself, not because its room was used up. */
  ended: boolean;
}

interface Pace {
  signal?: AbortSignal;
  sliceMs?: number;
}

export type Drawing = Pick<PpoConfig, 'seed' | 'temperature' | 'maxNewTokens'>;

/** Answers drawn at once. */
const MOST_ROWS = 64;

/** How the answers of a run are drawn: one session for all of them, so that few programs are compiled. */
export class Roller {
  constructor(
    readonly decoder: Decoder,
    readonly tokenizer: Tokenizer,
    /** Answers at once, and the longest prompt that can come. */
    readonly size: { rows: number; longest: number },
    readonly drawing: Drawing,
  ) {}

  /** Yields how much of it is done, 0 … 1; null when its signal was aborted. The draws of row i come from `stream` + i. */
  async *roll(
    prompts: readonly PreparedPrompt[],
    stream: number,
    { signal, sliceMs }: Pace,
    temperature = this.drawing.temperature,
  ): AsyncGenerator<number, Answer[] | null, void> {
    const { decoder, tokenizer, size } = this;
    const { seed, maxNewTokens } = this.drawing;
    const sampling = { ...defaultSampling(), topK: 0, topP: 1, repetitionPenalty: 1, temperature, seed, maxNewTokens };
    const answers: Answer[] = [];
    for (let at = 0; at < prompts.length; at += size.rows) {
      if (signal?.aborted) return null;
      const asked = prompts.slice(at, at + size.rows);
      // A part that is not full is filled up with its last prompt: one more size would be one more program.
      const rows = Array.from({ length: size.rows }, (_, i): GenerateRow => {
        const { ids } = asked[Math.min(i, asked.length - 1)] as PreparedPrompt;
        return { promptIds: ids, sampling, stream: stream + at + i };
      });
      decoder.giveBack(await decoder.borrow(size.rows, size.longest, size.longest + maxNewTokens));
      const events = generate({ decoder, tokenizer, rows, signal, sliceMs });
      try {
        let drawn = 0;
        let next = await events.next();
        for (; !next.done; next = await events.next()) {
          drawn += next.value.newIds.length;
          if (next.value.row === 0 || drawn % size.rows === 0)
            yield (at + (asked.length * drawn) / (size.rows * maxNewTokens)) / prompts.length;
        }
        if (signal?.aborted) return null;
        next.value
          .slice(0, asked.length)
          .forEach(({ ids, logprobs, text, finish }, i) =>
            answers.push({ prompt: asked[i] as PreparedPrompt, ids, logprobs, text, ended: finish === 'eos' }),
          );
      } finally {
        await events.return([]);
      }
    }
    return answers;
  }
}

/** The largest divisor of `wanted` whose caches fit: parts of one size. */
export function rowsAtOnce(gpu: Gpu, model: Llama, wanted: number, positions: number, room = Infinity): number {
  for (let rows = Math.min(wanted, MOST_ROWS); rows > 1; rows--)
    if (wanted % rows === 0 && rowsFit(gpu, model, rows, positions, room)) return rows;
  return 1;
}
