// The key/value cache of a layer: keys and values of every position so far, in the layout of the projections.
import source from '../../../shaders/cacheWrite.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import { describe, size, type Tensor } from '../gpu/tensor.ts';
import { grid } from './grid.ts';
import { holds, quads, sameShape } from './shapes.ts';

const cacheWriteKernel = kernel('cacheWrite', source);

/** k, v [B·T, K·hd] go to rows [starts[b], starts[b] + T) of keys, values [B, S, K, hd]; starts u32 [B].
 *  Padding is written too: no query looks at it before a later step has overwritten it. */
export function cacheWrite(
  rec: Recorder,
  { k, v, keys, values, starts }: Record<'k' | 'v' | 'keys' | 'values' | 'starts', Tensor>,
): void {
  sameShape('cacheWrite', k, v);
  sameShape('cacheWrite', keys, values);
  const [batch = 0, capacity = 0, ...rest] = keys.shape;
  const dim = quads('cacheWrite', size(rest));
  const time = size(k.shape) / batch / size(rest);
  if (!Number.isInteger(time))
    throw new Error(
      `cacheWrite: k must hold whole rows for each of ${batch}, got ${describe(k)} for ${describe(keys)}.`,
    );
  holds('cacheWrite starts', starts, [batch]);
  rec.dispatch(
    cacheWriteKernel,
    { k, v, starts, keys, values },
    { groups: grid(batch * time * dim), params: { batch, time, capacity, dim } },
  );
}
