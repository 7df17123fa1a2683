// Oracle of attention: plain softmax over every key that a query may see, in f64.

export interface AttentionShape {
  batch: number;
  time: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  capacity: number;
  scale: number;
}

/** q [B·T, H, hd], keys and values [B, S, K, hd], starts [B] → out [B·T, H, hd], lse [B·T, H].
 *  Query t of row b stands at starts[b] + t and sees the keys up to and including its own position. */
export function attentionReference(
  { batch, time, heads, kvHeads, headDim, capacity, scale }: AttentionShape,
  q: ArrayLike<number>,
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  starts: ArrayLike<number>,
) {
  const out = new Float64Array(batch * time * heads * headDim);
  const lse = new Float64Array(batch * time * heads);
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++)
      for (let h = 0; h < heads; h++) {
        const query = ((b * time + t) * heads + h) * headDim;
        const kvHead = Math.floor((h * kvHeads) / heads);
        const key = (j: number) => ((b * capacity + j) * kvHeads + kvHead) * headDim;
        const visible = Math.min((starts[b] ?? 0) + t + 1, capacity);
        const scores = Array.from({ length: visible }, (_, j) => {
          let dot = 0;
          for (let i = 0; i < headDim; i++) dot += (q[query + i] ?? 0) * (keys[key(j) + i] ?? 0);
          return dot * scale;
        });
        const top = Math.max(...scores);
        const total = scores.reduce((sum, s) => sum + Math.exp(s - top), 0);
        lse[(b * time + t) * heads + h] = top + Math.log(total);
        for (let i = 0; i < headDim; i++)
          out[query + i] = scores.reduce(
            (sum, s, j) => sum + (Math.exp(s - top) / total) * (values[key(j) + i] ?? 0),
            0,
          );
      }
  return { out, lse };
}

/** What can be wrong about a backward pass, so that tests can show that they would see it. */
export type AttentionFault = 'no scale' | 'sees the future' | 'no delta';

/** Gradients of Σ dOut · out by q, keys and values, rows without a cache: the formulas at the top of ops/attention.ts. */
export function attentionGradientReference(
  shape: Omit<AttentionShape, 'capacity'>,
  q: ArrayLike<number>,
  keys: ArrayLike<number>,
  values: ArrayLike<number>,
  dOut: ArrayLike<number>,
  fault?: AttentionFault,
) {
  const { batch, time, heads, kvHeads, headDim, scale } = shape;
  const starts = new Array<number>(batch).fill(0);
  const { out, lse } = attentionReference({ ...shape, capacity: time }, q, keys, values, starts);
  const dQ = new Float64Array(q.length);
  const dKeys = new Float64Array(keys.length);
  const dValues = new Float64Array(values.length);
  const outer = fault === 'no scale' ? 1 : scale;
  const dot = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number => {
    let sum = 0;
    for (let d = 0; d < headDim; d++) sum += (a[i + d] ?? NaN) * (b[j + d] ?? NaN);
    return sum;
  };
  const add = (to: Float64Array, i: number, factor: number, a: ArrayLike<number>, j: number): void => {
    for (let d = 0; d < headDim; d++) to[i + d] = (to[i + d] ?? NaN) + factor * (a[j + d] ?? NaN);
  };
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++)
      for (let h = 0; h < heads; h++) {
        const row = (b * time + t) * heads + h;
        const query = row * headDim;
        const delta = fault === 'no delta' ? 0 : dot(dOut, query, out, query);
        const seen = fault === 'sees the future' ? Math.min(t + 2, time) : t + 1;
        for (let j = 0; j < seen; j++) {
          const key = ((b * time + j) * kvHeads + Math.floor((h * kvHeads) / heads)) * headDim;
          const p = Math.exp(scale * dot(q, query, keys, key) - (lse[row] ?? NaN));
          const dS = p * (dot(dOut, query, values, key) - delta);
          add(dValues, key, p, dOut, query);
          add(dQ, query, outer * dS, keys, key);
          add(dKeys, key, outer * dS, q, query);
        }
      }
  return { dQ, dKeys, dValues };
}
