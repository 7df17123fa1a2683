// Picks rows of a matrix by number.   y[r] = x[index[r]]
import source from '../../../shaders/gatherRows.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';

const gatherRowsKernel = kernel('gatherRows', source);

/** x [N, D], index u32 [n] → y [n, D]; only the rows that the head needs reach it. */
export function gatherRows(rec: Recorder, x: Tensor, index: Tensor, label = 'gatherRows'): Tensor {
  const [tableRows, dim] = x.shape;
  if (x.shape.length !== 2 || !tableRows || !dim || index.dtype !== 'u32')
    throw new Error(
      `gatherRows: needs a matrix and u32 row numbers, got ${describe(x)} and ${index.dtype} ${describe(index)}. ` +
        'Check the order of the arguments.',
    );
  const rows = index.bytes / 4;
  const y = rec.temp(label, [rows, dim]);
  rec.dispatch(
    gatherRowsKernel,
    { table: x, index, y },
    { groups: grid(rows * dim), params: { rows, dim, tableRows } },
  );
  return y;
}
