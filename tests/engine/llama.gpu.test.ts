// Logits of tiny random models equal those of transformers, and every part of a model shows when it is wrong.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../src/formats/safetensors.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { forward, loadLlama, logits, type Llama } from '../../src/engine/models/llama.ts';
import type { LayerWeights } from '../../src/engine/models/weights.ts';
import { testGpu } from '../gpu.ts';
import { filesIn, json } from './files.ts';

const TOLERANCE = 1e-4;
const SEEN = 100 * TOLERANCE;

interface Golden {
  model: Llama;
  prompts: number[][];
  /** Row → [T, V] of transformers, in f64. */
  expected: Float32Array[];
}

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
});
afterAll(() => gpu.destroy());

async function golden(name: string): Promise<Golden> {
  const folder = `tests/goldens/${name}`;
  const files = filesIn(folder);
  const opened = await files.stream('logits.safetensors');
  if (!opened) throw new Error(`${folder}: logits.safetensors must be there, got none. Restore it.`);
  const { parts } = await openSafetensors(opened.stream, name);
  const expected: Float32Array[] = [];
  for await (const { entry, values } of parts) expected[Number(entry.name.slice(3))] = values;
  return { model: await loadLlama(gpu, files), prompts: await json(`${folder}/prompts.json`), expected };
}

/** Logits of every prompt in one batch, padded on the right; `start` shifts the first position of all. */
async function run(model: Llama, prompts: number[][], start = 0): Promise<Float32Array[]> {
  const time = Math.max(...prompts.map((p) => p.length));
  const padded = prompts.flatMap((p) => [...p, ...new Array<number>(time - p.length).fill(2)]);
  const ids = gpu.tensor('ids', [padded.length], 'u32', Uint32Array.from(padded));
  const starts = gpu.tensor('starts', [prompts.length], 'u32', new Uint32Array(prompts.length).fill(start));
  const rec = new Recorder(gpu, 'logits');
  const hidden = forward(rec, model, { ids, starts, batch: prompts.length, time });
  const out = rec.keep(logits(rec, model, hidden));
  const program = await rec.compile();
  program.run();
  const all = await gpu.read(out);
  program.dispose();
  const vocab = model.config.vocabSize;
  return prompts.map((p, b) => all.slice(b * time * vocab, (b * time + p.length) * vocab));
}

/** Largest |Δ| over all rows, relative to the largest |expected|. */
function difference(actual: Float32Array[], expected: Float32Array[]): number {
  let worst = 0;
  let scale = 0;
  expected.forEach((row, b) =>
    row.forEach((want, i) => {
      scale = Math.max(scale, Math.abs(want));
      worst = Math.max(worst, Math.abs(want - (actual[b]?.[i] ?? Infinity)));
    }),
  );
  return worst / scale;
}

const changed = (model: Llama, change: (layer: LayerWeights) => LayerWeights): Llama => ({
  ...model,
  weights: { ...model.weights, layers: model.weights.layers.map(change) },
});

/** Key and value projections with their first two heads exchanged: what a wrong head mapping reads. */
async function swapHeads(model: Llama): Promise<Llama> {
  const rows = model.config.headDim;
  const swapped = async (layer: LayerWeights, name: 'k_proj' | 'v_proj') => {
    const { weight, bias } = layer.linears[name];
    const swap = async (t: typeof weight) => {
      const values = await gpu.read(t);
      const n = (rows * values.length) / (model.config.kvHeads * rows);
      const heads = [values.subarray(n, 2 * n), values.subarray(0, n), values.subarray(2 * n)];
      return gpu.tensor(t.label, t.shape, 'f32', Float32Array.from(heads.flatMap((h) => [...h])));
    };
    return bias ? { weight: await swap(weight), bias: await swap(bias) } : { weight: await swap(weight) };
  };
  const layers = await Promise.all(
    model.weights.layers.map(async (layer) => ({
      ...layer,
      linears: { ...layer.linears, k_proj: await swapped(layer, 'k_proj'), v_proj: await swapped(layer, 'v_proj') },
    })),
  );
  return { ...model, weights: { ...model.weights, layers } };
}

function withoutBiases(model: Llama, pattern: RegExp): Llama {
  return changed(model, (layer) => {
    const linears = { ...layer.linears };
    for (const name of Object.keys(linears) as (keyof typeof linears)[])
      if (pattern.test(name)) linears[name] = { weight: linears[name].weight };
    return { ...layer, linears };
  });
}

type Mutation = [part: string, mutate: (model: Llama) => Llama | Promise<Llama>];

const plain = (model: Llama): Llama => {
  const { headDim, ropeTheta } = model.config;
  const values = Float32Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  return { ...model, weights: { ...model.weights, frequencies: gpu.tensor('plain', [headDim / 2], 'f32', values) } };
};

const epsilon: Mutation = ['epsilon', (m) => ({ ...m, config: { ...m.config, rmsEps: 10 * m.config.rmsEps } })];
const mapping: Mutation = ['mapping of key-value heads', swapHeads];

const GOLDENS: Record<string, Mutation[]> = {
  llama: [
    epsilon,
    mapping,
    ['scaling of the rotations', plain],
    ['biases of attention', (m) => withoutBiases(m, /^[qkv]_/)],
    ['bias of the output projection', (m) => withoutBiases(m, /^o_/)],
    ['biases of the MLP', (m) => withoutBiases(m, /^(gate|up|down)_/)],
    ['head of its own', (m) => ({ ...m, weights: { ...m.weights, head: m.weights.embedding } })],
  ],
  qwen2: [epsilon, mapping, ['biases of q, k, v', (m) => withoutBiases(m, /^[qkv]_/)]],
  qwen3: [epsilon, mapping, ['norms of q and k', (m) => changed(m, ({ qNorm: _q, kNorm: _k, ...layer }) => layer)]],
};

describe.each(Object.entries(GOLDENS))('%s', (name, mutations) => {
  let given: Golden;
  beforeAll(async () => {
    given = await golden(name);
  });

  it('gives the logits of transformers, rows of several lengths in one batch', async () => {
    const { model, prompts, expected } = given;
    expect(difference(await run(model, prompts), expected)).toBeLessThan(TOLERANCE);
  });

  it('sees a mask that is shifted by one', async () => {
    const { model, prompts, expected } = given;
    // Rotations are relative, so a later start changes nothing but the mask: each query sees one key too many.
    expect(difference(await run(model, prompts, 1), expected)).toBeGreaterThan(SEEN);
  });

  it.each(mutations)('sees a fault in its %s', async (_, mutate) => {
    const { model, prompts, expected } = given;
    expect(difference(await run(await mutate(model), prompts), expected)).toBeGreaterThan(SEEN);
  });
});
