// Seeded vectors for tests, and their neighbours by plain sums in double precision.

/** Numbers in [0, 1), the same for the same seed (Numerical Recipes' congruential generator). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** `count` directions of unit length, [count, dim]. */
export function unitRows(count: number, dim: number, seed: number): Float32Array<ArrayBuffer> {
  const next = uniform(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const rows = new Float32Array(count * dim);
  for (let row = 0; row < count; row++) rows.set(unit(Float64Array.from({ length: dim }, normal)), row * dim);
  return rows;
}

export function unit(vector: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const values = Array.from(vector);
  const length = Math.hypot(...values);
  return Float32Array.from(values, (x) => x / length);
}

/** One array of all. */
export function stack(vectors: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const vector of vectors) {
    rows.set(vector, at);
    at += vector.length;
  }
  return rows;
}

/** The inner product of each row with the query. */
export function products(rows: Float32Array, dim: number, query: Float32Array): number[] {
  return Array.from({ length: rows.length / dim }, (_, row) =>
    query.reduce((sum, x, i) => sum + x * (rows[row * dim + i] ?? NaN), 0),
  );
}

/** Rows, best first; equal scores in order of rows. */
export function nearest(rows: Float32Array, dim: number, query: Float32Array, k: number): number[] {
  return products(rows, dim, query)
    .map((score, row) => ({ score, row }))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .slice(0, k)
    .map(({ row }) => row);
}
