// Reward models of peft score here as there; ours score in transformers as here, by the lines of their README; TRL's loss of
// the same pairs is ours.
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, initialLora, loraParts } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { encodeScored, Scorer } from '../../src/engine/score.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { preparePairs } from '../../src/engine/training/pairs.ts';
import { trainReward } from '../../src/engine/training/reward.ts';
import { readAdapterWeights, writeAdapterWeights } from '../../src/formats/adapterWeights.ts';
import { CONFIG_FILE, parsePeftConfig, WEIGHTS_FILE } from '../../src/formats/peft.ts';
import { SCORING_FILES, type BaseTexts } from '../../src/formats/scoringFolder.ts';
import type { NewPart } from '../../src/formats/zip.ts';
import type { Adapter, LoraSettings } from '../../src/records/adapter.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultReward, type RewardConfig } from '../../src/records/rewardConfig.ts';
import { peftFolder, scoringFolder } from '../../workers/adapters.ts';
import { filesIn } from '../engine/files.ts';
import { testGpu } from '../gpu.ts';
import { python } from './python.ts';

const BASE = 'public/models/nano';
const LORA: LoraSettings = { rank: 4, alpha: 8, rsLora: true, dropout: 0, targets: ['q_proj', 'o_proj', 'up_proj'] };
const TOLERANCE = 1e-4;
const CENTERING = 0.3;

const PAIRS = [
  { prompt: 'Who leads?', chosen: 'Anna leads.', rejected: 'I cannot tell you who leads it today.', margin: 2 },
  { prompt: 'Where is the office?', chosen: 'In the north of the town.', rejected: 'North.', margin: null },
  { prompt: 'Qui dirige ?', chosen: 'Anna.', rejected: '', margin: 1 },
].map((pair, i) => ({ ...pair, id: `${i}` }));
const TEXTS = PAIRS.flatMap(({ prompt, chosen, rejected }) => [
  { prompt, completion: chosen },
  { prompt, completion: rejected },
]);

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let folder: string;
let values: Float32Array<ArrayBuffer>;
let head: Float32Array<ArrayBuffer>;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  model = await loadLlama(gpu, filesIn(BASE));
  tokenizer = await Tokenizer.load(filesIn(BASE));
  folder = await mkdtemp(join(tmpdir(), 'atelier-reward-'));
  values = initialLora(model.config, LORA, 5).map((x, i) => x || 0.1 * Math.sin(3 * i)); // B, which starts as zero
  head = Float32Array.from({ length: model.config.hiddenSize }, (_, i) => 0.1 * Math.cos(7 * i));
});
afterAll(async () => {
  gpu.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function save(path: string, parts: AsyncIterable<NewPart>): Promise<void> {
  for await (const { path: name, data } of parts) {
    const bytes = data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data;
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), bytes);
  }
}

async function scoresWith(
  rows: readonly (readonly number[])[],
  lora: LoraSettings,
  numbers: Float32Array<ArrayBuffer>,
  heading: Float32Array<ArrayBuffer>,
): Promise<number[]> {
  const adapter = createAdapter(gpu, model.config, lora, numbers);
  const weight = gpu.tensor('head', [1, heading.length], 'f32', heading);
  const scorer = new Scorer(gpu, model, adapter, weight);
  try {
    const scoring = scorer.score(rows);
    for (;;) {
      const next = await scoring.next();
      if (next.done) return next.value ?? [];
    }
  } finally {
    scorer.dispose();
    for (const t of [adapter.flat, weight]) t.slot?.buffer.destroy();
  }
}

/** max |a − b| over the spread of b: a score has no scale of its own. */
function distance(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  const spread = Math.max(...b) - Math.min(...b);
  return Math.max(...b.map((x, i) => Math.abs(x - (a[i] ?? Infinity)))) / spread;
}

const encoded = (): number[][] => TEXTS.map((text) => encodeScored(tokenizer, NANO.joiner, text));

