// The host's side of sampling: makes the row state of a batch and packs settings into it.
import { validateSampling, type Sampling } from '../records/sampling.ts';
import type { Gpu } from './gpu/device.ts';
import type { SampleState } from './ops/sampling.ts';

export interface SampleRow {
  sampling: Sampling;
  /** Tells rows with one seed apart; the draw depends on (seed, stream, position), never on the place in the batch. */
  stream: number;
  eosIds: readonly number[];
  promptIds: readonly number[];
}

const WORDS = 16; // of one row: struct RowParams of shaders/sample.wgsl
/** End tokens that a row has room for. */
export const MAX_EOS = 8;

/** [B, 16] as struct RowParams of shaders/sample.wgsl. */
export function packRowParams(rows: readonly Omit<SampleRow, 'promptIds'>[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(rows.length * WORDS);
  const floats = new Float32Array(words.buffer);
  rows.forEach(({ sampling, stream, eosIds }, b) => {
    const { temperature, topP, repetitionPenalty, topK, seed, maxNewTokens } = validateSampling(sampling);
    if (eosIds.length > MAX_EOS)
      throw new RangeError(`sampling: at most ${MAX_EOS} end tokens, got ${eosIds.length}. Pass fewer.`);
    floats.set([temperature, topP, repetitionPenalty], b * WORDS);
    words.set([topK, seed, stream, maxNewTokens, eosIds.length, ...eosIds], b * WORDS + 3);
  });
  return words;
}

/** [B, ceil(vocab / 32)], bit token % 32 of word token / 32 set for every token of the row's prompt. */
export function seenBitmap(prompts: readonly (readonly number[])[], vocab: number): Uint32Array<ArrayBuffer> {
  const words = Math.ceil(vocab / 32);
  const bits = new Uint32Array(prompts.length * words);
  prompts.forEach((ids, b) => {
    for (const id of ids) {
      const at = b * words + (id >>> 5);
      bits[at] = ((bits[at] ?? 0) | (1 << (id & 31))) >>> 0;
    }
  });
  return bits;
}

/** Resident, empty state for `batch` rows of at most `maxNew` drawn tokens; the caller destroys its buffers. */
export function createSampleState(gpu: Gpu, batch: number, vocab: number, maxNew: number): SampleState {
  return {
    ids: gpu.tensor('ids', [batch], 'u32'),
    lengths: gpu.tensor('lengths', [batch], 'u32'),
    count: gpu.tensor('count', [batch], 'u32'),
    done: gpu.tensor('done', [batch], 'u32'),
    seen: gpu.tensor('seen', [batch, Math.ceil(vocab / 32)], 'u32'),
    rowParams: gpu.tensor('rowParams', [batch, WORDS], 'u32'),
    outIds: gpu.tensor('outIds', [batch, maxNew], 'u32'),
    outLogprobs: gpu.tensor('outLogprobs', [batch, maxNew]),
  };
}

/**
 * Enters the rows before their first draw. `lengths` starts at promptLength − 1, because every draw adds the one token
 * whose logits it used, and the first draw uses those of the prompt's last token.
 */
export function startRows(gpu: Gpu, state: SampleState, rows: readonly SampleRow[], vocab: number): void {
  const prompts = rows.map((row) => row.promptIds);
  gpu.write(
    state.ids,
    Uint32Array.from(prompts, (ids) => ids.at(-1) ?? 0),
  );
  gpu.write(
    state.lengths,
    Uint32Array.from(prompts, (ids) => ids.length - 1),
  );
  gpu.write(state.count, new Uint32Array(rows.length));
  gpu.write(state.done, new Uint32Array(rows.length));
  gpu.write(state.seen, seenBitmap(prompts, vocab));
  gpu.write(state.rowParams, packRowParams(rows));
}
