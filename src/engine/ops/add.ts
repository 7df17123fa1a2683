// The residual connection.   y = a + b    da = db = dy
import source from '../../../shaders/add.wgsl?raw';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { elementwise, over } from './elementwise.ts';
import { sameShape } from './shapes.ts';

const addKernels = elementwise('add', source);

/** a, b → y, all of one shape. */
export function add(rec: Recorder, a: Tensor, b: Tensor): Tensor {
  sameShape('add', a, b);
  const n = size(a.shape);
  const y = rec.temp('add', a.shape);
  const { kernel, groups, size: items } = over(addKernels, n);
  rec.dispatch(kernel, { a, b, y }, { groups, params: { size: items }, flops: n });
  const { tape } = rec;
  tape?.note([y], [a, b], () => {
    const dy = tape.gradient(y);
    if (!dy) return;
    tape.give(a, dy);
    tape.give(b, dy);
  });
  return y;
}
