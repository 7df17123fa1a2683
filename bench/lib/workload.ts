// The workload of the step bench, the same numbers for every contender: one LoRA step of a Llama-style decoder, forward,
// backward and AdamW on the adapters alone, f32, the base frozen, every position reaches the head.

export interface StepSize {
  dim: number;
  layers: number;
  heads: number;
  kvHeads: number;
  ffn: number;
  vocab: number;
  batch: number;
  time: number;
  /** Of the adapters on q and v; their scale is 2. */
  rank: number;
}

export const SIZES: Readonly<Record<string, StepSize>> = {
  tiny: { dim: 128, layers: 4, heads: 4, kvHeads: 2, ffn: 384, vocab: 2048, batch: 4, time: 128, rank: 8 },
  small: { dim: 256, layers: 6, heads: 8, kvHeads: 4, ffn: 768, vocab: 4096, batch: 4, time: 256, rank: 8 },
};

/** Two for each multiply-add: forward 2P and backward dX 2P a token, no dW of the base; attention both ways, as squares. */
export function flopsPerStep(s: StepSize): number {
  const headDim = s.dim / s.heads;
  const kv = s.kvHeads * headDim;
  const perLayer = s.dim * s.dim * 2 + s.dim * kv * 2 + 3 * s.dim * s.ffn;
  const dense = perLayer * s.layers + s.dim * s.vocab;
  const attention = s.layers * s.batch * s.heads * s.time * s.time * headDim * 2;
  return 2 * (dense * s.batch * s.time * 2) + 2 * attention * 3;
}

/** A matrix stored [in, out]. */
export interface Matrix {
  shape: [rows: number, columns: number];
  values: Float32Array<ArrayBuffer>;
}

export interface LayerNumbers {
  base: Record<'q' | 'k' | 'v' | 'o' | 'gate' | 'up' | 'down', Matrix>;
  /** A of the adapters; B begins as zeros. */
  a: Record<'q' | 'v', Matrix>;
}

export interface Workload extends StepSize {
  embedding: Matrix; // [vocab, dim], also the head
  numbers: readonly LayerNumbers[];
  ids: Int32Array<ArrayBuffer>; // [batch · time]
  targets: Int32Array<ArrayBuffer>; // [batch · time]
}

/** Small seeded numbers, the same on each call. */
export function workload(s: StepSize): Workload {
  let state = 0;
  const draw = (rows: number, columns: number): Matrix => ({
    shape: [rows, columns],
    values: Float32Array.from({ length: rows * columns }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 32 - 0.5) * 0.04;
    }),
  });
  const { dim, ffn, rank, vocab } = s;
  const kv = (dim / s.heads) * s.kvHeads;
  const embedding = draw(vocab, dim);
  const bases = Array.from({ length: s.layers }, () => ({
    ...{ q: draw(dim, dim), k: draw(dim, kv), v: draw(dim, kv), o: draw(dim, dim) },
    ...{ gate: draw(dim, ffn), up: draw(dim, ffn), down: draw(ffn, dim) },
  }));
  const numbers = bases.map((base) => ({ base, a: { q: draw(dim, rank), v: draw(dim, rank) } }));
  const token = (i: number): number => (i * 7919) % vocab;
  const positions = Array.from({ length: s.batch * s.time }, (_, i) => i);
  return {
    ...s,
    embedding,
    numbers,
    ids: Int32Array.from(positions, token),
    targets: Int32Array.from(positions, (i) => token(i + 1)),
  };
}
