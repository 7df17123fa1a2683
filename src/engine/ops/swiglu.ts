// The gated activation of a Llama feed-forward block.   y = silu(gate) · up    silu(g) = g · sigmoid(g)
import backwardSource from '../../../shaders/swigluBackward.wgsl?raw';
import source from '../../../shaders/swiglu.wgsl?raw';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { elementwise, over } from './elementwise.ts';
import { sameShape } from './shapes.ts';

const swigluKernels = elementwise('swiglu', source);
const backwardKernels = elementwise('swigluBackward', backwardSource);

/** gate, up → y, all of one shape, usually [rows, ffn]. */
export function swiglu(rec: Recorder, gate: Tensor, up: Tensor): Tensor {
  sameShape('swiglu', gate, up);
  const n = size(gate.shape);
  const y = rec.temp('swiglu', gate.shape);
  const { kernel, groups, size: items } = over(swigluKernels, n);
  rec.dispatch(kernel, { gate, up, y }, { groups, params: { size: items }, flops: 6 * n });
  const { tape } = rec;
  tape?.note([y], [gate, up], () => {
    const dy = tape.gradient(y);
    if (!dy) return;
    const { dgate, dup } = swigluBackward(rec, gate, up, dy);
    tape.give(gate, dgate);
    tape.give(up, dup);
  });
  return y;
}

/** With s = sigmoid(gate):   dgate = dy · up · s · (1 + gate · (1 − s))    dup = dy · gate · s */
function swigluBackward(rec: Recorder, gate: Tensor, up: Tensor, dy: Tensor): { dgate: Tensor; dup: Tensor } {
  const n = size(gate.shape);
  const dgate = rec.temp('swiglu dgate', gate.shape);
  const dup = rec.temp('swiglu dup', up.shape);
  const { kernel, groups, size: items } = over(backwardKernels, n);
  rec.dispatch(kernel, { gate, up, dy, dgate, dup }, { groups, params: { size: items }, flops: 12 * n });
  return { dgate, dup };
}
