// Oracle of matmul: plain loops in f64.

export interface MatmulCase {
  rows: number; // M
  columns: number; // N
  depth: number; // K
  transposeA?: boolean; // a is stored [K, M]
  transposeB?: boolean; // b is stored [N, K]
}

/** a · b (+ bias [N]) (+ residual [M, N]) → [M, N]. */
export function matmulReference(
  { rows, columns, depth, transposeA = false, transposeB = false }: MatmulCase,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  bias?: ArrayLike<number>,
  residual?: ArrayLike<number>,
): Float64Array {
  const y = new Float64Array(rows * columns);
  for (let m = 0; m < rows; m++)
    for (let n = 0; n < columns; n++) {
      let sum = (bias?.[n] ?? 0) + (residual?.[m * columns + n] ?? 0);
      for (let k = 0; k < depth; k++) {
        const left = a[transposeA ? k * rows + m : m * depth + k] ?? Number.NaN;
        const right = b[transposeB ? n * depth + k : k * columns + n] ?? Number.NaN;
        sum += left * right;
      }
      y[m * columns + n] = sum;
    }
  return y;
}
