// PPO's policy loss through a language model's head, without ever storing all logits.
//
//   x = hidden[index] · headᵀ / temperature  [R, V]    new = log softmax(x)[target]    H = −Σ p log p    Δ = new − old
//   r = e^(Δ cut at ±20)    loss = max(−A r, −A cut(r, 1 ± clipRange)) − entropyCoef · H    (TRL's, with an entropy bonus)
//
// Logits exist for a chunk of rows at a time, and their gradient takes their place: see overLogits.ts. Through a ratio that
// the clip or the cut holds flows nothing; the entropy's part of the gradient is exact.
import gradientSource from '../../../shaders/policyGradient.wgsl?raw';
import source from '../../../shaders/policyLoss.wgsl?raw';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { across, elementwise } from './elementwise.ts';
import { grid } from './grid.ts';
import { lanesFor, overLogits, type LogitsInputs } from './overLogits.ts';
import { holds } from './shapes.ts';
import { sumFigures } from './sumFigures.ts';

const partKernels = elementwise('policyLoss', source);
const gradientKernels = elementwise('policyGradient', gradientSource);

export interface PolicyInputs extends LogitsInputs {
  targets: Tensor; // u32 [R]: the sampled tokens
  /** [R, 4]: old log-probability, advantage A, weight (1 / tokens that count; 0 = padding), 0. */
  rollout: Tensor;
  /** [8], added to: Σ weight · (loss, H, whether the clip counts, r, ½Δ², |Δ|), 0, 0. */
  totals: Tensor;
}

export interface PolicyOptions {
  /** 1 / temperature, as in sampling. */
  inverseTemperature: number;
  clipRange: number;
  entropyCoef: number;
  /** Most that the logits of a chunk may take; one row of them always may. */
  maxBytes?: number;
}

/** → what was added to totals, by row: [R, 8]. With a tape, gradients flow into hidden and a trainable head. */
export function policyLoss(
  rec: Recorder,
  { hidden, head, index, targets, rollout, totals }: PolicyInputs,
  { inverseTemperature: inverse, clipRange: clip, entropyCoef: entropy, maxBytes = 64 << 20 }: PolicyOptions,
): Tensor {
  const all = size(index.shape);
  holds('policyLoss targets', targets, [all]);
  holds('policyLoss rollout', rollout, [all, 4]);
  const figures = rec.temp('policyLoss figures', [all, 8]);
  overLogits(rec, 'policyLoss', { hidden, head, index, outputs: [figures], maxBytes }, (logits, first, gradient) => {
    const [rows = 0, vocab = 0] = logits.shape;
    const { kernel: parts, width } = across(partKernels, vocab);
    const LANES = lanesFor(width);
    const WIDTH = vocab / width;
    const partial = rec.temp('policyLoss parts', [rows, LANES, 4]);
    rec.dispatch(
      parts,
      { logits, targets, partial },
      {
        groups: grid(rows * LANES),
        params: { rows, width, first, inverse },
        constants: { LANES, WIDTH },
        flops: 14 * rows * vocab,
      },
    );
    const lanes = gradient ? LANES : 1;
    rec.dispatch(
      across(gradientKernels, vocab).kernel,
      { partial, targets, rollout, logits, figures },
      {
        groups: grid(rows * lanes),
        params: { rows, width, first, inverse, clip, entropy },
        constants: { LANES: lanes, PARTIALS: LANES, GRADIENT: Number(gradient), WIDTH },
        flops: (gradient ? 14 : 0) * rows * vocab,
      },
    );
  });
  sumFigures(rec, figures, totals);
  return figures;
}
