// The loss of a language model, its head included, without ever storing all logits.
//
//   x = hidden[index] · headᵀ  [R, V]    loss = log Σ eˣ − x[target]    hit = the target is the likeliest
//   dx = (softmax(x) − onehot(target)) · weight    dhidden[index] = dx · head    dhead += dxᵀ · hidden[index]
//
// Logits exist for a chunk of rows at a time, and their gradient takes their place: see overLogits.ts.
import gradientSource from '../../../shaders/crossEntropyGradient.wgsl?raw';
import source from '../../../shaders/crossEntropy.wgsl?raw';
import sumSource from '../../../shaders/sumLosses.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { across, elementwise } from './elementwise.ts';
import { grid } from './grid.ts';
import { lanesFor, overLogits } from './overLogits.ts';
import { holds } from './shapes.ts';

const partKernels = elementwise('crossEntropy', source);
const gradientKernels = elementwise('crossEntropyGradient', gradientSource);
const sumKernel = kernel('sumLosses', sumSource);

export interface CrossEntropyInputs {
  hidden: Tensor; // [N, D]
  head: Tensor; // [V, D], f32 or f16
  /** u32 [R]: the rows of hidden that reach the head, each at most once; 0xffffffff for padding. */
  index: Tensor;
  targets: Tensor; // u32 [R]
  /** [R]: what the gradient of each row counts, 1 / valid tokens as a rule; 0 for padding. */
  weights: Tensor;
}

export interface CrossEntropyOptions {
  /** Most that the logits of a chunk may take; one row of them always may. */
  maxBytes?: number;
}

/** → losses, hits, both [R]; 0 where the weight is 0. With a tape, gradients flow into hidden and a trainable head. */
export function crossEntropy(
  rec: Recorder,
  { hidden, head, index, targets, weights }: CrossEntropyInputs,
  { maxBytes = 64 << 20 }: CrossEntropyOptions = {},
): { losses: Tensor; hits: Tensor } {
  const rows = size(index.shape);
  holds('crossEntropy targets', targets, [rows]);
  holds('crossEntropy weights', weights, [rows]);
  const losses = rec.temp('losses', [rows]);
  const hits = rec.temp('hits', [rows]);
  overLogits(rec, 'crossEntropy', { hidden, head, index, outputs: [losses], maxBytes }, (logits, first, gradient) => {
    judge(rec, logits, { targets, weights, losses, hits }, first, gradient);
  });
  return { losses, hits };
}

/** Writes losses and hits of `logits` from row `first` on, and with `gradient` replaces the logits by theirs. */
function judge(
  rec: Recorder,
  logits: Tensor,
  { targets, weights, losses, hits }: Record<'targets' | 'weights' | 'losses' | 'hits', Tensor>,
  first: number,
  gradient: boolean,
): void {
  const [rows = 0, vocab = 0] = logits.shape;
  const { kernel: parts, width } = across(partKernels, vocab);
  const LANES = lanesFor(width);
  const WIDTH = vocab / width;
  const partial = rec.temp('crossEntropy parts', [rows, LANES, 4]);
  const params = { rows, width, first };
  rec.dispatch(
    parts,
    { logits, targets, partial },
    { groups: grid(rows * LANES), params, constants: { LANES, WIDTH }, flops: 12 * rows * vocab },
  );
  const lanes = gradient ? LANES : 1;
  rec.dispatch(
    across(gradientKernels, vocab).kernel,
    { partial, targets, weights, logits, losses, hits },
    {
      groups: grid(rows * lanes),
      params,
      constants: { LANES: lanes, PARTIALS: LANES, GRADIENT: Number(gradient), WIDTH },
      flops: (gradient ? 12 : 0) * rows * vocab,
    },
  );
}

/** totals [4] += [Σ weight · loss, hits, rows that count, 0], over the rows whose weight is above 0. */
export function sumLosses(
  rec: Recorder,
  { losses, hits, weights }: Record<'losses' | 'hits' | 'weights', Tensor>,
  totals: Tensor,
): void {
  const rows = size(losses.shape);
  holds('sumLosses totals', totals, [4]);
  rec.dispatch(sumKernel, { losses, hits, weights, totals }, { groups: [1], params: { rows }, flops: 6 * rows });
}
