// Weights reach the GPU exactly, from one file or many, from f16 and bf16; a wrong file is refused in words and frees all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { f16ToF32, f32ToF16 } from '../../src/formats/float16.ts';
import { openSafetensors, writeSafetensors, type WritableTensor } from '../../src/formats/safetensors.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { parseConfig, type LlamaConfig } from '../../src/engine/models/config.ts';
import {
  loadWeights,
  weightBytes,
  weightNeeds,
  weightTensors,
  type ModelFiles,
} from '../../src/engine/models/weights.ts';
import type { Precision } from '../../src/records/baseModel.ts';
import { testGpu } from '../gpu.ts';
import { countCalls } from './calls.ts';
import { filesIn } from './files.ts';

const FOLDER = 'tests/goldens/qwen2';

let gpu: Gpu;
let config: LlamaConfig;
let tensors: WritableTensor[];
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const files = filesIn(FOLDER);
  config = parseConfig((await files.text('config.json')) ?? '');
  const opened = await files.stream('model.safetensors');
  if (!opened) throw new Error(`${FOLDER}: model.safetensors must be there, got none. Restore it.`);
  const { parts } = await openSafetensors(opened.stream, 'golden');
  tensors = [];
  for await (const { entry, values } of parts) {
    // Multiples of 1/64 below 4: exact in f16 and, rounded to 8 bits, in bf16.
    const rounded = values.map((x) => Math.round(Math.max(-1.9, Math.min(1.9, x)) * 64) / 64);
    tensors.push({ name: entry.name, shape: entry.shape, values: rounded, dtype: 'F32' });
  }
});
afterAll(() => gpu.destroy());

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const filesOf = (files: Record<string, Uint8Array<ArrayBuffer>>): ModelFiles => ({
  text: (name) => Promise.resolve(files[name] ? new TextDecoder().decode(files[name]) : null),
  stream: (name) => {
    const bytes = files[name];
    return Promise.resolve(bytes ? { stream: inPieces(bytes, 10_007), bytes: bytes.length } : null);
  },
});
const oneFile = (list: WritableTensor[]): ModelFiles => filesOf({ 'model.safetensors': writeSafetensors(list) });

/** Name → values, as they are on the GPU. */
async function loaded(files: ModelFiles, precision?: Precision): Promise<Record<string, number[]>> {
  const weights = await loadWeights(gpu, config, files, { precision });
  const found: Record<string, number[]> = {};
  for (const t of weightTensors(weights)) {
    if (t.label === 'frequencies') continue;
    const halves = t.dtype === 'f16' && f16ToF32(new Uint16Array(await gpu.readBytes(t)));
    found[t.label] = [...(halves || (await gpu.read(t)))];
  }
  for (const t of weightTensors(weights)) t.slot?.buffer.destroy();
  return found;
}

const expected = () => Object.fromEntries(tensors.map((t) => [t.name, [...t.values]]));

describe('every value arrives', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('from %s', async (dtype) => {
    const found = await loaded(oneFile(tensors.map((t) => ({ ...t, dtype }))));
    expect(found).toEqual(expected());
  });
  it('from three shards, in any order of their tensors', async () => {
    const shards = [0, 1, 2].map((s) => tensors.filter((_, i) => i % 3 === s).reverse());
    const name = (s: number) => `model-0000${s + 1}-of-00003.safetensors`;
    const map = Object.fromEntries(shards.flatMap((list, s) => list.map((t) => [t.name, name(s)])));
    const index = new TextEncoder().encode(JSON.stringify({ weight_map: map }));
    const files = Object.fromEntries(shards.map((list, s) => [name(s), writeSafetensors(list)]));
    expect(await loaded(filesOf({ ...files, 'model.safetensors.index.json': index }))).toEqual(expected());
  });
  it('beside copies that nobody needs', async () => {
    const copies: WritableTensor[] = [
      { name: 'lm_head.weight', shape: [1], values: new Float32Array(1), dtype: 'F32' },
      { name: 'model.layers.0.self_attn.rotary_emb.inv_freq', shape: [4], values: new Float32Array(4), dtype: 'F32' },
    ];
    expect(await loaded(oneFile([...tensors, ...copies]))).toEqual(expected());
  });
});

it('tells how far it is, up to the bytes of the file, and what it takes', async () => {
  const seen: number[] = [];
  const data = tensors.reduce((sum, t) => sum + t.values.byteLength, 0);
  const weights = await loadWeights(gpu, config, oneFile(tensors), { onProgress: (done) => seen.push(done) });
  expect(seen.every((n, i) => n > (seen[i - 1] ?? 0))).toBe(true);
  expect(seen.at(-1)).toBe(data);
  expect(weightBytes(weights)).toBe(data + 2 * config.headDim); // and the frequencies, [hd / 2]
  for (const t of weightTensors(weights)) t.slot?.buffer.destroy();
});

