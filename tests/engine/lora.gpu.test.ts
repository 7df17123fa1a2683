// Training equals peft and torch on tiny random models: gradients of adapters and of whole models, the loss, 20 steps.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, loraParts, type Adapter } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { LINEARS, linearShape, weightTensors } from '../../src/engine/models/weights.ts';
import { disposeGroup, learningRate } from '../../src/engine/optim.ts';
import { arraysOf } from '../../src/engine/training/batches.ts';
import { trainAdapter, trainTensors, type Trainable } from '../../src/engine/training/plan.ts';
import { recordStep } from '../../src/engine/training/step.ts';
import type { EncodedRow } from '../../src/engine/training/rows.ts';
import type { LoraSettings } from '../../src/records/adapter.ts';
import { testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';
import {
  bucketOf,
  distance,
  flatOf,
  gradientsOf,
  loraGolden,
  matricesIn,
  runMicrobatch,
  storedCases,
  type LoraGolden,
  type Matrices,
  type MicrobatchOptions,
} from './loraGoldens.ts';

const GRADIENT = 1e-3;
const LOSS = 1e-4;

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));
afterAll(() => gpu.destroy());

interface Found {
  loss: number;
  gradients: Matrices;
}

/** What we compute for a golden; each part may be another one, as a fault would make it. */
interface Given extends Partial<Omit<MicrobatchOptions, 'adapter' | 'trainable'>> {
  rows?: readonly EncodedRow[];
  settings?: LoraSettings;
  values?: Float32Array<ArrayBuffer>;
  /** Several microbatches of one step. */
  split?: readonly (readonly EncodedRow[])[];
}

async function compute(model: Llama, golden: LoraGolden, given: Given = {}): Promise<Found> {
  const { rows = golden.rows, settings = golden.settings, values = flatOf(model.config, golden), split } = given;
  const adapter = createAdapter(gpu, model.config, settings, values);
  const trainable = trainAdapter(gpu, adapter);
  let loss = 0;
  for (const part of split ?? [rows])
    loss += (await runMicrobatch(gpu, model, part, { ...given, adapter, trainable })).loss;
  const gradients = await gradientsOf(gpu, adapter, trainable);
  dispose(adapter, trainable);
  return { loss, gradients };
}

function dispose(adapter: Adapter, { groups }: Trainable): void {
  groups.forEach(disposeGroup);
  adapter.flat.slot?.buffer.destroy();
}

/** The largest relative error of any gradient, the names of those that are wrong, and the error of the loss. */
function errors(found: Found, golden: LoraGolden): { gradient: number; loss: number; wrong: string } {
  const all = [...golden.gradients].map(([name, want]): [string, number] => [
    name.replace('base_model.model.model.', ''),
    distance(found.gradients.get(name) ?? [], want),
  ]);
  const wrong = all.filter(([, error]) => !(error < GRADIENT)).map(([name, error]) => `${name} ${error.toFixed(4)}`);
  return {
    gradient: Math.max(...all.map(([, error]) => error)),
    wrong: wrong.join(', '),
    loss: Math.abs(found.loss / golden.loss - 1),
  };
}

const plain = (model: Llama): Llama => {
  const { headDim, ropeTheta } = model.config;
  const values = Float32Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  return { ...model, weights: { ...model.weights, frequencies: gpu.tensor('plain', [headDim / 2], 'f32', values) } };
};

/** Every A read as if it were stored [in, rank], as B is. */
function exchanged(model: Llama, golden: LoraGolden): Float32Array<ArrayBuffer> {
  const flat = flatOf(model.config, golden);
  const { parts } = loraParts(model.config, golden.settings);
  for (const { name, shape, offset } of parts.filter((part) => part.name.includes('lora_A'))) {
    const [rank, inner] = shape;
    const values = golden.values.get(name) ?? [];
    for (let r = 0; r < rank; r++)
      for (let i = 0; i < inner; i++) flat[offset + r * inner + i] = values[i * rank + r] ?? Number.NaN;
  }
  return flat;
}

