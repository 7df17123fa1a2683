// Oracle of dropout: what each element is multiplied by, from the host's Philox.
import { DOMAIN, philox } from '../../src/engine/random.ts';

/** 0 or 1 / (1 − rate) for each of `count` elements. */
export function dropoutReference(
  count: number,
  rate: number,
  seed: number,
  step: number,
  stream: number,
): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const bits = philox([i >>> 2, step, stream, DOMAIN.dropout], [seed, 0])[i % 4] ?? 0;
    return ((bits >>> 9) + 0.5) / 2 ** 23 >= rate ? 1 / (1 - rate) : 0;
  });
}
