// A reward model on the demo model and the shipped preferences tells chosen from rejected on questions that it has not seen,
// where length gives nothing away.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { calibrate } from '../../src/engine/gpu/calibrate.ts';
import { createAdapter } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { Scorer } from '../../src/engine/score.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { preparePairs, type PairRow } from '../../src/engine/training/pairs.ts';
import { trainReward } from '../../src/engine/training/reward.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { loraOf } from '../../src/records/config.ts';
import { drawing } from '../../src/records/draw.ts';
import { defaultReward, type RewardConfig } from '../../src/records/rewardConfig.ts';
import { projectFile, testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

/** The default but for the length of the pairs that are trained on: those of more tokens cost most and teach the same. */
const CONFIG: RewardConfig = {
  ...defaultReward(NANO),
  maxLength: 96,
  steps: 240, // 120 leave it at .84
  evalEvery: 240,
  checkpointEvery: 1000,
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

async function preferences(): Promise<PairRow[]> {
  const bytes = await projectFile('datasets/dataset_rlhf.jsonl');
  if (!bytes) throw new Error('datasets/dataset_rlhf.jsonl: the file must be there, got none. Restore it.');
  const lines = new TextDecoder().decode(bytes).trim().split('\n');
  return lines.map((line, i) => ({
    ...(JSON.parse(line) as Omit<PairRow, 'id' | 'margin'>),
    id: `${i}`,
    margin: null,
  }));
}

it('accuracy on unseen pairs of one length at least .85, from half', async () => {
  const pairs = await preferences();
  const draw = drawing(CONFIG.seed);
  const side = (test: boolean): PairRow[] => pairs.filter(({ prompt }) => draw(prompt) < CONFIG.testShare === test);
  const [given, unseen] = [side(false), side(true)];
  const rows = preparePairs(tokenizer, NANO, { train: given, test: unseen }, CONFIG);
  const started = performance.now();
  let before = Number.NaN;
  const trainer = trainReward({ gpu, model, config: CONFIG, rows, resume: null });
  let next = await trainer.next();
  for (; !next.done; next = await trainer.next()) {
    if (next.value.kind !== 'metrics') continue;
    const { step, values } = next.value;
    const accuracy = values['test/accuracy'];
    if (accuracy === undefined) continue;
    if (step === 0) before = accuracy;
    const seconds = Math.round((performance.now() - started) / 1000);
    console.info(
      `step ${step}: test accuracy ${accuracy.toFixed(3)}, loss ${values['test/loss']?.toFixed(3)}, ${seconds} s`,
    );
  }
  const { adapter: values, head: kept } = next.value.tensors;
  expect(before).toBe(0.5);

  // All unseen pairs whose answers are about as long, longer prompts included.
  const tokens = (text: string): number => tokenizer.encode(text).length;
  const matched = unseen.filter(({ chosen, rejected }) => {
    const [a, b] = [tokens(chosen), tokens(rejected)];
    return Math.abs(a - b) <= Math.max(2, 0.1 * Math.max(a, b));
  });
  expect(matched.length).toBeGreaterThanOrEqual(100);
  const whole = preparePairs(tokenizer, NANO, { train: matched, test: [] }, defaultReward(NANO)).train;
  expect(whole).toHaveLength(matched.length);
  const adapter = createAdapter(gpu, model.config, loraOf(CONFIG), values as Float32Array<ArrayBuffer>);
  const head = gpu.tensor('head', [1, model.config.hiddenSize], 'f32', kept);
  const scorer = new Scorer(gpu, model, adapter, head);
  const work = scorer.score(whole.flatMap(({ chosen, rejected }) => [chosen, rejected]));
  let share = await work.next();
  while (!share.done) share = await work.next();
  const scores = share.value ?? [];
  const right = whole.filter((_, i) => (scores[2 * i] as number) > (scores[2 * i + 1] as number)).length;
  console.info(`${right} of ${whole.length} matched pairs right, trained on ${rows.train.length}`);
  expect(right / whole.length).toBeGreaterThanOrEqual(0.85);
  scorer.dispose();
});
