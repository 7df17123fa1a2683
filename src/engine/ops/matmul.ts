// Matrix products:   y = scale · op(a) · op(b) (+ left · op(right)) (+ bias) (+ residual)   with op(a) [M, K], op(b) [K, N].
//
// a is stored [M, K], or [K, M] with transposeA; b is stored [K, N], or [N, K] with transposeB (a linear's weight [out, in]),
// in f32 or f16. Three kernels: `tiled` (workgroup memory, any size), `direct` (registers, sizes in fours), `skinny` (few
// rows). The first two add every sum in the order k = 0, 1, 2 …, then those of left · op(right); `skinny` too where no
// lanes share a sum, else its order is in its file.
import directSource from '../../../shaders/matmulDirect.wgsl?raw';
import skinnySource from '../../../shaders/matmulSkinny.wgsl?raw';
import tiledSource from '../../../shaders/matmul.wgsl?raw';
import type { Gpu } from '../gpu/device.ts';
import { kernel, type Kernel } from '../gpu/kernel.ts';
import type { Lora } from '../lora.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, size, type Tensor } from '../gpu/tensor.ts';
import {
  candidates,
  chooseTile,
  race,
  shapeKey,
  tileSize,
  type MatmulShape,
  type Skinny,
  type Tile,
} from '../gpu/tune.ts';
import { dropout } from './dropout.ts';
import { overHalves } from './halves.ts';
import { sumRows } from './sumRows.ts';

type Kernels = Record<'tiled' | 'direct' | 'skinny', Kernel>;
const sources = { tiled: tiledSource, direct: directSource, skinny: skinnySource };
const stems = { tiled: 'matmul', direct: 'matmulDirect', skinny: 'matmulSkinny' };
const made = (of: (stem: string, source: string) => string): Kernels => {
  const one = (name: keyof Kernels): Kernel => kernel(stems[name], of(stems[name], sources[name]));
  return { tiled: one('tiled'), direct: one('direct'), skinny: one('skinny') };
};
const kernels = { f32: made((_, source) => source), f16: made(overHalves) };

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  /** Multiplies the products alone. */
  scale?: number;
  /** Further steps of the sum: left [M, R], never transposed, and right stored as b is: [R, N], or [N, R]. */
  extra?: { left: Tensor; right: Tensor };
  bias?: Tensor; // [N]
  residual?: Tensor; // [M, N]
  label?: string;
}

/** y = scale · op(a) · op(b) (+ left · op(right)) (+ bias) (+ residual) → [M, N]. */
export function matmul(rec: Recorder, a: Tensor, b: Tensor, options: MatmulOptions = {}, forced?: Tile): Tensor {
  const { transposeA = false, transposeB = false, extra, label = 'matmul' } = options;
  const shape = { ...shapeOf(label, a, b, transposeA, transposeB), extra: extra?.left.shape[1] ?? 0 };
  const { rows, columns } = shape;
  checkShapes(label, shape, options);
  const tile = forced ?? chooseTile(rec.gpu, shape);
  if (extra && tile.kernel !== 'tiled' && shape.extra % 4 !== 0) {
    // These kernels read in fours; a rank like 2 gets a small product of its own.
    const main = matmul(rec, a, b, { ...options, extra: undefined }, forced);
    return matmul(rec, extra.left, extra.right, { transposeB, residual: main, label });
  }
  const y = rec.temp(label, [rows, columns]);
  product(rec, a, b, y, shape, tile, options);
  return y;
}

