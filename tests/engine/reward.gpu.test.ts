// Training of reward models equals transformers, peft and torch on a tiny random model; it goes on to the same bits, tells
// what is due once, and leaves nothing behind. Scores stand beside the rows that they belong to.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, initialLora, loraParts } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { Scorer, type ScorePace } from '../../src/engine/score.ts';
import type { EncodedPair, PreparedPairs } from '../../src/engine/training/pairs.ts';
import { trainReward, type RewardInputs } from '../../src/engine/training/reward.ts';
import type { TrainerEvent, TrainerState } from '../../src/engine/training/state.ts';
import type { LoraSettings } from '../../src/records/adapter.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { loraOf, type Schedule } from '../../src/records/config.ts';
import { defaultReward, type RewardConfig } from '../../src/records/rewardConfig.ts';
import type { MetricName, RunPlan } from '../../src/records/run.ts';
import { testGpu } from '../gpu.ts';
import { noise, worst } from '../ops/run.ts';
import { countCalls } from './calls.ts';
import { filesIn, json } from './files.ts';
import { distance, matricesIn } from './loraGoldens.ts';

const FOLDER = 'tests/goldens/reward';
const HEAD = 'base_model.model.score.weight';
const TOLERANCE = 1e-4;

interface StoredCase {
  lora: { r: number; lora_alpha: number; use_rslora: boolean; target_modules: LoraSettings['targets'] };
  centering: number;
  optimizer: Pick<RewardConfig, 'learningRate' | 'headRate' | 'warmup' | 'clip' | 'weightDecay'> & {
    schedule: Schedule;
  };
  pairs: Omit<EncodedPair, 'id'>[];
  scores: number[];
  losses: number[];
  accuracies: number[];
  margins: number[];
  norms: number[];
}

let gpu: Gpu;
let model: Llama;
let stored: StoredCase;
let matrices: Map<string, Float32Array<ArrayBuffer>>;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  model = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  stored = await json(`${FOLDER}/case.json`);
  matrices = await matricesIn('llama.safetensors', FOLDER);
});
afterAll(() => gpu.destroy());

const preparedOf = (train: readonly EncodedPair[], test: readonly EncodedPair[] = []): PreparedPairs => ({
  train,
  test,
  data: { train: train.length, test: test.length, truncated: 0, dropped: 0, hash: '' },
});

interface Told {
  step: number;
  values: Partial<Record<MetricName, number>>;
}

async function run(
  inputs: Omit<RewardInputs, 'gpu' | 'model'>,
  watch: (event: TrainerEvent) => void = () => undefined,
) {
  const told: Told[] = [];
  const states: TrainerState[] = [];
  const trainer = trainReward({ gpu, model, ...inputs });
  for (;;) {
    const next = await trainer.next();
    if (next.done) return { told, states, state: next.value };
    if (next.value.kind === 'metrics') told.push(next.value);
    if (next.value.kind === 'checkpoint') states.push(next.value.state);
    watch(next.value);
  }
}

const values = (told: readonly Told[], name: MetricName): number[] => told.flatMap(({ values: v }) => v[name] ?? []);

/** Everything that a Scorer gives. */
async function scored(scorer: Scorer, rows: readonly (readonly number[])[], pace?: ScorePace) {
  const work = scorer.score(rows, pace);
  const shares: number[] = [];
  for (;;) {
    const { done, value } = await work.next();
    if (done) return { scores: value, shares };
    shares.push(value);
  }
}

const cutEnds = ({ chosen, rejected, ...pair }: EncodedPair): EncodedPair => ({
  ...pair,
  chosen: chosen.slice(0, -1),
  rejected: rejected.slice(0, -1),
});

