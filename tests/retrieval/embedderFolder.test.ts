// What a folder in hub layout says about its embedder is read, and what is missing or unsuitable is said in words.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { describeFolder } from '../../src/retrieval/embedderFolder.ts';

const MODEL = 'the model';
const PLAIN = {
  'config.json': { model_type: 'bert', max_position_embeddings: 256 },
  'tokenizer.json': {},
  'tokenizer_config.json': { model_max_length: 1e30 },
  'onnx/model.onnx': MODEL,
};

/** Strings are the files' text, other values their JSON, null takes a file away. */
function describeWith(changes: Record<string, unknown> = {}, name = 'some embedder') {
  const files = Object.entries({ ...PLAIN, ...changes }).filter(([, value]) => value !== null);
  const bytes = new Map(
    files.map(([path, value]) => [
      path,
      new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
    ]),
  );
  return describeFolder(async (path) => bytes.get(path) ?? null, [...bytes.keys()], name);
}

describe('a folder that can be used', () => {
  it('is described, and named by the hash of its model', async () => {
    const sha256 = createHash('sha256').update(MODEL).digest('hex');
    expect(await describeWith()).toEqual({
      id: `local-${sha256.slice(0, 16)}`,
      name: 'some embedder',
      url: null,
      file: 'onnx/model.onnx',
      sha256,
      bytes: MODEL.length,
      maxTokens: 256,
      pooling: 'mean',
      queryPrefix: '',
      passagePrefix: '',
      languages: [],
      license: 'unknown',
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'eight bits before half precision',
      { 'onnx/model_quantized.onnx': '8', 'onnx/model_fp16.onnx': '16' },
      'onnx/model_quantized.onnx',
    ],
    ['half precision before full', { 'onnx/model_fp16.onnx': '16' }, 'onnx/model_fp16.onnx'],
    ['a known name before others', { 'onnx/decoder.onnx': 'd' }, 'onnx/model.onnx'],
    ['any other name', { 'onnx/model.onnx': null, 'onnx/encoder_q4.onnx': 'e' }, 'onnx/encoder_q4.onnx'],
    ['one beside the configuration', { 'onnx/model.onnx': null, 'model.onnx': 'm' }, 'model.onnx'],
    [
      'a whole file before parts',
      { 'onnx/model_fp16.onnx': '16', 'onnx/model_fp16.onnx_data': 'd' },
      'onnx/model.onnx',
    ],
  ])('of several models: %s', async (_, changes, file) => {
    expect((await describeWith(changes)).file).toBe(file);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['the positions', {}, 256],
    ['the tokenizer', { 'tokenizer_config.json': { model_max_length: 128 } }, 128],
    ['the sentence settings', { 'sentence_bert_config.json': { max_seq_length: 64 } }, 64],
    [
      'the positions behind the padding',
      { 'config.json': { model_type: 'xlm-roberta', max_position_embeddings: 130 } },
      128,
    ],
    ['our own limit', { 'config.json': { model_type: 'bert', max_position_embeddings: 8192 } }, 512],
  ])('the longest text is limited by %s', async (_, changes, limit) => {
    expect((await describeWith(changes)).maxTokens).toBe(limit);
  });

  it('pools by the first token where its settings say so', async () => {
    const modes = { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false };
    expect((await describeWith({ '1_Pooling/config.json': modes })).pooling).toBe('cls');
  });

  it('puts its own prompts before texts, or those of the E5 family', async () => {
    const prompts = { prompts: { query: 'Find: ', document: 'Text: ' } };
    const own = await describeWith({ 'config_sentence_transformers.json': prompts }, 'e5');
    expect([own.queryPrefix, own.passagePrefix]).toEqual(['Find: ', 'Text: ']);
    const e5 = await describeWith({}, 'multilingual-e5-small');
    expect([e5.queryPrefix, e5.passagePrefix]).toEqual(['query: ', 'passage: ']);
    expect((await describeWith({}, 'rose52')).queryPrefix).toBe('');
  });

  it('takes the licence from its card', async () => {
    expect((await describeWith({ 'README.md': '---\ntags: []\nlicense: mit\n---\n' })).license).toBe('mit');
  });
});

describe('a folder that cannot be used', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'no tokenizer',
      { 'tokenizer.json': null, 'config.json': null },
      'got no config.json and no tokenizer.json. Choose',
    ],
    ['no model', { 'onnx/model.onnx': null }, 'must hold a model in one file, onnx/*.onnx, got none'],
    ['a model in parts', { 'onnx/model.onnx_data': 'd' }, 'got models in parts'],
    ['broken settings', { 'config.json': '{' }, 'must hold JSON in config.json, got 1 bytes'],
    ['the last token', { '1_Pooling/config.json': { pooling_mode_lasttoken: true } }, 'got pooling_mode_lasttoken'],
    ['a dense layer', { '2_Dense/config.json': {} }, 'got a dense layer beside it'],
  ])('%s', async (_, changes, words) => {
    await expect(describeWith(changes)).rejects.toThrow(words);
  });
});
