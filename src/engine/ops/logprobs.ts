// Log-probabilities of given tokens without ever storing the logits.
//
//   x = hidden · headᵀ / temperature  [rows, V]    lse = log Σ eˣ    logprob = x[target] − lse    entropy = lse − Σ p x
//
// hidden [rows, D], head [V, D] in f32 or f16, targets u32 [rows], each below V; D a multiple of 4. Forward only: what is
// trained on goes through crossEntropy.ts.
import combineSource from '../../../shaders/logprobsCombine.wgsl?raw';
import source from '../../../shaders/logprobs.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { overHalves } from './halves.ts';
import { holds } from './shapes.ts';

const partialKernels = { f32: kernel('logprobs', source), f16: kernel('logprobs', overHalves('logprobs', source)) };
const combineKernel = kernel('logprobsCombine', combineSource);

/** Tokens per workgroup: long runs for large vocabularies, so that few parts are left to join. */
const span = (vocab: number): number => (vocab > 16384 ? 512 : 128);

export interface LogprobsOptions {
  /** Divides the logits, as in sampling; fixed for a run. */
  temperature?: number;
}

/** → logprobs, lse, entropy, each [rows]. */
export function logprobs(
  rec: Recorder,
  hidden: Tensor,
  head: Tensor,
  targets: Tensor,
  { temperature = 1 }: LogprobsOptions = {},
): { logprobs: Tensor; lse: Tensor; entropy: Tensor } {
  const [rows = 0, dim = 0] = hidden.shape;
  const [vocab = 0, headDim = 0] = head.shape;
  if (dim !== headDim || dim % 4 !== 0)
    throw new Error(
      `logprobs: hidden and head must have one width, a multiple of 4, got ${describe(hidden)} and ${describe(head)}. ` +
        'Check the model.',
    );
  holds('logprobs', targets, [rows]);
  const spans = Math.ceil(vocab / span(vocab));
  const parts = 8 * spans;
  const partial = rec.temp('logprobs.partial', [rows, parts, 4]);
  const out = {
    logprobs: rec.temp('logprobs', [rows]),
    lse: rec.temp('lse', [rows]),
    entropy: rec.temp('entropy', [rows]),
  };
  rec.dispatch(
    partialKernels[head.dtype === 'f16' ? 'f16' : 'f32'],
    { hidden, head, targets, partial },
    {
      groups: [spans, Math.ceil(rows / 32)],
      params: { rows, vocab, width: dim / 4, parts, inverse: 1 / temperature },
      constants: { SPAN: span(vocab) },
      flops: 2 * rows * vocab * dim,
    },
  );
  rec.dispatch(
    combineKernel,
    { partial, ...out },
    { groups: grid(rows, 1), params: { rows, parts }, flops: 10 * rows * parts },
  );
  return out;
}
