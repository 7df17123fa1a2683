// Weights: what a model of our family must hold, and how they stream from safetensors files to the GPU.
import { TARGETS, type Target } from '../../records/adapter.ts';
import type { Precision } from '../../records/baseModel.ts';
import { f32ToF16 } from '../../formats/float16.ts';
import { openSafetensors, parseShardIndex, type ByteStream, type TensorPart } from '../../formats/safetensors.ts';
import type { Gpu, Needs } from '../gpu/device.ts';
import { bytesOf, describe, size, type DType, type Tensor } from '../gpu/tensor.ts';
import type { Linear } from '../ops/matmul.ts';
import { ropeFrequencies } from '../ops/rope.ts';
import type { LlamaConfig } from './config.ts';

export class WeightsError extends Error {
  override name = 'WeightsError';
}

/** Where a model's files come from; the engine itself knows neither disk nor network. */
export interface ModelFiles {
  /** The whole file as text; null where there is none. */
  text(name: string): Promise<string | null>;
  /** The file's bytes in order and their number where it is known; null where there is none. */
  stream(name: string): Promise<{ stream: ByteStream; bytes: number | null } | null>;
}

/** The linears of a layer, by their names in Hugging Face's Llama. */
export const LINEARS = TARGETS;
export type LinearName = Target;

export interface LayerWeights {
  linears: Readonly<Record<LinearName, Linear>>;
  inputNorm: Tensor; // [D]
  postNorm: Tensor; // [D]
  /** RMSNorm of each head of q and k, [hd]; only where the model has them. */
  qNorm?: Tensor;
  kNorm?: Tensor;
}

export interface LlamaWeights {
  embedding: Tensor; // [V, D]
  layers: readonly LayerWeights[];
  finalNorm: Tensor; // [D]
  /** [V, D]; the embedding itself where they are tied. */
  head: Tensor;
  /** Radians per position, [hd / 2]. */
  frequencies: Tensor;
}

type Shape = readonly number[];

/** [out, in] and whether there is a bias. */
export function linearShape(config: LlamaConfig, name: LinearName): { out: number; in: number; bias: boolean } {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim, qkvBias, outputBias, mlpBias } = config;
  switch (name) {
    case 'q_proj':
      return { out: heads * headDim, in: hiddenSize, bias: qkvBias };
    case 'k_proj':
    case 'v_proj':
      return { out: kvHeads * headDim, in: hiddenSize, bias: qkvBias };
    case 'o_proj':
      return { out: hiddenSize, in: heads * headDim, bias: outputBias };
    case 'down_proj':
      return { out: hiddenSize, in: intermediateSize, bias: mlpBias };
    default:
      return { out: intermediateSize, in: hiddenSize, bias: mlpBias };
  }
}

const block = (name: LinearName): string => (/^[qkvo]_/.test(name) ? 'self_attn' : 'mlp');
/** "model.layers.0.self_attn.q_proj", as in the files. */
export const modulePath = (layer: number, name: LinearName): string => `model.layers.${layer}.${block(name)}.${name}`;

/** Every tensor that the model must have, by its name in the file. */
export function weightShapes(config: LlamaConfig): Map<string, Shape> {
  const { vocabSize, hiddenSize, headDim, layers, qkNorm, tiedEmbeddings } = config;
  const shapes = new Map<string, Shape>([['model.embed_tokens.weight', [vocabSize, hiddenSize]]]);
  for (let i = 0; i < layers; i++) {
    const prefix = `model.layers.${i}`;
    for (const name of LINEARS) {
      const { out, in: inner, bias } = linearShape(config, name);
      shapes.set(`${modulePath(i, name)}.weight`, [out, inner]);
      if (bias) shapes.set(`${modulePath(i, name)}.bias`, [out]);
    }
    shapes.set(`${prefix}.input_layernorm.weight`, [hiddenSize]);
    shapes.set(`${prefix}.post_attention_layernorm.weight`, [hiddenSize]);
    if (qkNorm) for (const q of ['q_norm', 'k_norm']) shapes.set(`${prefix}.self_attn.${q}.weight`, [headDim]);
  }
  shapes.set('model.norm.weight', [hiddenSize]);
  if (!tiedEmbeddings) shapes.set('lm_head.weight', [vocabSize, hiddenSize]);
  return shapes;
}

