// config.json in all its spellings gives our sizes; what we cannot run is refused in a sentence that names it.
import { describe, expect, it } from 'vitest';
import { ModelConfigError, parseConfig } from '../../src/engine/models/config.ts';
import { parameterCount, weightNeeds, weightShapes } from '../../src/engine/models/weights.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { projectFile } from '../gpu.ts';

/** Llama 3.2 1B as its makers publish it. */
const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 2048,
  intermediate_size: 8192,
  num_hidden_layers: 16,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 64,
  vocab_size: 128256,
  max_position_embeddings: 131072,
  rms_norm_eps: 1e-5,
  rope_theta: 500000.0,
  rope_scaling: {
    factor: 32.0,
    high_freq_factor: 4.0,
    low_freq_factor: 1.0,
    original_max_position_embeddings: 8192,
    rope_type: 'llama3',
  },
  hidden_act: 'silu',
  tie_word_embeddings: true,
  eos_token_id: [128001, 128008, 128009],
};
const QWEN2 = {
  model_type: 'qwen2',
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  vocab_size: 151936,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  sliding_window: 32768,
  use_sliding_window: false,
  tie_word_embeddings: true,
  eos_token_id: 151645,
};
const QWEN3 = {
  ...QWEN2,
  model_type: 'qwen3',
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  sliding_window: null,
};
const parse = (config: object, generation?: object) =>
  parseConfig(JSON.stringify(config), generation ? JSON.stringify(generation) : null);

describe('published configurations', () => {
  it('Llama 3.2 1B: scaled rotations, several end tokens, and the published number of parameters', () => {
    const config = parse(LLAMA);
    expect(config).toMatchObject({ headDim: 64, kvHeads: 8, eosIds: [128001, 128008, 128009], qkNorm: false });
    expect(config.ropeScaling).toEqual({ factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalContext: 8192 });
    expect(parameterCount(config)).toBe(1_235_814_400);
    expect(weightNeeds(config).maxStorageBufferBindingSize).toBe(4 * 128256 * 2048);
  });
  it('Qwen2.5 0.5B: biases of q, k, v only', () => {
    const config = parse(QWEN2);
    expect(config).toMatchObject({ headDim: 64, qkvBias: true, outputBias: false, mlpBias: false, rmsEps: 1e-6 });
    expect(parameterCount(config)).toBe(494_032_768);
  });
  it('Qwen3 0.6B: norms of q and k, heads wider than hidden / heads', () => {
    const config = parse(QWEN3);
    expect(config).toMatchObject({ headDim: 128, qkNorm: true, qkvBias: false });
    expect(parameterCount(config)).toBe(596_049_920);
    expect(weightShapes(config).get('model.layers.27.self_attn.k_norm.weight')).toEqual([128]);
  });
  it('nano: the sizes of its card', async () => {
    const text = new TextDecoder().decode((await projectFile('public/models/nano/config.json')) ?? new Uint8Array());
    const config = parseConfig(text);
    expect(config).toMatchObject({ contextLength: NANO.contextLength, layers: 5, tiedEmbeddings: true, eosIds: [1] });
    expect(parameterCount(config)).toBe(NANO.parameters);
  });
});

describe('spellings', () => {
  const { rope_scaling: scaling, rope_theta: theta, ...rest } = LLAMA;
  it('rope_parameters means the same as rope_theta beside rope_scaling', () => {
    expect(parse({ ...rest, rope_parameters: { ...scaling, rope_theta: theta } })).toEqual(parse(LLAMA));
    expect(
      parse({ ...rest, rope_theta: theta, rope_scaling: { ...scaling, type: 'llama3', rope_type: undefined } }),
    ).toEqual(parse(LLAMA));
  });
  it('generation_config.json has the last word on end tokens', () => {
    expect(parse(QWEN2, { eos_token_id: [151645, 151643] }).eosIds).toEqual([151645, 151643]);
    expect(parse(QWEN2, { temperature: 1 }).eosIds).toEqual([151645]);
    expect(parse({ ...QWEN2, eos_token_id: undefined }).eosIds).toEqual([]);
  });
  it('an untied model has a head of its own', () => {
    const untied = parse({ ...LLAMA, tie_word_embeddings: false });
    expect(parameterCount(untied)).toBe(1_235_814_400 + 128256 * 2048);
  });
});

describe('what we cannot run is refused in words', () => {
  it.each([
    ['gemma3_text', { ...LLAMA, model_type: 'gemma3_text' }, 'model_type must be one of llama, qwen2, qwen3'],
    ['an inherited name', { ...LLAMA, model_type: 'toString' }, 'model_type must be one of'],
    ['no model type', { ...LLAMA, model_type: undefined }, 'got nothing'],
    ['yarn', { ...LLAMA, rope_scaling: { rope_type: 'yarn', factor: 4 } }, '"default" or "llama3", got "yarn"'],
    ['linear scaling', { ...LLAMA, rope_scaling: { type: 'linear', factor: 2 } }, 'got "linear"'],
    ['half rotated heads', { ...LLAMA, partial_rotary_factor: 0.5 }, 'whole heads'],
    ['sliding windows', { ...QWEN2, use_sliding_window: true }, 'whole context'],
    ['sliding layers', { ...QWEN3, layer_types: ['full_attention', 'sliding_attention'] }, 'got "sliding_attention"'],
    ['gelu', { ...LLAMA, hidden_act: 'gelu' }, 'hidden_act must be "silu"'],
    ['quantised weights', { ...LLAMA, quantization_config: { bits: 4 } }, 'must not be quantised'],
    ['uneven groups', { ...LLAMA, num_key_value_heads: 5 }, 'multiple of num_key_value_heads'],
    ['wide heads', { ...LLAMA, head_dim: 256 }, 'head_dim must be'],
    ['zero layers', { ...LLAMA, num_hidden_layers: 0 }, 'whole number above 0, got 0'],
    ['text for a number', { ...LLAMA, vocab_size: '7' }, 'got "7"'],
    [
      'crossed frequencies',
      { ...LLAMA, rope_scaling: { ...LLAMA.rope_scaling, low_freq_factor: 5 } },
      'below high_freq',
    ],
    ['a negative end token', { ...LLAMA, eos_token_id: -1 }, 'eos_token_id'],
    ['nine end tokens', { ...LLAMA, eos_token_id: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, 'at most 8 tokens, got 9'],
  ])('%s', (_, config, rule) => {
    expect(() => parse(config)).toThrow(ModelConfigError);
    expect(() => parse(config)).toThrow(rule);
    expect(() => parse(config)).toThrow(/^config\.json: .+, got .+\. [A-Z].+\.$/);
  });
  it.each(['', '[]', '{"a":', 'null'])('the text %j', (text) =>
    expect(() => parseConfig(text)).toThrow(/^config\.json: must be a JSON object, got .*\. Download/),
  );
});