describe('equals LlamaForSequenceClassification, peft and torch', () => {
  const settings = (): LoraSettings => {
    const { r: rank, lora_alpha: alpha, use_rslora: rsLora, target_modules: targets } = stored.lora;
    return { rank, alpha, rsLora, targets, dropout: 0 };
  };
  const pairs = (): EncodedPair[] => stored.pairs.map((pair, i) => ({ ...pair, id: `${i}` }));
  const config = (): RewardConfig => ({
    ...defaultReward(NANO),
    ...settings(),
    ...stored.optimizer,
    ...{ centering: stored.centering, batch: stored.pairs.length, steps: stored.losses.length, checkpointEvery: 1 },
  });
  /** The matrices of the adapter where it wants them. */
  const flat = (kind: string): Float32Array<ArrayBuffer> => {
    const { parts, length } = loraParts(model.config, settings());
    const all = new Float32Array(length);
    for (const { name, offset } of parts) all.set(matrices.get(`${kind} ${name}`) ?? [Number.NaN], offset);
    return all;
  };
  const of = (kind: string, name: string): Float32Array<ArrayBuffer> =>
    matrices.get(`${kind} ${name}`) ?? Float32Array.of(Number.NaN);
  const start = (): TrainerState => {
    const [adapter, head] = [flat('value'), of('value', HEAD)];
    const zeros = (like: Float32Array): Float32Array<ArrayBuffer> => new Float32Array(like.length);
    const tensors = { adapter, m: zeros(adapter), v: zeros(adapter), head, headM: zeros(head), headV: zeros(head) };
    return { step: 0, tensors, facts: { evaluated: true } };
  };
  const train = (change: Partial<RewardConfig> = {}, of: (pair: EncodedPair) => EncodedPair = (pair) => pair) =>
    run({ config: { ...config(), ...change }, rows: preparedOf(pairs().map(of)), resume: start() });

  it('scores, of each row alone and of all in a batch', async () => {
    const adapter = createAdapter(gpu, model.config, settings(), flat('value'));
    const head = gpu.tensor('head', [1, model.config.hiddenSize], 'f32', of('value', HEAD));
    const scorer = new Scorer(gpu, model, adapter, head);
    const rows = [...pairs().map(({ chosen }) => chosen), ...pairs().map(({ rejected }) => rejected)];
    const { scores } = await scored(scorer, rows);
    expect(worst(scores ?? [], stored.scores).error).toBeLessThan(TOLERANCE);
    for (const [i, row] of rows.entries())
      expect(
        Math.abs(((await scored(scorer, [row])).scores?.[0] ?? Number.NaN) - (stored.scores[i] as number)),
      ).toBeLessThan(TOLERANCE);
    // The fault that the references differ by: the token before the end.
    const before = await scored(
      scorer,
      rows.map((row) => row.slice(0, -1)),
    );
    expect(worst(before.scores ?? [], stored.scores).error).toBeGreaterThan(100 * TOLERANCE);
    scorer.dispose();
    for (const t of [adapter.flat, head]) t.slot?.buffer.destroy();
  });

  it('losses, accuracies, margins and norms of all steps, and what they end with', async () => {
    const { told, state } = await train();
    expect(worst(values(told, 'train/loss'), stored.losses).error).toBeLessThan(TOLERANCE);
    expect(worst(values(told, 'train/margin'), stored.margins).error).toBeLessThan(TOLERANCE);
    expect(worst(values(told, 'train/accuracy'), stored.accuracies).error).toBeLessThan(1e-6);
    expect(worst(values(told, 'grad_norm'), stored.norms).error).toBeLessThan(10 * TOLERANCE);
    expect(distance(state.tensors.adapter ?? [], flat('end'))).toBeLessThan(TOLERANCE);
    expect(distance(state.tensors.head ?? [], of('end', HEAD))).toBeLessThan(TOLERANCE);
  });

  it('gradients of the adapter and of the head: those of the first step are ten times its m', async () => {
    const { states } = await train({ clip: 0 });
    const { m, headM } = states.find(({ step }) => step === 1)?.tensors ?? {};
    const tenfold = (x: Float32Array | undefined): Float32Array => (x ?? new Float32Array()).map((g) => 10 * g);
    expect(distance(tenfold(m), flat('gradient'))).toBeLessThan(TOLERANCE);
    expect(distance(tenfold(headM), of('gradient', HEAD))).toBeLessThan(TOLERANCE);
  });

  it.each([
    ['the token before the end is scored', {}, cutEnds],
    ['margins are ignored', {}, (pair: EncodedPair) => ({ ...pair, margin: 0 })],
    ['nothing is centred', { centering: 0 }, undefined],
    [
      'sides are swapped',
      {},
      ({ chosen, rejected, ...pair }: EncodedPair) => ({ ...pair, chosen: rejected, rejected: chosen }),
    ],
    ['the head has no rate of its own', { headRate: 1 }, undefined],
    ['each part is clipped by another norm', { clip: 0 }, undefined],
  ] as const)('a fault shows: %s', async (_, change, of) => {
    const { told, state } = await train(change, of);
    const error = worst(values(told, 'train/loss'), stored.losses).error;
    const ends = distance(state.tensors.head ?? [], matrices.get(`end ${HEAD}`) ?? []);
    expect(Math.max(error, ends)).toBeGreaterThan(100 * TOLERANCE);
  });
});

