// Causal attention with grouped query heads over a cache, or over the projections themselves when training.
//   out = softmax(scale · q · keysᵀ) · values     lse = log Σ exp(scores), all that a backward pass needs besides out
import decodeSource from '../../../shaders/attentionDecode.wgsl?raw';
import source from '../../../shaders/attention.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { holds } from './shapes.ts';

const attentionKernel = kernel('attention', source);
const attentionDecodeKernel = kernel('attentionDecode', decodeSource);

export interface AttentionOptions {
  batch: number;
  /** Queries per row. */
  time: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Positions that keys and values hold per row: the cache's, or `time` when training. */
  capacity: number;
  /** Usually headDim^−½. */
  scale: number;
}

/** q [B·T, H·hd]; keys, values [B, S, K, hd]; starts u32 [B] → out [B·T, H·hd], lse [B·T, H].
 *  Query t of row b stands at starts[b] + t and sees the keys up to its own position: padding on the right is unseen. */
export function attention(
  rec: Recorder,
  { q, keys, values, starts }: Record<'q' | 'keys' | 'values' | 'starts', Tensor>,
  { batch, time, heads, kvHeads, headDim, capacity, scale }: AttentionOptions,
): { out: Tensor; lse: Tensor } {
  holds('attention q', q, [batch, time, heads, headDim]);
  holds('attention keys', keys, [batch, capacity, kvHeads, headDim]);
  holds('attention values', values, [batch, capacity, kvHeads, headDim]);
  holds('attention starts', starts, [batch]);
  if (headDim % 4 !== 0 || headDim > 128 || heads % kvHeads !== 0)
    throw new Error(
      `attention: heads must be 4…128 numbers wide in steps of 4, and share key heads evenly, got ${heads} heads of ` +
        `${headDim} over ${kvHeads}. Choose another model.`,
    );
  const out = rec.temp('attention', q.shape);
  const lse = rec.temp('lse', [batch * time, heads]);
  const buffers = { q, keys, values, starts, out, lse };
  const HEAD = headDim / 4;
  const flops = 4 * batch * time * heads * headDim * capacity; // the full square, as the field counts it
  if (time === 1) {
    const GROUP = [4, 3, 2].find((n) => (heads / kvHeads) % n === 0) ?? 1; // heads that share the reading of their keys
    const params = { heads, kvHeads, capacity, scale };
    const groups = [heads / GROUP, batch] as const;
    rec.dispatch(attentionDecodeKernel, buffers, { groups, params, constants: { HEAD, GROUP }, flops });
  } else {
    const QUERIES = 4; // per invocation
    const groups = [Math.ceil(time / (8 * QUERIES)), heads, batch] as const;
    const params = { time, heads, kvHeads, capacity, scale };
    const constants = { HEAD, QUERIES, COLUMNS: Math.ceil(HEAD / 8) };
    rec.dispatch(attentionKernel, buffers, { groups, params, constants, flops });
  }
  return { out, lse };
}