it('theirs: a model that peft saved scores here as there', async () => {
  await writeFile(join(folder, 'rows.json'), JSON.stringify(encoded()));
  const { scores } = python('reward_models.py', 'make', resolve(BASE), folder) as { scores: number[] };
  const { lora, taskType } = parsePeftConfig(await readFile(join(folder, 'theirs', CONFIG_FILE), 'utf8'));
  expect(taskType).toBe('SEQ_CLS');
  const { parts } = loraParts(model.config, lora);
  const found = await readAdapterWeights(createReadStream(join(folder, 'theirs', WEIGHTS_FILE)), {
    ...{ parts, base: 'nano', head: model.config.hiddenSize },
  });
  if (!found.head) throw new Error('no head');
  expect(distance(await scoresWith(encoded(), lora, found.values, found.head), scores)).toBeLessThan(TOLERANCE);
  const without = await scoresWith(encoded(), lora, new Float32Array(found.values.length), found.head);
  expect(distance(without, scores)).toBeGreaterThan(100 * TOLERANCE); // the adapter does something
});

it('ours: the README alone gives our scores, padded too; the end token as padding gives others; TRL has our loss', async () => {
  const { parts } = loraParts(model.config, LORA);
  const adapter: Adapter = {
    ...{
      id: 'a',
      projectId: 'p',
      name: 'Reward',
      taskType: 'SEQ_CLS',
      baseModelId: 'nano',
      baseSha256: '',
      lora: LORA,
    },
    ...{ parameters: 1, bytes: 0, runId: null, createdAt: '2026-01-01T00:00:00Z', version: 1 },
  };
  const files = filesIn(BASE);
  const texts: BaseTexts = Object.fromEntries(
    await Promise.all(SCORING_FILES.map(async (name) => [name, await files.text(name)] as const)),
  );
  const card = { adapter, base: NANO, run: null, metrics: {} };
  const weights = new Blob([writeAdapterWeights(parts, values, {}, head)]);
  await save(join(folder, 'ours'), scoringFolder(card, weights, texts, NANO.joiner));
  const policy = { ...adapter, taskType: 'CAUSAL_LM' as const, name: 'nano-rlhf' };
  await save(
    join(folder, 'policy'),
    peftFolder({ ...card, adapter: policy }, new Blob([writeAdapterWeights(parts, values)])),
  );

  const config: RewardConfig = {
    ...defaultReward(NANO),
    ...LORA,
    ...{ batch: 3, steps: 1, centering: CENTERING, useMargin: true },
  };
  const rows = preparePairs(tokenizer, NANO, { train: PAIRS, test: PAIRS }, config);
  await writeFile(join(folder, 'texts.json'), JSON.stringify(TEXTS));
  await writeFile(join(folder, 'pairs.json'), JSON.stringify({ centering: CENTERING, pairs: rows.test }));
  const there = python('reward_models.py', 'load', resolve(BASE), folder) as {
    readme: number[];
    padded: number[];
    withEnd: number[];
    padId: number;
    loss: number;
    adapters: unknown[];
  };
  const here = await scoresWith(encoded(), LORA, values, head);
  expect(distance(here, there.readme)).toBeLessThan(TOLERANCE);
  expect(distance(here, there.padded)).toBeLessThan(TOLERANCE);
  expect(distance(here, there.withEnd)).toBeGreaterThan(100 * TOLERANCE);
  expect(there.padId).toBe(2);
  expect(there.adapters).toEqual([4, 'CAUSAL_LM']);

  const tensors = { adapter: values, head, m: zeros(values), v: zeros(values), headM: zeros(head), headV: zeros(head) };
  const trainer = trainReward({ gpu, model, config, rows, resume: { step: 0, tensors, facts: { evaluated: false } } });
  let loss = Number.NaN;
  for await (const event of trainer) {
    if (event.kind !== 'metrics') continue;
    loss = event.values['test/loss'] ?? Number.NaN;
    break;
  }
  expect(Math.abs(loss - there.loss)).toBeLessThan(TOLERANCE * there.loss);
});

const zeros = (of: Float32Array): Float32Array<ArrayBuffer> => new Float32Array(of.length);
