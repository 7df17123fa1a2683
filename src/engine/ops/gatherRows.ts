// Picks rows of a matrix by number, and puts rows back.   y[r] = x[index[r]]    dx[index[r]] += dy[r]
//
// Backward: zeros, then the rows are added in place. That needs neither atomics nor an inverse index, because a row is
// picked at most once; ids, which may come more often, go through ops/embedding.ts.
import gatherSource from '../../../shaders/gatherRows.wgsl?raw';
import scatterSource from '../../../shaders/scatterRows.wgsl?raw';
import zerosSource from '../../../shaders/zeros.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, size, type Tensor } from '../gpu/tensor.ts';
import { across, elementwise, over, type Elementwise } from './elementwise.ts';
import { grid } from './grid.ts';
import { overHalves } from './halves.ts';

const narrowSource = gatherSource.replaceAll('vec4f', 'f32'); // for rows that 4 does not divide
const pick = (of: (stem: string, source: string) => string): Elementwise => ({
  wide: kernel('gatherRows', of('gatherRows', gatherSource)),
  narrow: kernel('gatherRows', of('gatherRows', narrowSource)),
});
const gatherKernels = { f32: pick((_, source) => source), f16: pick(overHalves) };
const scatterKernels = elementwise('scatterRows', scatterSource);
const zerosKernels = elementwise('zeros', zerosSource);

export interface RowsOptions {
  /** Where in `index` to start, and how many to take: a chunk of them. */
  first?: number;
  rows?: number;
  label?: string;
}

/** x [N, D], index u32 [n] → y [n, D]; each row is picked at most once when it is differentiated. */
export function gatherRows(rec: Recorder, x: Tensor, index: Tensor, options: RowsOptions = {}): Tensor {
  const y = pickRows(rec, x, index, options);
  const { tape } = rec;
  tape?.note([y], [x], () => {
    const dy = tape.gradient(y);
    if (!dy) return;
    const sink = tape.sink(x);
    if (sink) scatterRows(rec, dy, index, sink, options.first);
    if (!tape.wants(x) || sink) return;
    const dx = zeros(rec, 'gatherRows dx', x.shape);
    scatterRows(rec, dy, index, dx, options.first);
    tape.give(x, dx);
  });
  return y;
}

/** The forward pass alone: rows may come more than once. x may be f16. */
export function pickRows(rec: Recorder, x: Tensor, index: Tensor, options: RowsOptions = {}): Tensor {
  const [tableRows, dim] = x.shape;
  if (x.shape.length !== 2 || !tableRows || !dim || index.dtype !== 'u32')
    throw new Error(
      `gatherRows: needs a matrix and u32 row numbers, got ${describe(x)} and ${index.dtype} ${describe(index)}. ` +
        'Check the order of the arguments.',
    );
  const { first = 0, rows = size(index.shape) - first, label = 'gatherRows' } = options;
  const y = rec.temp(label, [rows, dim]);
  const { kernel, width } = across(gatherKernels[x.dtype === 'f16' ? 'f16' : 'f32'], dim);
  rec.dispatch(
    kernel,
    { table: x, index, y },
    { groups: grid(rows * width), params: { rows, width, tableRows, first } },
  );
  return y;
}

/** into[index[first + r]] += x[r], in place; into [N, D], x [n, D]. */
export function scatterRows(rec: Recorder, x: Tensor, index: Tensor, into: Tensor, first = 0): void {
  const [rows = 0, dim = 0] = x.shape;
  const tableRows = size(into.shape) / dim;
  const { kernel, width } = across(scatterKernels, dim);
  rec.dispatch(
    kernel,
    { x, index, into },
    { groups: grid(rows * width), params: { rows, width, tableRows, first }, flops: rows * dim },
  );
}

/** A tensor to add rows into. */
export function zeros(rec: Recorder, label: string, shape: readonly number[]): Tensor {
  const y = rec.temp(label, shape);
  const { kernel, groups, size: items } = over(zerosKernels, size(shape));
  rec.dispatch(kernel, { y }, { groups, params: { size: items } });
  return y;
}
