// The Llama family (Llama, Qwen2, Qwen3) as one forward pass over ops: the same recording for prefill, decoding, training.
import type { Gpu } from '../gpu/device.ts';
import type { Recorder } from '../gpu/program.ts';
import type { Tensor } from '../gpu/tensor.ts';
import { attention } from '../ops/attention.ts';
import { cacheWrite } from '../ops/cache.ts';
import { embedding } from '../ops/embedding.ts';
import { linear } from '../ops/matmul.ts';
import { rmsnorm } from '../ops/rmsnorm.ts';
import { rope } from '../ops/rope.ts';
import { swiglu } from '../ops/swiglu.ts';
import type { Adapter } from '../lora.ts';
import { parseConfig, type LlamaConfig } from './config.ts';
import {
  LINEARS,
  loadWeights,
  type LayerWeights,
  type LinearName,
  type LlamaWeights,
  type LoadOptions,
  type ModelFiles,
} from './weights.ts';

export interface Llama {
  config: LlamaConfig;
  weights: LlamaWeights;
}

/** Keys and values of one layer for every position so far, [B, S, kvHeads, headDim] each. */
export interface LayerCache {
  keys: Tensor;
  values: Tensor;
}

export interface ForwardInputs {
  /** u32 [B·T]; prompts are left-aligned and padded on the right. */
  ids: Tensor;
  /** u32 [B]: position of each row's first query. Without caches it is all zeros. */
  starts: Tensor;
  batch: number;
  time: number;
  /** One per layer; without them a row attends to itself alone. */
  caches?: readonly LayerCache[];
  /** Without one the base answers. */
  adapter?: Adapter | null;
  /** u32 [2]: seed and number of the microbatch, for the dropout of an adapter in training; without it nothing is dropped. */
  dropout?: Tensor;
  /** With a tape: the layers 0 … recompute − 1 are computed again in the backward pass instead of being kept. */
  recompute?: number;
}

/** The configuration from a model's files; it says what the device must offer before one is opened. */
export async function readConfig(files: ModelFiles): Promise<LlamaConfig> {
  const [config, generation] = await Promise.all([files.text('config.json'), files.text('generation_config.json')]);
  return parseConfig(config ?? '', generation);
}

export async function loadLlama(gpu: Gpu, files: ModelFiles, options?: LoadOptions): Promise<Llama> {
  const config = await readConfig(files);
  return { config, weights: await loadWeights(gpu, config, files, options) };
}

/** Appends the model: ids [B·T] → hidden states after the final norm, [B·T, D]. */
export function forward(rec: Recorder, { config, weights }: Llama, inputs: ForwardInputs): Tensor {
  let x = embedding(rec, inputs.ids, weights.embedding); // [B·T, D]
  weights.layers.forEach((_, i) => {
    const layer = (input: Tensor): Tensor => decoderLayer(rec, config, weights, inputs, i, input);
    x = rec.tape && i < (inputs.recompute ?? 0) ? rec.tape.checkpoint(x, layer) : layer(x);
  });
  return rmsnorm(rec, x, weights.finalNorm, config.rmsEps).y;
}

/** Layer i: x [B·T, D] → [B·T, D]. */
function decoderLayer(
  rec: Recorder,
  config: LlamaConfig,
  weights: LlamaWeights,
  inputs: ForwardInputs,
  i: number,
  x: Tensor,
): Tensor {
  const layer = weights.layers[i] as LayerWeights;
  /** x [rows, in] → [rows, out] by the layer's linear `name` and its adapter: every linear passes here. */
  const project = (from: Tensor, name: LinearName, residual?: Tensor): Tensor => {
    const lora = inputs.adapter?.layers[i]?.[name];
    const stream = i * LINEARS.length + LINEARS.indexOf(name); // tells the dropouts of one microbatch apart
    return linear(rec, from, layer.linears[name], { residual, lora, dropout: inputs.dropout, stream });
  };
  const normed = rmsnorm(rec, x, layer.inputNorm, config.rmsEps).y;
  const mixed = attend(rec, config, weights, layer, normed, inputs, project, inputs.caches?.[i]);
  const attended = project(mixed, 'o_proj', x);
  const middle = rmsnorm(rec, attended, layer.postNorm, config.rmsEps).y;
  const gate = project(middle, 'gate_proj'); // [B·T, F]
  const up = project(middle, 'up_proj');
  return project(swiglu(rec, gate, up), 'down_proj', attended);
}

/** hidden [rows, D] → logits [rows, V]: only the rows that are needed should come here. */
export function logits(rec: Recorder, { weights }: Llama, hidden: Tensor): Tensor {
  return linear(rec, hidden, { weight: weights.head });
}

/** Self-attention of a layer over its normed input x [B·T, D], before the output projection: [B·T, H·hd]. */
function attend(
  rec: Recorder,
  config: LlamaConfig,
  { frequencies }: LlamaWeights,
  layer: LayerWeights,
  x: Tensor,
  { starts, batch, time }: ForwardInputs,
  project: (from: Tensor, name: LinearName) => Tensor,
  cache?: LayerCache,
): Tensor {
  const { heads, kvHeads, headDim, rmsEps } = config;
  const normHeads = (t: Tensor, norm: Tensor | undefined, count: number): Tensor =>
    norm ? rmsnorm(rec, t, norm, rmsEps, { rows: batch * time * count, dim: headDim }).y : t;
  const q = normHeads(project(x, 'q_proj'), layer.qNorm, heads); // [B·T, H·hd]
  const k = normHeads(project(x, 'k_proj'), layer.kNorm, kvHeads); // [B·T, K·hd]
  const v = project(x, 'v_proj');
  const rotated = rope(rec, { q, k, starts, frequencies }, { batch, time, headDim });
  if (cache) cacheWrite(rec, { k: rotated.k, v, starts, ...cache });
  const { keys, values } = cache ?? { keys: rotated.k, values: v };
  const capacity = cache?.keys.shape[1] ?? time;
  const sizes = { batch, time, heads, kvHeads, headDim, capacity, scale: 1 / Math.sqrt(headDim) };
  return attention(rec, { q: rotated.q, keys, values, starts }, sizes).out;
}
