// The exact search: every row is scored by its inner product with the query, and the best are kept.
import { LANES, plainDots, simdDots, type Dots } from './dotKernel.ts';

export interface Neighbour {
  row: number;
  /** Inner product; of unit rows, the cosine. */
  score: number;
}

/** The `k` best of `scores`, best first; equal scores keep the order of rows; what is not a number is never found. */
export function best(scores: Float32Array, k: number, allowed?: (row: number) => boolean): Neighbour[] {
  if (k < 1) return [];
  // A heap of rows, the worst on top; of two equal scores the later row is worse.
  const heap: number[] = [];
  const score = (row: number): number => scores[row] ?? NaN;
  const worse = (a: number, b: number): boolean => score(a) < score(b) || (score(a) === score(b) && a > b);
  const at = (i: number): number => heap[i] ?? 0;
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [at(j), at(i)];
  };
  const rise = (): void => {
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!worse(at(i), at(parent))) return;
      swap(i, parent);
      i = parent;
    }
  };
  const sink = (): void => {
    for (let i = 0; ;) {
      let child = 2 * i + 1;
      if (child + 1 < heap.length && worse(at(child + 1), at(child))) child++;
      if (child >= heap.length || !worse(at(child), at(i))) return;
      swap(i, child);
      i = child;
    }
  };
  for (let row = 0; row < scores.length; row++) {
    const full = heap.length >= k;
    if (full ? !(score(row) > score(at(0))) : Number.isNaN(score(row))) continue;
    if (allowed && !allowed(row)) continue;
    if (full) {
      heap[0] = row;
      sink();
    } else {
      heap.push(row);
      rise();
    }
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1)).map((row) => ({ row, score: score(row) }));
}

export class ExactSearch {
  readonly size: number;
  readonly dim: number;
  /** rows [size, stride], then the query [stride], then the scores [size]. */
  #memory: Float32Array;
  readonly #dots: Dots;
  readonly #stride: number;

  private constructor(rows: Float32Array, dim: number, stride: number, home: { memory: Float32Array; dots: Dots }) {
    this.dim = dim;
    this.size = rows.length / dim;
    this.#stride = stride;
    this.#memory = home.memory;
    this.#dots = home.dots;
    if (stride === dim) home.memory.set(rows);
    else
      for (let row = 0; row < this.size; row++)
        home.memory.set(rows.subarray(row * dim, (row + 1) * dim), row * stride);
  }

  /** Copies the rows [n, dim]: the caller may let go of them. */
  static async open(rows: Float32Array, dim: number, kernel: 'simd' | 'loops' = 'simd'): Promise<ExactSearch> {
    const stride = Math.ceil(dim / LANES) * LANES;
    const size = rows.length / dim;
    const floats = size * stride + stride + Math.max(1, size);
    const home = (kernel === 'simd' ? await simdDots(floats) : null) ?? plainDots(floats);
    return new ExactSearch(rows, dim, stride, home);
  }

  search(query: Float32Array, k: number, allowed?: (row: number) => boolean): Neighbour[] {
    this.#take(query);
    if (this.size > 0) this.#dots(this.#queryAt, 0, this.#scoresAt, this.#stride, this.size);
    return best(this.#memory.subarray(this.#scoresAt, this.#scoresAt + this.size), k, allowed);
  }

  /** Some rows alone, best first. */
  rank(query: Float32Array, rows: readonly number[]): Neighbour[] {
    this.#take(query);
    return rows
      .map((row) => ({ row, score: this.#one(this.#queryAt, row) }))
      .filter(({ score }) => !Number.isNaN(score))
      .sort((a, b) => b.score - a.score || a.row - b.row);
  }

  score(query: Float32Array, row: number): number {
    this.#take(query);
    return this.#one(this.#queryAt, row);
  }

  similarity(a: number, b: number): number {
    return this.#one(this.#row(a), b);
  }

  dispose(): void {
    this.#memory = new Float32Array();
  }

  get #queryAt(): number {
    return this.size * this.#stride;
  }

  get #scoresAt(): number {
    return this.#queryAt + this.#stride;
  }

  #row(row: number): number {
    if (!(Number.isInteger(row) && row >= 0 && row < this.size))
      throw new Error(`vectorIndex: a row must be one of ${this.size}, got ${row}. Search again.`);
    return row * this.#stride;
  }

  #take(query: Float32Array): void {
    if (this.#memory.length === 0) throw new Error('vectorIndex: must be open, got a closed one. Open it again.');
    if (query.length !== this.dim)
      throw new Error(`vectorIndex: a query must have ${this.dim} numbers, got ${query.length}. Embed it again.`);
    this.#memory.set(query, this.#queryAt);
  }

  /** By the same kernel as all together, so that equal rows have equal scores everywhere. */
  #one(left: number, row: number): number {
    this.#dots(left, this.#row(row), this.#scoresAt, this.#stride, 1);
    return this.#memory[this.#scoresAt] ?? NaN;
  }
}
