// The residual connection.   y = a + b
import source from '../../../shaders/add.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { sameShape } from './shapes.ts';

const addKernel = kernel('add', source);

/** a, b → y, all of one shape. */
export function add(rec: Recorder, a: Tensor, b: Tensor): Tensor {
  sameShape('add', a, b);
  const n = size(a.shape);
  const y = rec.temp('add', a.shape);
  rec.dispatch(addKernel, { a, b, y }, { groups: grid(n), params: { size: n }, flops: n });
  return y;
}
