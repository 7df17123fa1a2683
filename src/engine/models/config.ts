// config.json of a Hugging Face model → the sizes and switches of our Llama family; what we cannot run is refused in words.
import type { RopeConfig } from '../ops/rope.ts';
import { MAX_EOS } from '../sampling.ts';

export class ModelConfigError extends Error {
  override name = 'ModelConfigError';
}

export interface LlamaConfig extends RopeConfig {
  modelType: 'llama' | 'qwen2' | 'qwen3';
  vocabSize: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  kvHeads: number;
  contextLength: number;
  rmsEps: number;
  /** The embedding table is also the head. */
  tiedEmbeddings: boolean;
  /** Biases of q, k, v; of o; of gate, up, down. */
  qkvBias: boolean;
  outputBias: boolean;
  mlpBias: boolean;
  /** RMSNorm over each head of q and k, before the rotation. */
  qkNorm: boolean;
  /** Any of them ends an answer. */
  eosIds: number[];
}

type Json = Readonly<Record<string, unknown>>;

const ARCHITECTURES = {
  llama: (c: Json) => ({ qkvBias: flag(c, 'attention_bias'), outputBias: flag(c, 'attention_bias'), qkNorm: false }),
  qwen2: () => ({ qkvBias: true, outputBias: false, qkNorm: false }),
  qwen3: (c: Json) => ({ qkvBias: flag(c, 'attention_bias'), outputBias: flag(c, 'attention_bias'), qkNorm: true }),
};

function refuse(rule: string, actual: unknown, remedy = 'Choose another model.'): never {
  throw new ModelConfigError(`config.json: ${rule}, got ${JSON.stringify(actual) ?? 'nothing'}. ${remedy}`);
}

function parseObject(text: string, file: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text.slice(0, 40);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ModelConfigError(
      `${file}: must be a JSON object, got ${JSON.stringify(value)}. Download the file again.`,
    );
  return value as Json;
}

function whole(config: Json, key: string, fallback?: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1)
    refuse(`${key} must be a whole number above 0`, value);
  return value;
}

function positive(config: Json, key: string, fallback?: number): number {
  const value = config[key] ?? fallback;
  if (typeof value !== 'number' || !(value > 0) || value === Infinity) refuse(`${key} must be a number above 0`, value);
  return value;
}

function flag(config: Json, key: string): boolean {
  const value = config[key] ?? false;
  if (typeof value !== 'boolean') refuse(`${key} must be true or false`, value);
  return value;
}

/** Rotations in both spellings: `rope_parameters` (transformers 5) or `rope_theta` beside `rope_scaling`. */
function parseRope(config: Json, headDim: number, contextLength: number): RopeConfig {
  const given = config.rope_parameters ?? config.rope_scaling ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse('rope_parameters must be an object', given);
  const rope = given as Json;
  const ropeTheta = positive(rope, 'rope_theta', positive(config, 'rope_theta', 10_000));
  if ((rope.partial_rotary_factor ?? config.partial_rotary_factor ?? 1) !== 1)
    refuse('rotations must cover whole heads', rope.partial_rotary_factor ?? config.partial_rotary_factor);
  const type = rope.rope_type ?? rope.type ?? 'default';
  if (type === 'default') return { headDim, ropeTheta, ropeScaling: null };
  if (type !== 'llama3') refuse('the rotation type must be "default" or "llama3"', type);
  const ropeScaling = {
    factor: positive(rope, 'factor'),
    lowFreqFactor: positive(rope, 'low_freq_factor'),
    highFreqFactor: positive(rope, 'high_freq_factor'),
    originalContext: whole(rope, 'original_max_position_embeddings', contextLength),
  };
  if (ropeScaling.lowFreqFactor >= ropeScaling.highFreqFactor)
    refuse('low_freq_factor must be below high_freq_factor', [ropeScaling.lowFreqFactor, ropeScaling.highFreqFactor]);
  return { headDim, ropeTheta, ropeScaling };
}

function parseEos(config: Json, generation: Json): number[] {
  const given = generation.eos_token_id ?? config.eos_token_id ?? [];
  const ids: unknown[] = Array.isArray(given) ? given : [given];
  for (const id of ids)
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0)
      refuse('eos_token_id must be whole numbers', given);
  if (ids.length > MAX_EOS) refuse(`eos_token_id must be at most ${MAX_EOS} tokens`, ids.length);
  return ids as number[];
}

/** The text of config.json, and of generation_config.json where there is one. */
export function parseConfig(configText: string, generationText: string | null = null): LlamaConfig {
  const config = parseObject(configText, 'config.json');
  const generation = generationText === null ? {} : parseObject(generationText, 'generation_config.json');
  const modelType = config.model_type;
  if (typeof modelType !== 'string' || !Object.hasOwn(ARCHITECTURES, modelType))
    refuse(`model_type must be one of ${Object.keys(ARCHITECTURES).join(', ')}`, modelType);
  const known = modelType as keyof typeof ARCHITECTURES;

  if (config.quantization_config)
    refuse('weights must not be quantised', 'quantization_config', 'Choose the full model.');
  const layerTypes = Array.isArray(config.layer_types) ? config.layer_types : [];
  const sliding = layerTypes.find((t) => t !== 'full_attention') ?? (flag(config, 'use_sliding_window') || undefined);
  if (sliding !== undefined) refuse('every layer must attend to the whole context', sliding);
  const activation = config.hidden_act ?? 'silu';
  if (activation !== 'silu') refuse('hidden_act must be "silu"', activation);

  const hiddenSize = whole(config, 'hidden_size');
  const heads = whole(config, 'num_attention_heads');
  const kvHeads = whole(config, 'num_key_value_heads', heads);
  if (heads % kvHeads !== 0) refuse('num_attention_heads must be a multiple of num_key_value_heads', [heads, kvHeads]);
  const headDim = whole(config, 'head_dim', known === 'qwen3' ? 128 : hiddenSize / heads);
  if (headDim % 4 !== 0 || headDim > 128) refuse('head_dim must be a multiple of 4 up to 128', headDim);
  const contextLength = whole(config, 'max_position_embeddings');

  return {
    modelType: known,
    vocabSize: whole(config, 'vocab_size'),
    hiddenSize,
    intermediateSize: whole(config, 'intermediate_size'),
    layers: whole(config, 'num_hidden_layers'),
    heads,
    kvHeads,
    contextLength,
    rmsEps: positive(config, 'rms_norm_eps', 1e-6),
    tiedEmbeddings: flag(config, 'tie_word_embeddings'),
    mlpBias: known === 'llama' && flag(config, 'mlp_bias'),
    ...ARCHITECTURES[known](config),
    ...parseRope(config, headDim, contextLength),
    eosIds: parseEos(config, generation),
  };
}