export function parameterCount(config: LlamaConfig): number {
  return [...weightShapes(config).values()].reduce((sum, shape) => sum + size(shape), 0);
}

/** Matrices may be halves; norms and biases are few and stay f32. */
const dtypeOf = (shape: Shape, precision: Precision): DType => (shape.length === 2 ? precision : 'f32');

/** The limits that the largest tensor needs: known from the configuration alone, before a device is opened. */
export function weightNeeds(config: LlamaConfig, precision: Precision = 'f32'): Required<Needs> {
  const largest = Math.max(
    ...[...weightShapes(config).values()].map((shape) => bytesOf(shape, dtypeOf(shape, precision))),
  );
  return { maxStorageBufferBindingSize: largest, maxBufferSize: largest };
}

/** Copies that some files carry and that the model does not need. */
function superfluous(name: string, config: LlamaConfig): boolean {
  return name.endsWith('.rotary_emb.inv_freq') || (config.tiedEmbeddings && name === 'lm_head.weight');
}

/** In order. */
export async function weightFiles(files: ModelFiles): Promise<string[]> {
  const index = await files.text('model.safetensors.index.json');
  return index === null ? ['model.safetensors'] : parseShardIndex(index, 'model.safetensors.index.json');
}

const WAITING_BYTES = 64 << 20;

export interface LoadOptions {
  /** Bytes of the files so far; total is 0 while it is unknown. */
  onProgress?: (loadedBytes: number, totalBytes: number) => void;
  signal?: AbortSignal;
  /** Of the matrices: f32, or f16 at half the memory. Sums are f32 in both. */
  precision?: Precision;
}

/** A part's numbers as halves, two to a word; what is there as f16 goes up as it is. */
function halvesOf(part: TensorPart): Uint16Array<ArrayBuffer> {
  const { entry, bytes } = part;
  const halves = entry.dtype === 'F16' ? new Uint16Array(bytes.buffer) : f32ToF16(part.values);
  const bad = halves.findIndex((half) => (half & 0x7c00) === 0x7c00); // infinity or NaN
  if (bad >= 0)
    throw new WeightsError(
      `tensor ${entry.name}: every number must fit f16, up to 65504, got ${part.values[bad]}. Load the model in f32.`,
    );
  return halves;
}

