// Nearest rows to a query: voy where it can serve, else the exact search, and always the exact scores. The voy door.
import type { Voy } from 'voy-search/voy_search.js';
import type { ExactReason } from '../records/corpus.ts';
import { ExactSearch, type Neighbour } from './exactSearch.ts';
import { crowded, fold } from './foldRows.ts';

export type { Neighbour };

export interface VectorIndex {
  readonly kind: 'voy' | 'exact';
  /** Why voy does not serve; null while it does. */
  readonly why: ExactReason | null;
  readonly size: number;
  readonly dim: number;
  /** The `k` nearest rows, best first; equal scores in order of rows. */
  search(query: Float32Array, k: number, allowed?: (row: number) => boolean): Neighbour[];
  score(query: Float32Array, row: number): number;
  similarity(a: number, b: number): number;
  dispose(): void;
}

/** voy 0.6.3 cuts every vector there. */
const MOST_AXES = 768;
/** So many of 512 numbers take voy 130 MB, which its WebAssembly never gives back, and seconds to build. */
const MOST_ROWS = 10_000;
/** Rows go to voy as JSON: all at once they would take more memory than the tree, and nearly three times as long. */
const BATCH = 250;
/** Neighbours asked for beyond `k`, and by how much the last of them must be worse than the k-th: voy sums in another
 *  order, and rows are of unit length only nearly, so that it may put rows closer together than that in another order. */
const SPARE = 8;
const CLOSE = 1e-5;

/** After a panic its WebAssembly memory cannot be trusted, and there is no second instance in a thread. */
let broken = false;

/** Rows [n, dim] of unit length. They are copied. */
export async function openVectorIndex(rows: Float32Array, dim: number, wanted: 'auto' | 'exact'): Promise<VectorIndex> {
  if (!(Number.isInteger(dim) && dim > 0 && rows.length % dim === 0))
    throw new Error(`vectorIndex: rows must be a multiple of ${dim} numbers, got ${rows.length}. Embed them again.`);
  const exact = await ExactSearch.open(rows, dim);
  if (wanted === 'exact') return new Index(exact, 'chosen');
  if (dim > MOST_AXES) return new Index(exact, 'dimensions');
  const groups = fold(rows, dim, MOST_ROWS);
  if (groups === 'many') return new Index(exact, 'many');
  if (groups === 'uneven' || broken) return new Index(exact, 'failed');
  if (crowded(rows, dim, groups)) return new Index(exact, 'crowded');
  try {
    return new Index(exact, null, { tree: await build(rows, dim, groups), groups });
  } catch {
    broken = true;
    return new Index(exact, 'failed');
  }
}

/** A tree of one row of each group, its id the group's place. */
async function build(rows: Float32Array, dim: number, groups: readonly number[][]): Promise<Voy> {
  // Imported here: a static import would put an await before a worker's first message.
  const { Voy: Tree } = await import('voy-search/voy_search.js');
  const tree = new Tree();
  const order = scattered(groups.length);
  for (let from = 0; from < order.length; from += BATCH) {
    const embeddings = order.slice(from, from + BATCH).map((group) => {
      const row = groups[group]?.[0] ?? 0;
      const vector = Array.from(rows.subarray(row * dim, (row + 1) * dim));
      return { id: String(group), title: '', url: '', embeddings: vector };
    });
    tree.add({ embeddings });
    await new Promise((resolve) => setTimeout(resolve)); // lets the worker answer between two batches
  }
  return tree;
}

/** 0 … count − 1 out of order: rows that drift along one direction would make the tree as deep as it has axes. */
function scattered(count: number): number[] {
  let step = Math.ceil(count * 0.618);
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  while (divisor(step, count) > 1) step++;
  return Array.from({ length: count }, (_, i) => (i * step) % count);
}

class Index implements VectorIndex {
  readonly #exact: ExactSearch;
  #why: ExactReason | null;
  #voy: { tree: Voy; groups: readonly number[][] } | null;

  constructor(exact: ExactSearch, why: ExactReason | null, voy: { tree: Voy; groups: number[][] } | null = null) {
    this.#exact = exact;
    this.#why = why;
    this.#voy = voy;
  }

  get kind(): 'voy' | 'exact' {
    return this.#voy && !broken ? 'voy' : 'exact';
  }

  get why(): ExactReason | null {
    return this.#voy && broken ? 'failed' : this.#why;
  }

  get size(): number {
    return this.#exact.size;
  }

  get dim(): number {
    return this.#exact.dim;
  }

  search(query: Float32Array, k: number, allowed?: (row: number) => boolean): Neighbour[] {
    return (allowed ? null : this.#byVoy(query, k)) ?? this.#exact.search(query, k, allowed);
  }

  score(query: Float32Array, row: number): number {
    return this.#exact.score(query, row);
  }

  similarity(a: number, b: number): number {
    return this.#exact.similarity(a, b);
  }

  dispose(): void {
    if (!broken) this.#voy?.tree.free(); // the memory stays with voy's instance and serves the next tree
    this.#voy = null;
    this.#exact.dispose();
  }

  /** null when voy cannot tell. */
  #byVoy(query: Float32Array, k: number): Neighbour[] | null {
    if (!this.#voy || broken || !(k >= 1) || query.length !== this.dim) return null; // asked for none, voy panics
    const { tree, groups } = this.#voy;
    try {
      for (let count = k + SPARE; ; count *= 2) {
        const found = tree.search(query, count).neighbors.flatMap(({ id }) => groups[Number(id)] ?? []);
        const ranked = this.#exact.rank(query, found);
        const [last, next] = [ranked[k - 1], ranked.at(-1)];
        if (count >= groups.length || (last && next && last.score - next.score > CLOSE)) return ranked.slice(0, k);
      }
    } catch {
      broken = true;
      return null;
    }
  }
}
