// Matrix products:   y = op(a) · op(b) (+ bias) (+ residual)   with op(a) [M, K], op(b) [K, N], y [M, N].
//
// a is stored [M, K], or [K, M] with transposeA; b is stored [K, N], or [N, K] with transposeB (a linear's weight [out, in]).
// Three kernels: `tiled` (workgroup memory, any size), `direct` (registers, sizes in fours), `skinny` (few rows). The first
// two add every sum in the order k = 0, 1, 2 …; `skinny` too where no lanes share a sum, else its order is in its file.
import directSource from '../../../shaders/matmulDirect.wgsl?raw';
import skinnySource from '../../../shaders/matmulSkinny.wgsl?raw';
import tiledSource from '../../../shaders/matmul.wgsl?raw';
import type { Gpu } from '../gpu/device.ts';
import { kernel } from '../gpu/kernel.ts';
import type { Lora } from '../lora.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, size, type Tensor } from '../gpu/tensor.ts';
import { candidates, chooseTile, race, shapeKey, tileSize, type MatmulShape, type Tile } from '../gpu/tune.ts';

const kernels = { tiled: kernel('matmul', tiledSource), direct: kernel('matmulDirect', directSource) };
const skinnyKernel = kernel('matmulSkinny', skinnySource);

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  bias?: Tensor; // [N]
  residual?: Tensor; // [M, N]
  label?: string;
}

/** y = op(a) · op(b) (+ bias) (+ residual) → [M, N]. */
export function matmul(rec: Recorder, a: Tensor, b: Tensor, options: MatmulOptions = {}, forced?: Tile): Tensor {
  const { transposeA = false, transposeB = false, bias, residual, label = 'matmul' } = options;
  const [rows, depth] = sides(a, transposeA);
  const [columns, depthB] = sides(b, !transposeB);
  if (depth !== depthB)
    throw new Error(
      `${label}: the inner sizes must agree, got ${describe(a)} and ${describe(b)}. Check the transposes.`,
    );
  if (bias && size(bias.shape) !== columns)
    throw new Error(
      `${label}: bias must have ${columns} elements, got ${describe(bias)}. Pass the bias of this weight.`,
    );
  if (residual && size(residual.shape) !== rows * columns)
    throw new Error(
      `${label}: residual must be [${rows}, ${columns}], got ${describe(residual)}. Pass the layer's input.`,
    );

  const y = rec.temp(label, [rows, columns]);
  const buffers = { a, b, bias: bias ?? b, residual: residual ?? b, y }; // a binding that is not read takes any buffer
  const epilogue = { BIAS: Number(bias !== undefined), RESIDUAL: Number(residual !== undefined) };
  const flops = 2 * rows * columns * depth;
  const tile = forced ?? chooseTile(rec.gpu, { rows, columns, depth, transposeA, transposeB });
  if (tile.kernel === 'skinny') {
    const { threads, lanes } = tile;
    rec.dispatch(skinnyKernel, buffers, {
      groups: [Math.ceil(columns / ((threads / lanes) * tile.columns))],
      params: { columns, depth },
      constants: { THREADS: threads, ROWS: rows, COLUMNS: tile.columns, LANES: lanes, ...epilogue },
      flops,
    });
    return y;
  }
  const [tileRows, tileColumns] = tileSize(tile);
  rec.dispatch(kernels[tile.kernel], buffers, {
    groups: [Math.ceil(columns / tileColumns), Math.ceil(rows / tileRows)],
    params: { rows, columns, depth },
    constants: {
      WIDTH: tile.width,
      HEIGHT: tile.height,
      ROWS: tile.rows,
      COLUMNS: tile.columns,
      ...(tile.kernel === 'tiled' && { DEPTH: tile.depth }),
      TRANSPOSE_A: Number(transposeA),
      TRANSPOSE_B: Number(transposeB),
      ...epilogue,
    },
    flops,
  });
  return y;
}

/** A linear layer as its safetensors hold it. */
export interface Linear {
  weight: Tensor; // [out, in]
  bias?: Tensor; // [out]
}

export interface LinearOptions {
  residual?: Tensor; // [rows, out]
  lora?: Lora;
  /** u32 [2]: seed and step; without it nothing is dropped. */
  dropout?: Tensor;
  /** Tells the dropouts of one step apart. */
  stream?: number;
}

/** x [rows, in] · weightᵀ (+ bias) (+ residual [rows, out]) → [rows, out]. */
export function linear(rec: Recorder, x: Tensor, { weight, bias }: Linear, { residual }: LinearOptions = {}): Tensor {
  return matmul(rec, x, weight, { transposeB: true, bias, residual, label: weight.label });
}

/** Measures which tile is fastest for each shape on this adapter; hand the result to `useTiles` and keep it. */
export async function tuneMatmul(gpu: Gpu, shapes: readonly MatmulShape[]): Promise<Record<string, Tile>> {
  const best: Record<string, Tile> = {};
  for (const shape of shapes) {
    const { rows, columns, depth, transposeA, transposeB } = shape;
    const tiles = candidates(gpu, shape).slice(0, 4);
    const a = gpu.tensor('a', transposeA ? [depth, rows] : [rows, depth]);
    const b = gpu.tensor('b', transposeB ? [columns, depth] : [depth, columns]);
    const append = (tile: Tile) => (rec: Recorder) => void matmul(rec, a, b, { transposeA, transposeB }, tile);
    const winner = tiles[await race(gpu, tiles.map(append))];
    if (winner) best[shapeKey(shape)] = winner;
    for (const { slot } of [a, b]) slot?.buffer.destroy();
  }
  return best;
}

/** [outer, inner] of a matrix; a stored transpose swaps them. */
function sides(matrix: Tensor, transposed: boolean): [number, number] {
  const [first, second] = matrix.shape;
  if (first === undefined || second === undefined || matrix.shape.length !== 2)
    throw new Error(`matmul: operands must be matrices, got ${describe(matrix)}. Reshape it.`);
  return transposed ? [second, first] : [first, second];
}
