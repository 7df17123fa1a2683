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
