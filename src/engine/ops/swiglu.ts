// The gated activation of a Llama feed-forward block.   y = silu(gate) · up    silu(g) = g · sigmoid(g)
import source from '../../../shaders/swiglu.wgsl?raw';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { elementwise, over } from './elementwise.ts';
import { sameShape } from './shapes.ts';

const swigluKernels = elementwise('swiglu', source);

/** gate, up → y, all of one shape, usually [rows, ffn]. */
export function swiglu(rec: Recorder, gate: Tensor, up: Tensor): Tensor {
  sameShape('swiglu', gate, up);
  const n = size(gate.shape);
  const y = rec.temp('swiglu', gate.shape);
  const { kernel, groups, size: items } = over(swigluKernels, n);
  rec.dispatch(kernel, { gate, up, y }, { groups, params: { size: items }, flops: 6 * n });
  return y;
}
