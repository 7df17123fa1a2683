// RMSNorm (Zhang & Sennrich 2019) over the last axis.   rstd = 1 / sqrt(mean(x²) + eps)    y = x · rstd · weight
import source from '../../../shaders/rmsnorm.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { size, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { holds, quads } from './shapes.ts';

const rmsnormKernel = kernel('rmsnorm', source);

/** x [rows, D], weight [D] → y in the shape of x, rstd [rows]. Another split of x, as QK-norm's, through `as`. */
export function rmsnorm(
  rec: Recorder,
  x: Tensor,
  weight: Tensor,
  eps: number,
  as: { rows: number; dim: number } = { rows: size(x.shape.slice(0, -1)), dim: x.shape.at(-1) ?? 1 },
): { y: Tensor; rstd: Tensor } {
  const { rows, dim } = as;
  holds('rmsnorm', x, [rows, dim]);
  holds('rmsnorm', weight, [dim]);
  const y = rec.temp('rmsnorm', x.shape);
  const rstd = rec.temp('rstd', [rows]);
  const LANES = rows < 64 && dim >= 512 ? 64 : 4; // few wide rows would leave a GPU idle; the sums stay the same bits
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
  return { y, rstd };
}