const moved = (mask: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(mask, (_, i) => (i > 0 ? (mask[i - 1] ?? 0) : 0));

type Fault = [what: string, make: (model: Llama, golden: LoraGolden) => { model?: Llama; given?: Given }];

const FAULTS: Fault[] = [
  ['a mask shifted by one', (_, { rows }) => ({ given: { rows: rows.map((r) => ({ ...r, mask: moved(r.mask) })) } })],
  [
    'loss on prompts, too',
    (_, { rows }) => ({ given: { rows: rows.map((r) => ({ ...r, mask: r.mask.map(() => 1) })) } }),
  ],
  [
    'targets that are not shifted',
    () => ({
      given: {
        change: ({ ids, index, targets, valid }) => targets.set(index.subarray(0, valid).map((at) => ids[at] ?? 0)),
      },
    }),
  ],
  ['another scale', (_, { settings }) => ({ given: { settings: { ...settings, rsLora: !settings.rsLora } } })],
  ['A stored as B is', (model, golden) => ({ given: { values: exchanged(model, golden) } })],
  ['a mean over each row instead of all tokens', (_, { rows }) => ({ given: { split: rows.map((row) => [row]) } })],
];

describe.each(['llama', 'qwen2', 'qwen3'])('%s', (name) => {
  let model: Llama;
  let golden: LoraGolden;
  beforeAll(async () => {
    [model, golden] = await Promise.all([loadLlama(gpu, filesIn(`tests/goldens/${name}`)), loraGolden(name)]);
  });

  it('gives the loss and every gradient of peft', async () => {
    const found = errors(await compute(model, golden), golden);
    expect(found.loss).toBeLessThan(LOSS);
    expect(found.gradient, found.wrong).toBeLessThan(GRADIENT);
  });

  it('gives them in two microbatches, too', async () => {
    const { rows } = golden;
    const weight = 1 / rows.reduce((sum, row) => sum + row.mask.reduce((a, b) => a + b, 0), 0);
    const found = errors(await compute(model, golden, { split: rows.map((row) => [row]), weight }), golden);
    expect(found.loss).toBeLessThan(LOSS);
    expect(found.gradient, found.wrong).toBeLessThan(GRADIENT);
  });

  it.each(FAULTS)('sees %s', async (_, make) => {
    const { model: other = model, given = {} } = make(model, golden);
    const found = errors(await compute(other, golden, given), golden);
    expect(Math.max(found.loss / LOSS, found.gradient / GRADIENT)).toBeGreaterThan(100);
  });

  it('gives the same bits with every layer recomputed, and again', async () => {
    const kept = await compute(model, golden);
    expect(await compute(model, golden, { recompute: model.config.layers })).toEqual(kept);
    expect(await compute(model, golden, { recompute: 1 })).toEqual(kept);
    expect(await compute(model, golden)).toEqual(kept);
  });

  it('follows the losses of torch over 20 steps of AdamW with warm-up, decay and clip', async () => {
    const { optimizer } = await storedCases();
    const adapter = createAdapter(gpu, model.config, golden.settings, flatOf(model.config, golden));
    const trainable = trainAdapter(gpu, adapter);
    const bucket = bucketOf(golden.rows);
    const microbatch = { bucket, ...arraysOf(golden.rows, { bucket, members: [0, 1] }) };
    const step = await recordStep(gpu, model, { adapter, trainable, train: [bucket], evaluate: [] });
    const steps = golden.losses.length;
    for (let n = 1; n <= steps; n++) {
      const lr = learningRate(optimizer, n, steps);
      step.submit([microbatch], { ...optimizer, lr, step: n, seed: 0 });
      const metrics = await step.read();
      expect(Math.abs(metrics.loss / (golden.losses[n - 1] ?? NaN) - 1), `loss of step ${n}`).toBeLessThan(LOSS);
      expect(Math.abs(metrics.norm / (golden.norms[n - 1] ?? NaN) - 1), `norm of step ${n}`).toBeLessThan(GRADIENT);
      expect(metrics).toMatchObject({ step: n, skipped: false, tokens: microbatch.valid });
    }
    step.dispose();
    dispose(adapter, trainable);
  });

  /** Of the products of one microbatch: forward and dX of every linear and of the head, and what the adapter adds. */
  function flopsOfProducts({ rank, targets }: LoraSettings): number {
    const { batch, time, rows } = bucketOf(golden.rows);
    const { layers, hiddenSize, vocabSize } = model.config;
    let perToken = 0;
    for (let layer = 0; layer < layers; layer++)
      for (const name of LINEARS) {
        const { in: inner, out } = linearShape(model.config, name);
        // The input of the first layer is not wanted: its q, k and v have no dX.
        const lowest = layer === 0 && ['q_proj', 'k_proj', 'v_proj'].includes(name);
        perToken += inner * out * (lowest ? 1 : 2);
        if (targets.includes(name)) perToken += rank * (3 * (inner + out) - (lowest ? inner : 0));
      }
    return 2 * (batch * time * perToken + rows * 2 * hiddenSize * vocabSize);
  }

  it('computes no gradient of the base, and no product that nobody asked for', async () => {
    const adapter = createAdapter(gpu, model.config, golden.settings, flatOf(model.config, golden));
    const matrices = new Set(
      weightTensors(model.weights)
        .filter((t) => t.shape.length === 2)
        .map((t) => t.shape.join()),
    );
    /** Tensors of the shape of a weight that the program writes. */
    const gradients = async (trainable: Trainable): Promise<{ found: number; products: number }> => {
      const { written, products } = await runMicrobatch(gpu, model, golden.rows, { adapter, trainable });
      trainable.groups.forEach(disposeGroup);
      return { found: written.filter((t) => matrices.has(t.shape.join())).length, products };
    };
    const lora = await gradients(trainAdapter(gpu, adapter));
    const full = await gradients(
      trainTensors(
        gpu,
        weightTensors(model.weights).filter((t) => t.label !== 'frequencies'),
      ),
    );
    expect(lora.found).toBe(0);
    expect(full.found).toBeGreaterThanOrEqual(7 * model.config.layers);
    expect(lora.products).toBe(flopsOfProducts(golden.settings));
    adapter.flat.slot?.buffer.destroy();
  });
});

it('llama sees the scaling of its rotations left out', async () => {
  const golden = await loraGolden('llama');
  const model = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  const found = errors(await compute(plain(model), golden), golden);
  expect(Math.max(found.loss / LOSS, found.gradient / GRADIENT)).toBeGreaterThan(100);
});

describe.each(['llama', 'qwen3'])('all weights of %s', (name) => {
  it('get the gradients of torch', async () => {
    const model = await loadLlama(gpu, filesIn(`tests/goldens/${name}`));
    const golden = await loraGolden(name);
    const expected = await matricesIn(`${name}-full.safetensors`);
    const tensors = weightTensors(model.weights).filter((t) => t.label !== 'frequencies');
    expect(tensors.map((t) => t.label).sort()).toEqual([...expected.keys()].sort());
    const trainable = trainTensors(gpu, tensors);
    const { loss } = await runMicrobatch(gpu, model, golden.rows, { adapter: null, trainable });
    expect(Math.abs(loss / (golden.fullLoss ?? NaN) - 1)).toBeLessThan(LOSS);
    for (const { value, gradient } of trainable.groups)
      expect(distance(await gpu.read(gradient), expected.get(value.label) ?? []), value.label).toBeLessThan(GRADIENT);
    trainable.groups.forEach(disposeGroup);
  });
});
