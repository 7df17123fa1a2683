// Figures of rows, added to what other microbatches left, in one order.   totals[c] += Σ figures[r, c]
import source from '../../../shaders/sumFigures.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { holds, quads } from './shapes.ts';

const sumKernel = kernel('sumFigures', source);

/** figures [rows, C] are added to totals [C]; C is a multiple of 4. */
export function sumFigures(rec: Recorder, figures: Tensor, totals: Tensor): void {
  const [rows = 0, columns = 0] = figures.shape;
  holds('sumFigures totals', totals, [columns]);
  const width = quads('sumFigures', columns);
  rec.dispatch(
    sumKernel,
    { figures, totals },
    { groups: [width], params: { rows, width }, flops: size(figures.shape) },
  );
}
