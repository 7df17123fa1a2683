// RMSNorm (Zhang & Sennrich 2019) over the last axis.   rstd = 1 / sqrt(mean(x²) + eps)    y = x · rstd · weight
import backwardSource from '../../../shaders/rmsnormBackward.wgsl?raw';
import source from '../../../shaders/rmsnorm.wgsl?raw';
import weightSource from '../../../shaders/rmsnormWeight.wgsl?raw';
import type { Gpu } from '../gpu/device.ts';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { tileTable } from '../gpu/tune.ts';
import { grid } from './grid.ts';
import { holds, quads } from './shapes.ts';
import { sumRows } from './sumRows.ts';

const rmsnormKernel = kernel('rmsnorm', source);
const backwardKernel = kernel('rmsnormBackward', backwardSource);
const weightKernel = kernel('rmsnormWeight', weightSource);

interface Split {
  rows: number;
  dim: number;
}

/** Invocations that share a row, each reading all of it: few wide rows would leave a GPU idle, a few cores are busy with
 *  one each. The sums stay the same bits. */
function lanes(gpu: Gpu, { rows, dim }: Split): number {
  if (rows < 64 && dim >= 512) return 64;
  return tileTable(gpu).units < 8 ? 1 : 4;
}

/** x [rows, D], weight [D] → y in the shape of x, rstd [rows]. Another split of x, as QK-norm's, through `as`. */
export function rmsnorm(
  rec: Recorder,
  x: Tensor,
  weight: Tensor,
  eps: number,
  as: Split = { rows: size(x.shape.slice(0, -1)), dim: x.shape.at(-1) ?? 1 },
): { y: Tensor; rstd: Tensor } {
  const { rows, dim } = as;
  holds('rmsnorm', x, [rows, dim]);
  holds('rmsnorm', weight, [dim]);
  const y = rec.temp('rmsnorm', x.shape);
  const rstd = rec.temp('rstd', [rows]);
  const LANES = lanes(rec.gpu, as);
  rec.dispatch(
    rmsnormKernel,
    { x, weight, y, rstd },
    {
      groups: grid(rows * LANES),
      params: { rows, quads: quads('rmsnorm', dim), eps },
      constants: { LANES },
      flops: 4 * rows * dim,
    },
  );
  const { tape } = rec;
  tape?.note([y], [x, weight], () => {
    const dy = tape.gradient(y);
    if (!dy) return;
    const inputs = { x, weight, rstd, dy };
    tape.add(x, (before) => inputGradient(rec, inputs, as, before));
    const sink = tape.sink(weight);
    if (sink) addWeightGradient(rec, inputs, as, sink);
  });
  return { y, rstd };
}

type Inputs = Record<'x' | 'weight' | 'rstd' | 'dy', Tensor>;

/** dx = rstd · (dy · weight − x · rstd² · mean(dy · weight · x)) + before */
function inputGradient(rec: Recorder, inputs: Inputs, as: Split, before: Tensor | undefined): Tensor {
  const { rows, dim } = as;
  const dx = rec.temp('rmsnorm dx', inputs.x.shape);
  const LANES = lanes(rec.gpu, as);
  rec.dispatch(
    backwardKernel,
    { ...inputs, before: before ?? inputs.dy, dx },
    {
      groups: grid(rows * LANES),
      params: { rows, quads: dim / 4 },
      constants: { LANES, BEFORE: Number(before !== undefined) },
      flops: 8 * rows * dim,
    },
  );
  return dx;
}

/** dweight += Σ dy · x · rstd over the rows: about √rows blocks of rows first, then the blocks. */
function addWeightGradient(rec: Recorder, { x, rstd, dy }: Inputs, { rows, dim }: Split, sink: Tensor): void {
  const block = Math.ceil(Math.sqrt(rows));
  const blocks = Math.ceil(rows / block);
  const partial = rec.temp('rmsnorm dweight', [blocks, dim]);
  rec.dispatch(
    weightKernel,
    { x, rstd, dy, partial },
    { groups: grid(blocks * (dim / 4)), params: { rows, quads: dim / 4, block }, flops: 3 * rows * dim },
  );
  sumRows(rec, partial, sink);
}
