// Oracle of cacheWrite: the cache after row b's `time` new entries were put at starts[b], … within its capacity.

export interface CacheShape {
  batch: number;
  time: number;
  capacity: number;
  dim: number;
}

export function cacheReference(
  { batch, time, capacity, dim }: CacheShape,
  added: Float32Array,
  before: Float32Array,
  starts: readonly number[],
): Float32Array {
  const after = before.slice();
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < time; t++) {
      const position = (starts[b] ?? 0) + t;
      const from = (b * time + t) * dim;
      if (position < capacity) after.set(added.subarray(from, from + dim), (b * capacity + position) * dim);
    }
  return after;
}
