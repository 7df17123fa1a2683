// Dropout.   y = mask · x / (1 − rate) (+ residual), the mask from seed, microbatch and stream alone.
//
// dx = mask · dy / (1 − rate): the same op over the gradient, with the same random tensor and stream.
import source from '../../../shaders/dropout.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { sameShape } from './shapes.ts';

const dropoutKernel = kernel('dropout', source);

export interface DropoutOptions {
  /** Share that is dropped, below 1. */
  rate: number;
  /** u32 [2]: seed, and a number that no other microbatch of the run has. */
  random: Tensor;
  /** Tells the dropouts of one microbatch apart. */
  stream: number;
  residual?: Tensor; // of x's shape
}

/** x → y, both of one shape. */
export function dropout(rec: Recorder, x: Tensor, { rate, random, stream, residual }: DropoutOptions): Tensor {
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`dropout: the rate must be at least 0 and below 1, got ${rate}. Correct the settings.`);
  if (residual) sameShape('dropout', x, residual);
  const n = size(x.shape);
  const y = rec.temp('dropout', x.shape);
  rec.dispatch(
    dropoutKernel,
    { x, residual: residual ?? x, random, y },
    {
      groups: grid(Math.ceil(n / 4)),
      params: { size: n, stream, rate },
      constants: { RESIDUAL: Number(residual !== undefined) },
      flops: 64 * n, // Philox weighs as much as this
    },
  );
  return y;
}