/** Streams every weight to a buffer of its own, converted on the way. Frees them again when it fails. */
export async function loadWeights(
  gpu: Gpu,
  config: LlamaConfig,
  files: ModelFiles,
  { onProgress, signal, precision = 'f32' }: LoadOptions = {},
): Promise<LlamaWeights> {
  const shapes = weightShapes(config);
  const tensors = new Map<string, Tensor>();
  let loaded = 0;
  let waiting = 0;
  try {
    for (const file of await weightFiles(files)) {
      signal?.throwIfAborted();
      const opened = await files.stream(file);
      if (!opened)
        throw new WeightsError(
          `${file}: the weights must be there, got no file. Choose a model with safetensors weights.`,
        );
      const { header, parts } = await openSafetensors(opened.stream, file);
      try {
        for (const { name, shape } of header.tensors) {
          if (superfluous(name, config)) continue;
          const wanted = shapes.get(name);
          if (tensors.has(name))
            throw new WeightsError(`${file}: a tensor must come once, got ${name} again. Download the model again.`);
          if (!wanted || wanted.join() !== shape.join())
            throw new WeightsError(
              `${file}: tensor ${name} must be ${wanted ? `[${wanted.join(', ')}]` : `absent from a ${config.modelType}`}, ` +
                `got [${shape.join(', ')}]. The weights and config.json do not belong together.`,
            );
          const dtype = dtypeOf(shape, precision);
          if (dtype === 'f16' && (shape.at(-1) ?? 0) % 2 !== 0)
            throw new WeightsError(
              `tensor ${name}: rows of halves must be even, got [${shape.join(', ')}]. Load the model in f32.`,
            );
          tensors.set(name, gpu.tensor(name, shape, dtype));
        }
        for await (const part of parts) {
          signal?.throwIfAborted();
          const target = tensors.get(part.entry.name);
          if (target) {
            const data = target.dtype === 'f16' ? halvesOf(part) : part.values;
            gpu.write(target, data, part.offset);
            waiting += data.byteLength;
          }
          loaded += part.bytes.length;
          onProgress?.(loaded, opened.bytes ?? 0);
          if (waiting < WAITING_BYTES) continue;
          await gpu.idle(); // what is written waits in memory until the GPU has taken it
          waiting = 0;
        }
      } finally {
        await parts.return();
      }
    }
    const missing = [...shapes.keys()].filter((name) => !tensors.has(name));
    if (missing.length > 0)
      throw new WeightsError(
        `weights: all ${shapes.size} tensors must be there, got ${tensors.size} without ${missing.slice(0, 3).join(', ')}. ` +
          'The weights and config.json do not belong together.',
      );
    return assemble(gpu, config, (name) => tensors.get(name) as Tensor);
  } catch (error) {
    for (const tensor of tensors.values()) tensor.slot?.buffer.destroy();
    throw error;
  }
}

function assemble(gpu: Gpu, config: LlamaConfig, get: (name: string) => Tensor): LlamaWeights {
  const layers = Array.from({ length: config.layers }, (_, i): LayerWeights => {
    const prefix = `model.layers.${i}`;
    const linears = LINEARS.map((name): [LinearName, Linear] => {
      const path = modulePath(i, name);
      const weight = get(`${path}.weight`);
      return [name, linearShape(config, name).bias ? { weight, bias: get(`${path}.bias`) } : { weight }];
    });
    const layer: LayerWeights = {
      linears: Object.fromEntries(linears) as Record<LinearName, Linear>,
      inputNorm: get(`${prefix}.input_layernorm.weight`),
      postNorm: get(`${prefix}.post_attention_layernorm.weight`),
    };
    if (config.qkNorm) {
      layer.qNorm = get(`${prefix}.self_attn.q_norm.weight`);
      layer.kNorm = get(`${prefix}.self_attn.k_norm.weight`);
    }
    return layer;
  });
  const embedding = get('model.embed_tokens.weight');
  return {
    embedding,
    layers,
    finalNorm: get('model.norm.weight'),
    head: config.tiedEmbeddings ? embedding : get('lm_head.weight'),
    frequencies: gpu.tensor('frequencies', [config.headDim / 2], 'f32', ropeFrequencies(config)),
  };
}

/** Every resident tensor of the weights, once. */
export function weightTensors({ embedding, layers, finalNorm, head, frequencies }: LlamaWeights): Tensor[] {
  const all = [embedding, finalNorm, head, frequencies];
  for (const { linears, inputNorm, postNorm, qNorm, kNorm } of layers)
    for (const t of [inputNorm, postNorm, qNorm, kNorm, ...Object.values(linears).flatMap((l) => [l.weight, l.bias])])
      if (t) all.push(t);
  return [...new Set(all)];
}

export function weightBytes(weights: LlamaWeights): number {
  return weightTensors(weights).reduce((sum, t) => sum + t.bytes, 0);
}

export function disposeWeights(weights: LlamaWeights): void {
  for (const t of weightTensors(weights)) {
    if (!t.slot) throw new Error(`weights: every tensor must be resident, got ${describe(t)}. This is a bug.`);
    t.slot.buffer.destroy();
  }
}
