// Sums over rows that are added to a gradient, in one order.   into[c] += Σ x[r, c]
import source from '../../../shaders/sumRows.wgsl?raw';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { elementwise, over } from './elementwise.ts';
import { holds } from './shapes.ts';

const sumRowsKernels = elementwise('sumRows', source);

/** x [rows, …shape of `into`] is added to `into`. One invocation takes a whole column: for few rows. */
export function sumRows(rec: Recorder, x: Tensor, into: Tensor): void {
  const [rows = 0] = x.shape;
  const n = size(into.shape);
  holds('sumRows', x, [rows, n]);
  const { kernel, groups, size: items } = over(sumRowsKernels, n);
  rec.dispatch(kernel, { x, into }, { groups, params: { rows, size: items }, flops: rows * n });
}
