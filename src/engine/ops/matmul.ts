// Matrix products:   y = op(a) · op(b) (+ bias) (+ residual)   with op(a) [M, K], op(b) [K, N], y [M, N].
//
// a is stored [M, K], or [K, M] with transposeA; b is stored [K, N], or [N, K] with transposeB (a linear's weight [out, in]).
import source from '../../../shaders/matmul.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, size, type Tensor } from '../gpu/tensor.ts';
import { tileOf } from '../gpu/tune.ts';

const matmulKernel = kernel('matmul', source);

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  bias?: Tensor; // [N]
  residual?: Tensor; // [M, N]
  label?: string;
}

/** y = op(a) · op(b) (+ bias) (+ residual) → [M, N]. */
export function matmul(rec: Recorder, a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, bias, residual, label = 'matmul' } = options;
  const [rows, depth] = sides(a, transposeA);
  const [columns, depthB] = sides(b, !transposeB);
  if (depth !== depthB)
    throw new Error(`${label}: the inner sizes must agree, got ${describe(a)} and ${describe(b)}. Check transposeA and transposeB.`);
  if (bias && size(bias.shape) !== columns)
    throw new Error(`${label}: bias must have ${columns} elements, got ${describe(bias)}. Pass the bias of this weight.`);
  if (residual && size(residual.shape) !== rows * columns)
    throw new Error(`${label}: residual must be [${rows}, ${columns}], got ${describe(residual)}. Pass the layer's input.`);
  const y = rec.temp(label, [rows, columns]);
  const tile = tileOf(rec.gpu);
  rec.dispatch(
    matmulKernel,
    { a, b, bias: bias ?? b, residual: residual ?? b, y }, // a binding that is not read takes any buffer
    {
      groups: [Math.ceil(columns / (tile.width * tile.columns)), Math.ceil(rows / (tile.height * tile.rows))],
      params: { rows, columns, depth },
      constants: {
        WIDTH: tile.width,
        HEIGHT: tile.height,
        ROWS: tile.rows,
        COLUMNS: tile.columns,
        DEPTH: tile.depth,
        TRANSPOSE_A: Number(transposeA),
        TRANSPOSE_B: Number(transposeB),
        BIAS: Number(bias !== undefined),
        RESIDUAL: Number(residual !== undefined),
      },
      flops: 2 * rows * columns * depth,
    },
  );
  return y;
}

/** A linear layer as its safetensors hold it. */
export interface Linear {
  weight: Tensor; // [out, in]
  bias?: Tensor; // [out]
}

/** x [rows, in] · weightᵀ (+ bias) (+ residual [rows, out]) → [rows, out]. */
export function linear(rec: Recorder, x: Tensor, { weight, bias }: Linear, residual?: Tensor): Tensor {
  return matmul(rec, x, weight, { transposeB: true, bias, residual, label: weight.label });
}

/** [outer, inner] of a matrix; a stored transpose swaps them. */
function sides(matrix: Tensor, transposed: boolean): [number, number] {
  const [first, second] = matrix.shape;
  if (first === undefined || second === undefined || matrix.shape.length !== 2)
    throw new Error(`matmul: operands must be matrices, got ${describe(matrix)}. Reshape it.`);
  return transposed ? [second, first] : [first, second];
}
