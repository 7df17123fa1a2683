// Causal attention with grouped query heads over a cache, or over the projections themselves when training.
//   out = softmax(scale · q · keysᵀ) · values     lse = log Σ exp(scores), all that a backward pass needs besides out
// Backward, with P = exp(scale · q · keysᵀ − lse) and delta = Σ_d dOut ∘ out, per query and head:
//   dValues = Pᵀ · dOut    dS = P ∘ (dOut · valuesᵀ − delta)    dQ = scale · dS · keys    dKeys = scale · dSᵀ · q
// P is computed again in both halves, once by whoever owns queries and once by whoever owns keys: nothing is added twice.
import backwardKVSource from '../../../shaders/attentionBackwardKV.wgsl?raw';
import backwardQSource from '../../../shaders/attentionBackwardQ.wgsl?raw';
import decodeSource from '../../../shaders/attentionDecode.wgsl?raw';
import stepSource from '../../../shaders/attentionStep.wgsl?raw';
import source from '../../../shaders/attention.wgsl?raw';
import { kernel } from '../gpu/kernel.ts';
import type { Recorder } from '../gpu/program.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { tileTable } from '../gpu/tune.ts';
import { grid } from './grid.ts';
import { holds } from './shapes.ts';

const attentionKernel = kernel('attention', source);
const attentionDecodeKernel = kernel('attentionDecode', decodeSource);
const attentionStepKernel = kernel('attentionStep', stepSource);
const backwardQKernel = kernel('attentionBackwardQ', backwardQSource);
const backwardKVKernel = kernel('attentionBackwardKV', backwardKVSource);

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
  /** Of one query per row: whether invocations share it; by default as the adapter likes it. */
  barriers?: boolean;
}

/** Queries, or keys, of one invocation: more of them share what is loaded. A processor that plays GPU keeps them in its
 *  nearest cache; a GPU has few registers for each invocation. The sums and their order are the same for any number. */
const perInvocation = (rec: Recorder, HEAD: number): number =>
  Math.max(1, Math.min(4, Math.floor((playsGpu(rec) ? 32 : 8) / HEAD)));
/** There a barrier costs more than all else: 32 rows spend most of a draw in those of attentionDecode. */
const playsGpu = ({ gpu }: Recorder): boolean => tileTable(gpu).units < 8;
const WORKGROUP = 32; // of the kernels that walk over keys or queries

/** q [B·T, H·hd]; keys, values [B, S, K, hd]; starts u32 [B] → out [B·T, H·hd], lse [B·T, H].
 *  Query t of row b stands at starts[b] + t and sees the keys up to its own position: padding on the right is unseen. */
export function attention(
  rec: Recorder,
  { q, keys, values, starts }: Record<'q' | 'keys' | 'values' | 'starts', Tensor>,
  sizes: AttentionOptions,
): { out: Tensor; lse: Tensor } {
  const { batch, time, heads, kvHeads, headDim, capacity, scale, barriers = !playsGpu(rec) } = sizes;
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
  /** Heads, at most so many, that share the reading of their keys. */
  const group = (most: number): number => [4, 3, 2].find((n) => n <= most && (heads / kvHeads) % n === 0) ?? 1;
  if (time === 1 && !barriers) {
    const GROUP = group(perInvocation(rec, HEAD));
    const items = (batch * heads) / GROUP;
    const params = { groups: items, heads, kvHeads, capacity, scale };
    rec.dispatch(attentionStepKernel, buffers, { groups: grid(items, 4), params, constants: { HEAD, GROUP }, flops });
  } else if (time === 1) {
    const GROUP = group(4);
    const params = { heads, kvHeads, capacity, scale };
    const groups = [heads / GROUP, batch] as const;
    rec.dispatch(attentionDecodeKernel, buffers, { groups, params, constants: { HEAD, GROUP }, flops });
  } else {
    const QUERIES = perInvocation(rec, HEAD);
    const groups = [Math.ceil(time / (WORKGROUP * QUERIES)), heads, batch] as const;
    const params = { time, heads, kvHeads, capacity, scale };
    rec.dispatch(attentionKernel, buffers, { groups, params, constants: { HEAD, QUERIES }, flops });
  }
  const { tape } = rec;
  tape?.note([out], [q, keys, values], () => {
    const dOut = tape.gradient(out);
    if (!dOut) return;
    if (capacity !== time)
      throw new Error(
        `attention: only rows without a cache can be trained, got ${capacity} positions for ${time} queries. ` +
          'Record the forward pass without caches.',
      );
    const inputs = { q, keys, values, lse, dOut };
    const { dQ, delta } = queryGradient(rec, { ...inputs, out }, sizes);
    tape.give(q, dQ);
    if (!tape.wants(keys) && !tape.wants(values)) return;
    const { dKeys, dValues } = keyGradients(rec, { ...inputs, delta }, sizes);
    tape.give(keys, dKeys);
    tape.give(values, dValues);
  });
  return { out, lse };
}

type Backward = Record<'q' | 'keys' | 'values' | 'lse' | 'dOut', Tensor>;

/** dQ [B·T, H·hd], and delta [B·T, H] on the way. */
function queryGradient(
  rec: Recorder,
  inputs: Backward & { out: Tensor },
  { batch, time, heads, kvHeads, headDim, scale }: AttentionOptions,
): { dQ: Tensor; delta: Tensor } {
  const HEAD = headDim / 4;
  const QUERIES = perInvocation(rec, HEAD);
  const dQ = rec.temp('attention dq', inputs.q.shape);
  const delta = rec.temp('delta', inputs.lse.shape);
  rec.dispatch(
    backwardQKernel,
    { ...inputs, dQ, delta },
    {
      groups: [Math.ceil(time / (WORKGROUP * QUERIES)), heads, batch],
      params: { time, heads, kvHeads, scale },
      constants: { HEAD, QUERIES },
      flops: 4 * batch * time * heads * headDim * time, // half of twice the forward's, as the field counts it
    },
  );
  return { dQ, delta };
}

/** dKeys and dValues [B·T, K·hd]. */
function keyGradients(
  rec: Recorder,
  inputs: Backward & { delta: Tensor },
  { batch, time, heads, kvHeads, headDim, scale }: AttentionOptions,
): { dKeys: Tensor; dValues: Tensor } {
  const HEAD = headDim / 4;
  const KEYS = perInvocation(rec, HEAD);
  const dKeys = rec.temp('attention dkeys', inputs.keys.shape);
  const dValues = rec.temp('attention dvalues', inputs.values.shape);
  rec.dispatch(
    backwardKVKernel,
    { ...inputs, dKeys, dValues },
    {
      groups: [Math.ceil(time / (WORKGROUP * KEYS)), kvHeads, batch],
      params: { time, heads, kvHeads, scale },
      constants: { HEAD, KEYS },
      flops: 4 * batch * time * heads * headDim * time,
    },
  );
  return { dKeys, dValues };
}
