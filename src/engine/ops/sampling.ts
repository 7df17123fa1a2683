// One sampling step for a batch of rows, all on the GPU: recorded once, the same program draws token after token.
// What is drawn and what `outLogprobs` holds is stated in shaders/sample.wgsl; the row state is made by ../sampling.ts.
import sampleSource from '../../../shaders/sample.wgsl?raw';
import stepSource from '../../../shaders/sampleStep.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, type Tensor } from '../gpu/tensor.ts';

const sampleKernel = kernel('sample', sampleSource);
const stepKernel = kernel('sampleStep', stepSource);

/** Resident tensors, one row of each per answer. */
export interface SampleState {
  /** [B] u32: the row's last token; the next step feeds it. */
  ids: Tensor;
  /** [B] u32: tokens in the cache once `ids` is written at position `lengths`. */
  lengths: Tensor;
  /** [B] u32: tokens drawn so far. */
  count: Tensor;
  /** [B] u32: 0 going on, 1 end token drawn, 2 maxNewTokens reached. */
  done: Tensor;
  /** [B, ceil(V / 32)] u32: bitmap of the tokens of prompt and answer. */
  seen: Tensor;
  /** [B, 16] u32: `packRowParams` of ../sampling.ts. */
  rowParams: Tensor;
  /** [B, maxNew] u32 */
  outIds: Tensor;
  /** [B, maxNew] f32 */
  outLogprobs: Tensor;
}

/**
 * Draws the next token of every row that is not done from `logits` [B, V] and enters it into the state:
 * ids = token, lengths + 1, count + 1, seen, outIds and outLogprobs at [b, count], done when the row ends.
 */
export function sample(rec: Recorder, logits: Tensor, state: SampleState): void {
  const [batch = 0, vocab = 0] = logits.shape;
  const [rows = 0, stride = 0] = state.outIds.shape;
  const words = Math.ceil(vocab / 32);
  if (rows !== batch || state.seen.shape[0] !== batch || state.seen.shape[1] !== words)
    throw new Error(
      `sample: the state must have ${batch} rows and ${words} words of seen tokens, got ${describe(state.outIds)} and ` +
        `${describe(state.seen)}. Make it for this batch and vocabulary.`,
    );
  const { ids, lengths, count, done, seen, rowParams, outIds, outLogprobs } = state;
  const chosen = rec.temp('chosen', [batch], 'u32');
  rec.dispatch(
    sampleKernel,
    { logits, seen, rowParams, count, done, chosen, outLogprobs },
    {
      groups: [batch],
      params: { vocab, stride },
      constants: { LANES: vocab > 16384 ? 256 : 64 },
      flops: 40 * batch * vocab,
    },
  );
  rec.dispatch(
    stepKernel,
    { chosen, rowParams, ids, lengths, count, done, seen, outIds },
    { groups: [Math.ceil(batch / 64)], params: { rows: batch, vocab, stride } },
  );
}
