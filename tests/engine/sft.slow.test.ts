// The demo model learns the relation of the shipped rows in 60 steps, half of those of its Python recipe: answers word for word.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { calibrate } from '../../src/engine/gpu/calibrate.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { prepareRows } from '../../src/engine/training/prepare.ts';
import { trainSft } from '../../src/engine/training/sft.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft, type SftConfig } from '../../src/records/config.ts';
import { validateRow, type DemonstrationRow } from '../../src/records/demonstration.ts';
import { projectFile, testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

const STEPS = 60;
const CONFIG: SftConfig = {
  ...defaultSft(NANO),
  ...{ rank: 8, alpha: 16, learningRate: 4e-3, batch: 8, steps: STEPS, warmup: 10 / STEPS, schedule: 'linear' },
  ...{ clip: 0, weightDecay: 0, exactMatch: true, evalEvery: 60, sampleEvery: 0, checkpointEvery: 1000, seed: 1 },
};

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const files = filesIn('public/models/nano');
  [model, tokenizer] = await Promise.all([loadLlama(gpu, files), Tokenizer.load(files)]);
  await calibrate(gpu);
});
afterAll(() => gpu.destroy());

async function rows(file: string): Promise<DemonstrationRow[]> {
  const bytes = await projectFile(`datasets/${file}`);
  if (!bytes) throw new Error(`datasets/${file}: the file must be there, got none. Restore it from version control.`);
  return new TextDecoder()
    .decode(bytes)
    .trim()
    .split('\n')
    .map((line) => validateRow(JSON.parse(line)));
}

it('60 steps on the demo rows: exact match on the unseen test rows at least .85', async () => {
  const given = { train: await rows('train.jsonl'), test: await rows('test.jsonl') };
  const prepared = prepareRows(tokenizer, NANO, given, CONFIG);
  expect(prepared.data).toMatchObject({ train: 200, test: 60, truncated: 0, dropped: 0 });
  const matches: [step: number, share: number][] = [];
  const losses: number[] = [];
  const started = performance.now();
  const trainer = trainSft({ gpu, model, tokenizer, config: CONFIG, rows: prepared, samples: [], resume: null });
  for (let next = await trainer.next(); !next.done; next = await trainer.next()) {
    if (next.value.kind !== 'metrics') continue;
    const { step, values } = next.value;
    if (values['train/loss'] !== undefined) losses.push(values['train/loss']);
    const match = values['test/exact_match'];
    if (match === undefined) continue;
    matches.push([step, match]);
    const seconds = Math.round((performance.now() - started) / 1000);
    console.info(`step ${step}: test loss ${values['test/loss']?.toFixed(3)}, exact match ${match}, ${seconds} s`);
  }
  const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
  console.info(`train loss ${losses[0]?.toFixed(2)} -> ${mean(losses.slice(-10)).toFixed(3)}`);
  expect(matches.map(([step]) => step)).toEqual([0, STEPS]);
  expect(matches[0]?.[1]).toBeLessThanOrEqual(0.1);
  expect(matches[1]?.[1]).toBeGreaterThanOrEqual(0.85);
});