describe('a base of halves', () => {
  // The golden's inner size is odd; one column less, and no row is.
  const even = (list: WritableTensor[]): WritableTensor[] =>
    list.map((t) => {
      const shape = t.shape.map((n) => (n === odd.intermediateSize ? n - 1 : n));
      return {
        ...t,
        shape,
        values: t.values.slice(
          0,
          shape.reduce((a, b) => a * b, 1),
        ),
      };
    });
  const rough = (list: WritableTensor[]): WritableTensor[] =>
    even(list).map((t) => ({ ...t, values: t.values.map((x, i) => x * (1 + i / 12345)) }));
  let odd: LlamaConfig;
  beforeAll(() => {
    odd = config;
    config = { ...config, intermediateSize: config.intermediateSize - 1 };
  });
  afterAll(() => void (config = odd));

  it.each(['F32', 'F16', 'BF16'] as const)('from %s: matrices are rounded, norms and biases are not', async (dtype) => {
    const list = even(tensors);
    const found = await loaded(oneFile(list.map((t) => ({ ...t, dtype }))), 'f16');
    expect(found).toEqual(Object.fromEntries(list.map((t) => [t.name, [...t.values]])));
  });
  it('rounds to nearest what f16 does not hold', async () => {
    const list = rough(tensors);
    const found = await loaded(oneFile(list), 'f16');
    const kept = (t: WritableTensor) => (t.shape.length === 2 ? f16ToF32(f32ToF16(t.values)) : t.values);
    expect(found).toEqual(Object.fromEntries(list.map((t) => [t.name, [...kept(t)]])));
    expect(found['model.embed_tokens.weight']).not.toEqual([...(list[0]?.values ?? [])]);
  });
  it('takes half the memory, and asks for half the limit', async () => {
    const list = even(tensors);
    const bytes = async (precision: Precision): Promise<number> => {
      const weights = await loadWeights(gpu, config, oneFile(list), { precision });
      const sum = weightBytes(weights);
      for (const t of weightTensors(weights)) t.slot?.buffer.destroy();
      return sum;
    };
    const matrices = list.filter((t) => t.shape.length === 2).reduce((sum, t) => sum + t.values.length, 0);
    expect((await bytes('f32')) - (await bytes('f16'))).toBe(2 * matrices);
    const large = { ...config, vocabSize: 100_000 };
    expect(weightNeeds(large, 'f16').maxBufferSize).toBe(weightNeeds(large).maxBufferSize / 2);
  });
  it.each<[string, string, WritableTensor['dtype'], number, RegExp]>([
    [
      'too large',
      'model.embed_tokens.weight',
      'F32',
      70_000,
      /^tensor model\.embed_tokens\.weight: every number must fit f16, up to 65504, got 70000\. Load/,
    ],
    [
      'not finite',
      'model.embed_tokens.weight',
      'F16',
      Infinity,
      /every number must fit f16, up to 65504, got Infinity\. /,
    ],
  ])('refuses a number that is %s, in words', async (_, name, dtype, value, sentence) => {
    const list = even(tensors).map((t) => {
      const values = t.values.slice();
      if (t.name === name) values[5] = value;
      return { ...t, values, dtype };
    });
    const calls = countCalls(gpu.device);
    await expect(loadWeights(gpu, config, oneFile(list), { precision: 'f16' })).rejects.toThrow(sentence);
    expect(calls.alive()).toBe(0);
    calls.restore();
  });
  it('refuses odd rows in words', async () => {
    await expect(loadWeights(gpu, odd, oneFile(tensors), { precision: 'f16' })).rejects.toThrow(
      /^tensor model\.layers\.\d\.mlp\.down_proj\.weight: rows of halves must be even, got \[48, 43\]\. Load the model in f32\./,
    );
  });
});

describe('refused in words, with every buffer freed', () => {
  const damaged =
    (name: string): ((list: WritableTensor[]) => WritableTensor[]) =>
    (list) =>
      list.filter((t) => t.name !== name);
  it.each<[string, (list: WritableTensor[]) => ModelFiles, RegExp]>([
    [
      'a missing tensor',
      (list) => oneFile(damaged('model.norm.weight')(list)),
      /^weights: all \d+ tensors must be there, got \d+ without model\.norm\.weight\. The weights and config/,
    ],
    [
      'an unexpected tensor',
      (list) => oneFile([...list, { name: 'score.weight', shape: [1], values: new Float32Array(1), dtype: 'F32' }]),
      /^model\.safetensors: tensor score\.weight must be absent from a qwen2, got \[1\]\. /,
    ],
    [
      'another shape',
      (list) => oneFile(list.map((t) => (t.name === 'model.norm.weight' ? { ...t, shape: [6, 8] } : t))),
      /tensor model\.norm\.weight must be \[48\], got \[6, 8\]\. /,
    ],
    [
      'a file cut short',
      (list) => filesOf({ 'model.safetensors': writeSafetensors(list).slice(0, -5) }),
      /^model\.safetensors: the data must be \d+ bytes long, got \d+\. Download/,
    ],
    [
      'a tensor that two shards hold',
      (list) => {
        const map = { a: 'a.safetensors', b: 'b.safetensors' };
        const index = new TextEncoder().encode(JSON.stringify({ weight_map: map }));
        const bytes = writeSafetensors(list);
        return filesOf({ 'a.safetensors': bytes, 'b.safetensors': bytes, 'model.safetensors.index.json': index });
      },
      /^b\.safetensors: a tensor must come once, got .+ again\. /,
    ],
    ['no file', () => filesOf({}), /^model\.safetensors: the weights must be there, got no file\. /],
  ])('%s', async (_, files, sentence) => {
    const calls = countCalls(gpu.device);
    await expect(loadWeights(gpu, config, files(tensors))).rejects.toThrow(sentence);
    expect(calls.alive()).toBe(0);
    calls.restore();
  });
  it('an abort in the middle', async () => {
    const abort = new AbortController();
    const calls = countCalls(gpu.device);
    const onProgress = () => abort.abort(new Error('enough'));
    const loading = loadWeights(gpu, config, oneFile(tensors), { signal: abort.signal, onProgress });
    await expect(loading).rejects.toThrow('enough');
    expect(calls.counts.createBuffer).toBeGreaterThan(0);
    expect(calls.alive()).toBe(0);
    calls.restore();
  });
  it('a model that this adapter cannot bind, before a device is opened', async () => {
    const needs = weightNeeds({ ...config, vocabSize: 2 ** 34 });
    await expect(openGpu(await testGpu(), needs)).rejects.toThrow(
      /maxStorageBufferBindingSize of at least \d+ is needed/,
    );
  });
});
