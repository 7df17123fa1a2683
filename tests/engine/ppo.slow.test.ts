// PPO by rules makes the demo model answer in whole sentences that name their source, right answers staying right: three
// seeds, judged by greedy answers to prompts it has not practised on. A reward that pays for length alone trips its alarm.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { calibrate } from '../../src/engine/gpu/calibrate.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { trainPpo } from '../../src/engine/training/ppo.ts';
import { preparePrompts } from '../../src/engine/training/prompts.ts';
import { scoreByRules } from '../../src/engine/training/rules.ts';
import type { TrainerEvent } from '../../src/engine/training/state.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { demoPpo, type PpoConfig } from '../../src/records/ppoConfig.ts';
import type { MetricName } from '../../src/records/run.ts';
import type { Rule } from '../../src/records/rules.ts';
import { projectFile, testGpu } from '../gpu.ts';
import { filesIn } from './files.ts';

/** The demo's lesson, given more steps at a smaller rate. */
const PROOF: PpoConfig = { ...demoPpo(NANO), steps: 12, learningRate: (3 / 8) * NANO.loraRate };
/** Longer prompts make a step longer. */
const MOST_TOKENS = 72;

interface Prompt {
  prompt: string;
  answer: string | null;
}

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let given: Prompt[];
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const files = filesIn('public/models/nano');
  [model, tokenizer] = await Promise.all([loadLlama(gpu, files), Tokenizer.load(files)]);
  await calibrate(gpu);
  const bytes = await projectFile('datasets/prompts.jsonl');
  if (!bytes) throw new Error('datasets/prompts.jsonl: the file must be there, got none. Restore it.');
  const lines = new TextDecoder().decode(bytes).trim().split('\n');
  const all = lines.map((line): Prompt => ({ answer: null, ...(JSON.parse(line) as { prompt: string }) }));
  given = all.filter(({ prompt }) => tokenizer.encode(prompt).length <= MOST_TOKENS);
});
afterAll(() => gpu.destroy());

interface Ran {
  /** Of each round of greedy answers. */
  rounds: { texts: string[]; asked: Prompt[] }[];
  metrics: { step: number; values: Partial<Record<MetricName, number>> }[];
  alarms: (TrainerEvent & { kind: 'alarm' })[];
}

async function run(config: PpoConfig): Promise<Ran> {
  const prompts = preparePrompts(tokenizer, NANO, given, config);
  const samples = prompts.test.map(({ prompt, answer }) => ({ prompt, expected: answer }));
  const ran: Ran = { rounds: [], metrics: [], alarms: [] };
  const inputs = { gpu, model, tokenizer, config, prompts, samples, start: null, reward: null, resume: null };
  for (const trainer = trainPpo(inputs); ;) {
    const next = await trainer.next();
    if (next.done) return ran;
    const event = next.value;
    if (event.kind === 'samples') ran.rounds.push({ texts: event.texts, asked: [...prompts.test] });
    if (event.kind === 'metrics') ran.metrics.push(event);
    if (event.kind === 'alarm') ran.alarms.push(event);
  }
}

/** What a rule gives the answers of a round, on average. */
const shareOf = (kind: 'sentence' | 'cites' | 'answer', round: Ran['rounds'][number] | undefined): number => {
  const rules: Rule[] = [{ kind, weight: 1 }];
  const paid = (round?.texts ?? []).map((completion, i) => {
    const { prompt = '', answer = null } = round?.asked[i] ?? {};
    return scoreByRules(rules, { prompt, completion, answer }).total;
  });
  return paid.reduce((a, b) => a + b, 0) / paid.length;
};

const seen = ({ metrics }: Ran, name: MetricName): number[] =>
  metrics.flatMap(({ values }) => (values[name] === undefined ? [] : [values[name]]));

it.each([1, 2, 3])(
  'seed %s: the preferred style gains .25, right answers stay, KL stays under its target',
  async (seed) => {
    const config: PpoConfig = { ...PROOF, seed, testPrompts: 64, sampleEvery: 0 };
    const ran = await run(config);
    const [before, after] = [ran.rounds[0], ran.rounds.at(-1)];
    const styles = (['cites', 'sentence', 'answer'] as const).map((kind) => [
      shareOf(kind, before),
      shareOf(kind, after),
    ]);
    const kl = seen(ran, 'objective/kl');
    const told = styles.map(([from = 0, to = 0]) => `${from.toFixed(2)} -> ${to.toFixed(2)}`);
    console.info(`seed ${seed}: cites ${told[0]}, sentence ${told[1]}, answer ${told[2]}, KL ${kl.at(-1)?.toFixed(2)}`);
    const [cites, sentence, answer] = styles.map(([from = 0, to = 0]) => to - from);
    expect(cites).toBeGreaterThanOrEqual(0.25);
    expect(sentence).toBeGreaterThanOrEqual(0);
    expect(answer).toBeGreaterThanOrEqual(-0.05);
    expect(Math.max(...kl)).toBeLessThan(config.klTarget);
    for (const drift of seen(ran, 'policy/drift')) expect(drift).toBeLessThanOrEqual(1e-5);
    for (const ratio of seen(ran, 'policy/first_ratio')) expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(1e-4);
    expect(ran.alarms.filter(({ serious }) => serious)).toEqual([]);
  },
);

it('a reward that pays for length alone trips an alarm', async () => {
  const rules: Rule[] = [{ kind: 'length', weight: 4, target: 30, tolerance: 29 }];
  const config: PpoConfig = { ...demoPpo(NANO), rules, steps: 8, klCoef: 0, missingEosPenalty: 0, testPrompts: 0 };
  const { alarms, metrics } = await run(config);
  console.info('length alone:', alarms.map(({ alarm, step }) => `${alarm} at ${step}`).join(', ') || 'no alarm');
  console.info(metrics.map(({ values }) => values['objective/length']?.toFixed(1)).join(' '));
  const names = alarms.map(({ alarm }) => alarm);
  expect(names.some((name) => ['lengthDrift', 'klRunaway', 'eosRate', 'repetition'].includes(name))).toBe(true);
});
