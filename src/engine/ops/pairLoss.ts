// The loss of pairs of scores, one answer chosen and one rejected, as TRL's RewardTrainer computes it:
//
//   loss = −log σ(c − r − margin) + centering · (c + r)²
// Bradley & Terry (1952) with the margin of Llama 2 (Touvron et al. 2023, §3.2.2) and the centring of Eisenstein et al.
// (2023), which keeps scores around zero. Sums over pairs are weighted: 1 / pairs as a rule, 0 where a short batch has none.
// As crossEntropy it is the end of a program, so it seeds its own gradient.
import source from '../../../shaders/pairLoss.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { holds } from './shapes.ts';

const lossKernel = kernel('pairLoss', source);

export interface PairLossInputs {
  /** [2·B]: of the chosen rows, then of the rejected ones in the same order. */
  scores: Tensor;
  /** [B]: by which chosen must win. */
  margins: Tensor;
  weights: Tensor; // [B]
  /** [4], added to: Σ weight · loss, · (1 where c > r, ½ where they are equal), · (c − r), · ½ (c + r). */
  totals: Tensor;
}

/** With a tape, gradients flow into the scores. */
export function pairLoss(
  rec: Recorder,
  { scores, margins, weights, totals }: PairLossInputs,
  { centering }: { centering: number },
): void {
  const pairs = size(margins.shape);
  holds('pairLoss scores', scores, [2 * pairs]);
  holds('pairLoss weights', weights, [pairs]);
  holds('pairLoss totals', totals, [4]);
  const gradient = rec.temp('scores d', scores.shape);
  rec.dispatch(
    lossKernel,
    { scores, margins, weights, gradient, totals },
    { groups: [1], params: { pairs, centering }, flops: 30 * pairs },
  );
  const { tape } = rec;
  tape?.note([gradient], [scores], () => tape.give(scores, gradient));
}