describe('a run', () => {
  /** Two lengths; the last batch of an epoch is short. */
  const row = (n: number, seed: number): number[] => [
    ...Array.from(noise(n, seed), (x) => 3 + Math.floor(47 * (x + 1))),
    1,
  ];
  const pair = (i: number): EncodedPair => ({
    id: `${i}`,
    chosen: row(i % 2 ? 6 : 20, i),
    rejected: row(i % 3 ? 8 : 17, 100 + i),
    margin: 0,
  });
  const rows = preparedOf(
    Array.from({ length: 7 }, (_, i) => pair(i)),
    [pair(50), pair(51), pair(52)],
  );
  const CONFIG: RewardConfig = {
    ...defaultReward(NANO),
    ...{ rank: 4, learningRate: 0.01, batch: 2, steps: 6, dropout: 0.2, evalEvery: 2, checkpointEvery: 1, seed: 3 },
  };

  it('tells the test pairs before the first step, as often as is wanted, and at the end; scores begin at zero', async () => {
    const { told, state } = await run({ config: CONFIG, rows, resume: null });
    expect(told.filter(({ values: v }) => 'test/loss' in v).map(({ step }) => step)).toEqual([0, 2, 4, 6]);
    const first = told[0]?.values;
    expect(first?.['test/loss']).toBeCloseTo(Math.LN2, 6);
    expect(first).toMatchObject({ 'test/accuracy': 0.5, 'test/margin': 0, 'test/mean_score': 0 });
    expect(told.filter(({ values: v }) => 'train/loss' in v).map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(state).toMatchObject({ step: 6, facts: { evaluated: true } });
    expect(Object.keys(state.tensors)).toEqual(['adapter', 'm', 'v', 'head', 'headM', 'headV']);
    expect(state.tensors.head?.some((x) => x !== 0)).toBe(true);
  });

  it('what it tells of the test pairs is what a Scorer gives them: nothing is dropped there', async () => {
    const { told, state } = await run({ config: CONFIG, rows, resume: null });
    const adapter = createAdapter(
      gpu,
      model.config,
      loraOf(CONFIG),
      state.tensors.adapter as Float32Array<ArrayBuffer>,
    );
    const head = gpu.tensor('head', [1, model.config.hiddenSize], 'f32', state.tensors.head);
    const scorer = new Scorer(gpu, model, adapter, head);
    const { scores } = await scored(
      scorer,
      rows.test.flatMap(({ chosen, rejected }) => [chosen, rejected]),
    );
    const margins = rows.test.map((_, i) => (scores?.[2 * i] ?? Number.NaN) - (scores?.[2 * i + 1] ?? Number.NaN));
    const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
    expect(told.at(-1)?.values['test/margin']).toBeCloseTo(mean(margins), 5);
    expect(told.at(-1)?.values['test/accuracy']).toBeCloseTo(mean(margins.map((d) => Number(d > 0))), 5);
    expect(told.at(-1)?.values['test/mean_score']).toBeCloseTo(mean(scores ?? []), 5);
    scorer.dispose();
    for (const t of [adapter.flat, head]) t.slot?.buffer.destroy();
  });

  it('goes on from any checkpoint to the same bits, and tells nothing twice', async () => {
    const whole = await run({ config: CONFIG, rows, resume: null });
    expect(whole.states.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    for (const resume of [whole.states[1], whole.states[2]]) {
      const rest = await run({ config: CONFIG, rows, resume: resume ?? null });
      expect(rest.state).toEqual(whole.state);
      expect(rest.told.map(({ step }) => step)).toEqual(
        whole.told.flatMap(({ step }) => (step > (resume?.step ?? 0) ? [step] : [])),
      );
    }
    const otherSeed = await run({ config: { ...CONFIG, seed: 4 }, rows, resume: whole.states[1] ?? null });
    expect(otherSeed.state.tensors.adapter).not.toEqual(whole.state.tensors.adapter);
  });

  it('that is ended while it looks at the test pairs looks again when it goes on, to the same bits', async () => {
    const whole = await run({ config: CONFIG, rows, resume: null });
    const abort = new AbortController();
    let looks = 0;
    const part = await run({ config: CONFIG, rows, resume: null, signal: abort.signal }, (event) => {
      if (event.kind === 'doing' && event.share === 0 && ++looks === 2) abort.abort();
    });
    expect(part.state).toMatchObject({ step: 2, facts: { evaluated: false } });
    const rest = await run({ config: CONFIG, rows, resume: part.state });
    expect(rest.state).toEqual(whole.state);
    expect(rest.told[0]).toMatchObject({
      step: 2,
      values: {
        'test/loss': whole.told.find(({ step, values: v }) => step === 2 && 'test/loss' in v)?.values['test/loss'],
      },
    });
  });

  it('drops inputs of the adapter where dropout says so, the same ones every time', async () => {
    const once = { ...CONFIG, steps: 4, evalEvery: 0 };
    const [with1, with2] = [
      await run({ config: once, rows, resume: null }),
      await run({ config: once, rows, resume: null }),
    ];
    const without = await run({ config: { ...once, dropout: 0 }, rows, resume: null });
    expect(with1.state).toEqual(with2.state);
    expect(with1.state.tensors.adapter).not.toEqual(without.state.tensors.adapter);
  });

  it('that cannot begin, or is ended, leaves nothing on the GPU', async () => {
    const calls = countCalls(gpu.device);
    await expect(run({ config: { ...CONFIG, memoryBudget: 0.01 }, rows, resume: null })).rejects.toThrow(/^memory/);
    const short = { step: 1, facts: {}, tensors: { adapter: new Float32Array(4) } };
    await expect(run({ config: CONFIG, rows, resume: short })).rejects.toThrow(/^adapter/);
    await run({ config: CONFIG, rows, resume: null });
    const trainer = trainReward({ gpu, model, config: CONFIG, rows, resume: null });
    for (let i = 0; i < 5; i++) await trainer.next();
    await trainer.return({ step: 0, tensors: {}, facts: {} });
    calls.restore();
    expect(calls.alive()).toBe(0);
  });

  it('in less memory takes smaller microbatches, then computes layers again, to the same losses', async () => {
    const plans: RunPlan[] = [];
    const within = (bytes: number) =>
      run({ config: { ...CONFIG, dropout: 0, memoryBudget: bytes / 2 ** 20 }, rows, resume: null }, (event) => {
        if (event.kind === 'prepared') plans.push(event.plan);
      });
    const whole = await within(Infinity);
    for (const recomputes of [false, true]) {
      const before = plans.at(-1);
      const less = await within((before?.bytes ?? 0) - 1);
      expect(plans.at(-1)?.bytes).toBeLessThan(before?.bytes ?? 0);
      expect((plans.at(-1)?.recomputedLayers ?? 0) > 0).toBe(recomputes);
      for (const name of ['train/loss', 'train/margin', 'test/loss', 'test/mean_score'] as const)
        expect(worst(values(less.told, name), values(whole.told, name)).error).toBeLessThan(1e-5);
    }
  });
});

describe('a Scorer', () => {
  const settings: LoraSettings = { rank: 2, alpha: 4, rsLora: false, dropout: 0, targets: ['q_proj'] };
  const rows = Array.from({ length: 21 }, (_, i) =>
    Array.from(noise(1 + ((i * 7) % 40), i), (x) => 3 + Math.floor(47 * (x + 1))),
  );
  const open = () => {
    const adapter = createAdapter(gpu, model.config, settings, initialLora(model.config, settings, 1));
    const head = gpu.tensor('head', [1, model.config.hiddenSize], 'f32', noise(model.config.hiddenSize, 5));
    const scorer = new Scorer(gpu, model, adapter, head);
    return {
      scorer,
      dispose: () => {
        scorer.dispose();
        for (const t of [adapter.flat, head]) t.slot?.buffer.destroy();
      },
    };
  };

  it('gives every row what it gets alone, in their order', async () => {
    const calls = countCalls(gpu.device);
    const { scorer, dispose } = open();
    const alone: number[] = [];
    for (const row of rows) alone.push((await scored(scorer, [row])).scores?.[0] ?? Number.NaN);
    const { scores, shares } = await scored(scorer, rows);
    expect(worst(scores ?? [], alone).error).toBeLessThan(1e-5);
    expect(shares.at(-1)).toBe(1);
    expect(new Set(alone).size).toBe(rows.length);
    expect((await scored(scorer, [])).scores).toEqual([]);
    dispose();
    calls.restore();
    expect(calls.alive()).toBe(0);
  });

  it('takes fewer rows at once where the device cannot bind as many, and gives the same', async () => {
    const { scorer, dispose } = open();
    const wide = await scored(scorer, rows);
    dispose();
    const own = gpu.device.limits;
    const small = 4 * 48 * 4 * model.config.heads * model.config.headDim; // holds four rows of 48 tokens
    const limits = new Proxy(own, {
      get: (_, name) => (name === 'maxStorageBufferBindingSize' ? small : Reflect.get(own, name, own)),
    });
    Object.defineProperty(gpu.device, 'limits', { value: limits, configurable: true });
    try {
      const tight = open();
      const { scores, shares } = await scored(tight.scorer, rows);
      tight.dispose();
      expect(shares.length).toBeGreaterThan(wide.shares.length);
      expect(worst(scores ?? [], wide.scores ?? []).error).toBeLessThan(1e-5);
    } finally {
      Object.defineProperty(gpu.device, 'limits', { value: own, configurable: true });
    }
  });

  it('keeps the memory of its largest batch alone, whatever comes after', async () => {
    const calls = countCalls(gpu.device);
    const { scorer, dispose } = open();
    const first = await scored(scorer, rows);
    const before = calls.alive();
    const one = await scored(scorer, rows.slice(0, 1)); // another size
    expect(calls.alive() - before).toBe(4); // ids, starts, last tokens and the numbers of its dispatches
    expect(one.scores?.[0]).toBeCloseTo(first.scores?.[0] ?? Number.NaN, 5);
    for (const n of [1, 2, 3, 5, 9, 17, 21]) await scored(scorer, rows.slice(0, n)); // more sizes than are kept
    expect((await scored(scorer, rows)).scores).toEqual(first.scores);
    dispose();
    calls.restore();
    expect(calls.alive()).toBe(0);
  });

  it('gives null when it is ended, and refuses in words what no model can read', async () => {
    const { scorer, dispose } = open();
    expect((await scored(scorer, rows, { signal: AbortSignal.abort() })).scores).toBeNull();
    await expect(scored(scorer, [[5], []])).rejects.toThrow('scorer: a row must have 1…64 tokens, got 0 in row 2.');
    expect(() => new Scorer(gpu, model, null, gpu.tensor('head', [1, 4]))).toThrow('scorer: the head must be [1, 28]');
    dispose();
  });
});