export interface MatmulIntoOptions {
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * sink [M, N] += op(a) · op(b): the gradient of a parameter, a sum over all tokens. The long sum over k is cut into parts
 * that run side by side and are then added in order; how many depends on the shape alone.
 */
export function matmulInto(rec: Recorder, a: Tensor, b: Tensor, sink: Tensor, options: MatmulIntoOptions = {}): void {
  const { transposeA = false, transposeB = false } = options;
  const label = `d ${sink.label}`;
  const { rows, columns, depth } = shapeOf(label, a, b, transposeA, transposeB);
  if (size(sink.shape) !== rows * columns)
    throw new Error(`${label}: the sink must be [${rows}, ${columns}], got ${describe(sink)}. Check the op.`);
  const most = Math.max(1, Math.floor(2 ** 18 / (rows * columns))); // parts take at most 1 MiB
  const split = Math.max(128, 16 * Math.ceil(depth / (16 * most)));
  const splits = Math.ceil(depth / split);
  const shape = { rows, columns, depth, transposeA, transposeB, splits };
  const parts = rec.temp(label, [splits, rows, columns]);
  product(rec, a, b, parts, shape, chooseTile(rec.gpu, shape), {}, split);
  sumRows(rec, parts, sink);
}

/** Appends the dispatch; `y` is [splits, M, N], each part the sum over `split` steps of k. */
function product(
  rec: Recorder,
  a: Tensor,
  b: Tensor,
  y: Tensor,
  shape: MatmulShape,
  tile: Tile | Skinny,
  { extra, bias, residual, scale = 1 }: MatmulOptions,
  split = shape.depth,
): void {
  const { rows, columns, depth, transposeA, transposeB, splits = 1 } = shape;
  const kernel = kernels[b.dtype === 'f16' ? 'f16' : 'f32'][tile.kernel];
  // A binding that is not read takes any buffer.
  const buffers = {
    a,
    b,
    moreA: extra?.left ?? a,
    moreB: extra?.right ?? a,
    bias: bias ?? a,
    residual: residual ?? a,
    y,
  };
  const present = { EXTRA: Number(!!extra), BIAS: Number(!!bias), RESIDUAL: Number(!!residual) };
  const more = shape.extra ?? 0;
  const flops = 2 * rows * columns * (depth + more);
  if (tile.kernel === 'skinny') {
    const { threads, lanes } = tile;
    const teams = threads / lanes;
    const own = Math.min(tile.columns, Math.ceil(columns / teams));
    rec.dispatch(kernel, buffers, {
      groups: [Math.ceil(columns / (teams * own))],
      params: { columns, depth, extra: more, scale },
      constants: { THREADS: threads, ROWS: rows, COLUMNS: own, LANES: lanes, ...present },
      flops,
    });
    return;
  }
  const [tileRows, tileColumns] = tileSize(tile);
  rec.dispatch(kernel, buffers, {
    groups: [Math.ceil(columns / tileColumns), Math.ceil(rows / tileRows), splits],
    params: { rows, columns, depth, split, extra: more, scale },
    constants: {
      WIDTH: tile.width,
      HEIGHT: tile.height,
      ROWS: tile.rows,
      COLUMNS: tile.columns,
      ...(tile.kernel === 'tiled' && { DEPTH: tile.depth }),
      TRANSPOSE_A: Number(transposeA),
      TRANSPOSE_B: Number(transposeB),
      ...present,
    },
    flops,
  });
}

/** A linear layer as its safetensors hold it. */
export interface Linear {
  weight: Tensor; // [out, in], f32 or f16
  bias?: Tensor; // [out]
}

export interface LinearOptions {
  residual?: Tensor; // [rows, out]
  lora?: Lora;
  /** u32 [2]: seed and number of the microbatch; without it nothing is dropped. */
  dropout?: Tensor;
  /** Tells the dropouts of one microbatch apart. */
  stream?: number;
}

/**
 * X [rows, in] → Y = X·Wᵀ (+ bias) (+ residual) [rows, out]. With LoRA, D = dropout(X), Z = scale · D·Aᵀ [rows, rank]:
 *
 *   Y = X·Wᵀ + Z·Bᵀ + …        dZ = scale · dY·B
 *   dX = dY·W + mask · (dZ·A) / (1 − rate)        dW = dYᵀ·X      dbias = Σ rows dY     dresidual = dY
 *   dA = dZᵀ·D                                    dB = dYᵀ·Z
 */
export function linear(rec: Recorder, x: Tensor, { weight, bias }: Linear, options: LinearOptions = {}): Tensor {
  const { residual, lora, dropout: random, stream = 0 } = options;
  const { label } = weight;
  const dropped = lora && random && lora.dropout > 0 ? { rate: lora.dropout, random, stream } : null;
  const drop = (t: Tensor, before?: Tensor): Tensor =>
    dropped ? dropout(rec, t, { ...dropped, residual: before }) : t;
  const z = lora && matmul(rec, drop(x), lora.a, { transposeB: true, scale: lora.scale, label: `${label} z` });
  const extra = z && lora && { left: z, right: lora.b };
  const y = matmul(rec, x, weight, { transposeB: true, extra, bias, residual, label });

  const { tape } = rec;
  tape?.note([y], [x, weight, bias, residual, lora?.a, lora?.b], () => {
    const dy = tape.gradient(y);
    if (!dy) return;
    const [dW, dBias, dA, dB] = [weight, bias, lora?.a, lora?.b].map((t) => tape.sink(t));
    if (residual) tape.give(residual, dy);
    if (dW) matmulInto(rec, dy, x, dW, { transposeA: true });
    if (dBias) sumRows(rec, dy, dBias);
    if (z && dB) matmulInto(rec, dy, z, dB, { transposeA: true });
    const dz =
      lora && (dA || tape.wants(x)) ? matmul(rec, dy, lora.b, { scale: lora.scale, label: `d ${label} z` }) : undefined;
    if (dz && dA) matmulInto(rec, dz, drop(x), dA, { transposeA: true });
    tape.add(x, (before) => {
      const options = { label: `d ${label}` };
      if (!lora || !dz) return matmul(rec, dy, weight, { residual: before, ...options });
      if (!dropped)
        return matmul(rec, dy, weight, { extra: { left: dz, right: lora.a }, residual: before, ...options });
      return matmul(rec, dy, weight, { residual: drop(matmul(rec, dz, lora.a, options), before), ...options });
    });
  });
  return y;
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

/** The sizes of op(a) · op(b); refused where they do not agree. */
function shapeOf(label: string, a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): MatmulShape {
  const [rows, depth] = sides(a, transposeA);
  const [columns, depthB] = sides(b, !transposeB);
  if (depth !== depthB)
    throw new Error(
      `${label}: the inner sizes must agree, got ${describe(a)} and ${describe(b)}. Check the transposes.`,
    );
  return { rows, columns, depth, transposeA, transposeB };
}

function checkShapes(label: string, { rows, columns, transposeB }: MatmulShape, options: MatmulOptions): void {
  const { extra, bias, residual } = options;
  if (bias && size(bias.shape) !== columns)
    throw new Error(
      `${label}: bias must have ${columns} elements, got ${describe(bias)}. Pass the bias of this weight.`,
    );
  if (residual && size(residual.shape) !== rows * columns)
    throw new Error(
      `${label}: residual must be [${rows}, ${columns}], got ${describe(residual)}. Pass the layer's input.`,
    );
  if (!extra) return;
  const inner = shapeOf(`${label}, extra`, extra.left, extra.right, false, transposeB);
  if (inner.rows !== rows || inner.columns !== columns)
    throw new Error(
      `${label}: extra must make [${rows}, ${columns}], got ${describe(extra.left)} and ${describe(extra.right)}. ` +
        'Check the adapter.',
    );
}

/** [outer, inner] of a matrix; a stored transpose swaps them. */
function sides(matrix: Tensor, transposed: boolean): [number, number] {
  const [first, second] = matrix.shape;
  if (first === undefined || second === undefined || matrix.shape.length !== 2)
    throw new Error(`matmul: operands must be matrices, got ${describe(matrix)}. Reshape it.`);
  return transposed ? [second, first] : [first, second];
}
