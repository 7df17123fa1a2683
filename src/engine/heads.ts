// Scalar heads: one number for each token's hidden state, as values and rewards need it.   y = hidden · weightᵀ (+ bias)
import type { Recorder } from './gpu/program.ts';
import { describe, type Tensor } from './gpu/tensor.ts';
import { linear, type Linear } from './ops/matmul.ts';

/** hidden [rows, D], weight [1, D], bias [1] → [rows, 1]; weight and bias may be trainable. */
export function scalarHead(rec: Recorder, hidden: Tensor, head: Linear): Tensor {
  if (head.weight.shape[0] !== 1)
    throw new Error(`scalarHead: the weight must be one row, got ${describe(head.weight)}. Use linear for more.`);
  return linear(rec, hidden, head);
}
