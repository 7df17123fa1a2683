// What a run tells around its steps: the base's answers, its exact match put off, nothing twice after a pause, nothing left.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { greedyAnswers } from '../../src/engine/training/evaluate.ts';
import type { PreparedRows } from '../../src/engine/training/prepare.ts';
import { trainSft, type SftInputs } from '../../src/engine/training/sft.ts';
import type { TrainerEvent, TrainerState } from '../../src/engine/training/state.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft, type SftConfig } from '../../src/records/config.ts';
import { testGpu } from '../gpu.ts';
import { countCalls } from './calls.ts';
import { filesIn } from './files.ts';

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let rows: PreparedRows;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const tiny = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  // The end token is one that the model draws: its answers end.
  model = { ...tiny, config: { ...tiny.config, eosIds: [20, 30, 40, 50, 60] } };
  tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
  const row = (i: number) => {
    const ids = Array.from({ length: 12 }, (_, t) => 3 + ((7 * i + 3 * t) % 60));
    return { ids, mask: Uint8Array.from(ids, (_, t) => Number(t > 5)), cutTokens: 0 };
  };
  const asked = Array.from({ length: 6 }, (_, i) => ({
    promptIds: Array.from({ length: 3 }, (_, t) => 3 + ((11 * i + 5 * t) % 70)),
    maxNewTokens: 12,
  }));
  const decoder = new Decoder(gpu, model);
  const answers = greedyAnswers(decoder, tokenizer, asked, {});
  let next = await answers.next();
  while (!next.done) next = await answers.next();
  decoder.dispose();
  rows = {
    train: Array.from({ length: 6 }, (_, i) => row(i)),
    test: [row(100), row(101)],
    questions: asked.map(({ promptIds }, i) => ({ promptIds, expected: next.value?.[i] ?? '' })), // the base's own words
    data: { train: 6, test: 2, truncated: 0, dropped: 0, hash: '' },
  };
});
afterAll(() => gpu.destroy());

const CONFIG: SftConfig = {
  ...defaultSft(NANO),
  ...{ rank: 4, learningRate: 0.3, schedule: 'constant', warmup: 0, batch: 2, steps: 4, exactMatch: true },
  ...{ evalEvery: 2, sampleEvery: 0, checkpointEvery: 1 },
};

/** The log of it, as [step, name, value], and each state by its step. */
async function run(more: Partial<SftInputs> = {}, watch: (event: TrainerEvent) => void = () => undefined) {
  const told: [step: number, name: string, value: number][] = [];
  const states: TrainerState[] = [];
  const trainer = trainSft({ gpu, model, tokenizer, config: CONFIG, rows, samples: [], resume: null, ...more });
  for (;;) {
    const next = await trainer.next();
    if (next.done) return { told, states, state: next.value };
    if (next.value.kind === 'metrics')
      for (const [name, value] of Object.entries(next.value.values)) told.push([next.value.step, name, value]);
    if (next.value.kind === 'checkpoint') states.push(next.value.state);
    watch(next.value);
  }
}
const matches = (told: [number, string, number][]) =>
  told.flatMap(([step, name, value]) => (name === 'test/exact_match' ? [[step, value]] : []));

describe('the exact match of the base', () => {
  let calm: Awaited<ReturnType<typeof run>>;
  let ofBase: number;
  beforeAll(async () => {
    calm = await run();
    ofBase = matches(calm.told)[0]?.[1] ?? 0;
  });

  it('is told as that of step 0 once the first steps are done, and is that of the base', async () => {
    const names = calm.told.map(([step, name]) => `${step} ${name}`);
    expect(names[0]).toBe('0 test/loss');
    expect(names.indexOf('0 test/exact_match')).toBeGreaterThan(names.indexOf('1 train/loss'));
    expect(names.indexOf('0 test/exact_match')).toBeLessThan(names.indexOf('2 test/exact_match'));
    expect(matches(calm.told).map(([step]) => step)).toEqual([0, 2, 4]);
    expect(ofBase).toBeGreaterThan(0.1); // of the answers that end
    expect(matches(calm.told)[2]?.[1]).toBeLessThan(ofBase); // who was trained says something else
  });

  it.each([
    ['before it was counted', 1, [0, 2, 4]],
    ['after it was counted', 3, [4]],
  ])('is told once by a run that goes on from a checkpoint %s', async (_, at, steps) => {
    const resume = calm.states.find(({ step }) => step === at) ?? null;
    expect(resume?.facts.matched).toBe(at > 2);
    const { told, state } = await run({ resume });
    expect(matches(told)).toEqual(matches(calm.told).filter(([step]) => steps.includes(step ?? -1)));
    expect(state).toEqual(calm.state);
  });
});

it('a run that is paused after the answers of the base does not give them again', async () => {
  const samples = [{ prompt: 'a', expected: null }];
  const config = { ...CONFIG, steps: 1, exactMatch: false };
  const abort = new AbortController();
  const steps: number[] = [];
  const count = (event: TrainerEvent): void => void (event.kind === 'samples' && steps.push(event.step));
  const { state } = await run({ samples, config, signal: abort.signal }, (event) => {
    count(event);
    if (event.kind === 'samples') abort.abort();
  });
  expect(state).toMatchObject({ step: 0, facts: { sampled: true, evaluated: false } });
  const { told } = await run({ samples, config, resume: state }, count);
  expect(steps).toEqual([0, 1]);
  expect(told[0]?.slice(0, 2)).toEqual([0, 'test/loss']);
});

it('a run that cannot begin leaves nothing on the GPU', async () => {
  const calls = countCalls(gpu.device);
  const short = new Float32Array(4);
  const facts = { sampled: true, evaluated: true, matched: true };
  const resume = { step: 1, facts, tensors: { adapter: short, m: short, v: short } };
  await expect(run({ resume })).rejects.toThrow();
  await expect(run({ config: { ...CONFIG, memoryBudget: 0.01 } })).rejects.toThrow(/^memory/);
  calls.restore();
  expect(calls.alive()).toBe(0);
});
