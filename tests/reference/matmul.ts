// Oracles of matmul and of a linear layer with LoRA: plain loops in f64.

type Numbers = ArrayLike<number>;

export interface MatmulCase {
  rows: number; // M
  columns: number; // N
  depth: number; // K
  transposeA?: boolean; // a is stored [K, M]
  transposeB?: boolean; // b is stored [N, K]
  scale?: number; // of the products alone
}

/** scale · a · b (+ bias [N]) (+ residual [M, N]) → [M, N]. */
export function matmulReference(
  { rows, columns, depth, transposeA = false, transposeB = false, scale = 1 }: MatmulCase,
  a: Numbers,
  b: Numbers,
  bias?: Numbers,
  residual?: Numbers,
): Float64Array {
  const y = new Float64Array(rows * columns);
  for (let m = 0; m < rows; m++)
    for (let n = 0; n < columns; n++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) {
        const left = a[transposeA ? k * rows + m : m * depth + k] ?? Number.NaN;
        const right = b[transposeB ? n * depth + k : k * columns + n] ?? Number.NaN;
        sum += left * right;
      }
      y[m * columns + n] = scale * sum + (bias?.[n] ?? 0) + (residual?.[m * columns + n] ?? 0);
    }
  return y;
}

export interface LinearCase {
  rows: number;
  inner: number;
  out: number;
  rank: number;
  scale: number;
}

export interface LinearInputs {
  x: Numbers; // [rows, inner]
  weight: Numbers; // [out, inner]
  bias: Numbers; // [out]
  residual: Numbers; // [rows, out]
  a: Numbers; // [rank, inner]
  b: Numbers; // [out, rank]
}

/** x · weightᵀ + scale · (drop(x) · aᵀ) · bᵀ + bias + residual; `drop` multiplies each element of x, 1 unless given. */
export function linearReference(
  { rows, inner, out, rank, scale }: LinearCase,
  { x, weight, bias, residual, a, b }: LinearInputs,
  drop?: Numbers,
): Float64Array {
  const dropped = Float64Array.from(x, (value, i) => value * (drop?.[i] ?? 1));
  const z = matmulReference({ rows, columns: rank, depth: inner, transposeB: true, scale }, dropped, a);
  const delta = matmulReference({ rows, columns: out, depth: rank, transposeB: true }, z, b, bias, residual);
  return matmulReference({ rows, columns: out, depth: inner, transposeB: true }, x, weight, undefined, delta);
}
