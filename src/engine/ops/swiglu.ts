// The gated activation of a Llama feed-forward block.   y = silu(gate) · up    silu(g) = g · sigmoid(g)
import source from '../../../shaders/swiglu.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { sameShape } from './shapes.ts';

const swigluKernel = kernel('swiglu', source);

/** gate, up → y, all of one shape, usually [rows, ffn]. */
export function swiglu(rec: Recorder, gate: Tensor, up: Tensor): Tensor {
  sameShape('swiglu', gate, up);
  const n = size(gate.shape);
  const y = rec.temp('swiglu', gate.shape);
  rec.dispatch(swigluKernel, { gate, up, y }, { groups: grid(n), params: { size: n }, flops: 6 * n });
  return y;
}
