// PPO's value loss, its own seed: the loss is the end of a program.
//
//   loss = ½ max((v − R)², (cut(v, old ± valueClip) − R)²) · coef    (TRL's; nothing flows where the cut one counts)
import source from '../../../shaders/valueLoss.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { holds } from './shapes.ts';
import { sumFigures } from './sumFigures.ts';

const valueKernel = kernel('valueLoss', source);

export interface ValueInputs {
  values: Tensor; // [R, 1]
  /** [R, 4]: old value, return R, weight (1 / tokens that count; 0 = padding), 0. */
  rollout: Tensor;
  /** [4], added to: Σ weight · (loss with its coefficient, whether the clip counts), 0, 0. */
  totals: Tensor;
}

export interface ValueOptions {
  valueClip: number;
  coef: number;
}

/** → what was added to totals, by row: [R, 4]. With a tape, gradients flow into values. */
export function valueLoss(
  rec: Recorder,
  { values, rollout, totals }: ValueInputs,
  { valueClip: clip, coef }: ValueOptions,
): Tensor {
  const rows = size(values.shape);
  holds('valueLoss rollout', rollout, [rows, 4]);
  const figures = rec.temp('valueLoss figures', [rows, 4]);
  const dvalues = rec.temp('dvalues', values.shape);
  rec.dispatch(
    valueKernel,
    { values, rollout, dvalues, figures },
    { groups: grid(rows), params: { rows, clip, coef }, flops: 12 * rows },
  );
  const { tape } = rec;
  tape?.note([figures], [values], () => tape.give(values, dvalues));
  sumFigures(rec, figures, totals);
  return figures;
}
