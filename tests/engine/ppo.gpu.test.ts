// PPO on a tiny random model: what the kernels of drawing and training agree on, what an update reaches, and that a run that
// is paused gives the same bits.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { initialLora } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { uniforms } from '../../src/engine/random.ts';
import { Scorer } from '../../src/engine/score.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { MemoryError } from '../../src/engine/training/passes.ts';
import { trainPpo, type PpoInputs } from '../../src/engine/training/ppo.ts';
import { PpoPlan } from '../../src/engine/training/ppoPasses.ts';
import { Roles, type RewardModel, type StartAdapter } from '../../src/engine/training/ppoRoles.ts';
import type { Size } from '../../src/engine/training/ppoSizes.ts';
import { PpoStep, type Practice, type UpdateMetrics } from '../../src/engine/training/ppoStep.ts';
import type { PreparedPrompts } from '../../src/engine/training/prompts.ts';
import { Roller } from '../../src/engine/training/rollout.ts';
import type { TrainerEvent, TrainerState } from '../../src/engine/training/state.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { loraOf } from '../../src/records/config.ts';
import { defaultPpo, type PpoConfig } from '../../src/records/ppoConfig.ts';
import type { MetricName } from '../../src/records/run.ts';
import { testGpu } from '../gpu.ts';
import { countCalls } from './calls.ts';
import { filesIn } from './files.ts';

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
let start: StartAdapter;
let reward: RewardModel;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  const tiny = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  // End tokens that the model draws: some answers end, some do not.
  model = { ...tiny, config: { ...tiny.config, eosIds: [20, 30, 40, 50, 60] } };
  tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
  const settings = loraOf({ ...CONFIG, dropout: 0 });
  const { length } = initialLora(model.config, settings, 1);
  const drawn = (seed: number, n: number, size: number) => uniforms(seed, 0, n).map((u) => size * (u - 0.5));
  start = { settings, values: drawn(1, length, 0.3) };
  reward = { settings, values: drawn(2, length, 0.3), head: drawn(3, model.config.hiddenSize, 1) };
});
afterAll(() => gpu.destroy());

const CONFIG: PpoConfig = {
  ...defaultPpo(NANO),
  ...{ rank: 4, learningRate: 0.01, schedule: 'constant', steps: 3, batch: 8, samplesPerPrompt: 2, maxNewTokens: 8 },
  ...{ ppoEpochs: 2, minibatches: 2, testPrompts: 0, sampleEvery: 1, checkpointEvery: 1, klControl: 'adaptive' },
  ...{ rules: [{ kind: 'length', weight: 1, target: 3, tolerance: 4 }], pauseOnAlarm: false, valueCoef: 0.5 },
};

const PROMPTS: PreparedPrompts = {
  train: Array.from({ length: 6 }, (_, i) => ({
    ids: Array.from({ length: 4 + 3 * i }, (_, t) => 3 + ((11 * i + 5 * t) % 70)),
    prompt: `prompt ${i}`,
    answer: null,
  })),
  test: [{ ids: [5, 6, 7], prompt: 'looked at', answer: 'e' }],
  data: { train: 6, test: 1, truncated: 0, dropped: 0, hash: '' },
};

interface Ran {
  state: TrainerState;
  checkpoints: TrainerState[];
  metrics: Map<string, number>;
  events: TrainerEvent[];
}

async function run(
  more: Partial<PpoInputs> = {},
  watch: (event: TrainerEvent) => void = () => undefined,
): Promise<Ran> {
  const ran: Ran = { state: { step: 0, tensors: {}, facts: {} }, checkpoints: [], metrics: new Map(), events: [] };
  const inputs = { gpu, model, tokenizer, config: CONFIG, prompts: PROMPTS, samples: [], start, reward, resume: null };
  const trainer = trainPpo({ ...inputs, ...more });
  for (;;) {
    const next = await trainer.next();
    if (next.done) return { ...ran, state: next.value };
    const event = next.value;
    ran.events.push(event);
    if (event.kind === 'checkpoint') ran.checkpoints.push(event.state);
    if (event.kind === 'metrics')
      for (const [name, value] of Object.entries(event.values)) ran.metrics.set(`${event.step} ${name}`, value);
    watch(event);
  }
}
const of = ({ metrics }: Ran, name: MetricName) =>
  [1, 2, 3].map((step) => metrics.get(`${step} ${name}`) ?? Number.NaN);
const WALL: readonly string[] = ['tokens_per_second', 'rollout_tokens_per_second'] satisfies MetricName[];
const told = (ran: Ran, from = 0) =>
  [...ran.metrics].filter(([key]) => Number(key.split(' ')[0]) > from && !WALL.some((name) => key.endsWith(name)));

describe('a run', () => {
  let calm: Ran;
  beforeAll(async () => {
    calm = await run();
  });

  it('draws and trains with kernels that agree: mean |Δ log π| ≤ 1e-5 and ratio 1 ± 1e-4 before the first update', () => {
    for (const drift of of(calm, 'policy/drift')) expect(drift).toBeLessThanOrEqual(1e-5);
    for (const ratio of of(calm, 'policy/first_ratio')) expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(1e-4);
    expect(of(calm, 'policy/approxkl_avg').every((kl) => kl > 1e-6)).toBe(true); // the updates do move it
  });

  it('starts at KL 0 against its own copy, and moves away from it', () => {
    const [first = Number.NaN, , third = Number.NaN] = of(calm, 'objective/kl');
    expect(Math.abs(first)).toBeLessThan(1e-4);
    expect(Math.abs(third)).toBeGreaterThan(1e-3);
  });

  it('tells of each answer what makes up its figures', () => {
    const shown = calm.events.flatMap((event) => (event.kind === 'rollouts' ? event.rollouts : []));
    expect(shown).toHaveLength(12);
    for (const { pieces, logRatios, advantages, kl, modelScore, rules, ended, score } of shown) {
      expect(logRatios).toHaveLength(pieces.length);
      expect(advantages).toHaveLength(pieces.length);
      expect(kl).toBeCloseTo(
        logRatios.reduce((a, b) => a + b, 0),
        9,
      );
      const whole = (modelScore ?? Number.NaN) + (rules[0] ?? Number.NaN) - (ended ? 0 : CONFIG.missingEosPenalty);
      expect(score).toBeCloseTo(whole, 9);
    }
    expect(new Set(shown.map(({ ended }) => ended)).size).toBe(2);
  });

  it('paused after each step and gone on gives the same bits: weights, moments and figures', async () => {
    expect(calm.checkpoints.map(({ step }) => step)).toEqual([1, 2]);
    for (const resume of calm.checkpoints) {
      const rest = await run({ resume: structuredClone(resume) });
      expect(rest.state).toEqual(calm.state);
      expect(told(rest, resume.step)).toEqual(told(calm, resume.step));
    }
  });

  it('aborted while it draws keeps the state before the step, and goes on to the same end', async () => {
    const abort = new AbortController();
    const { state } = await run({ signal: abort.signal }, (event) => {
      if (event.kind === 'checkpoint' && event.state.step === 1) setTimeout(() => abort.abort(), 0);
    });
    expect(state.step).toBeGreaterThanOrEqual(1);
    expect(state.step).toBeLessThan(3);
    expect(state.tensors).toEqual(calm.checkpoints[state.step - 1]?.tensors);
    expect((await run({ resume: state })).state).toEqual(calm.state);
  });

  it('another seed draws other answers', async () => {
    const other = await run({ config: { ...CONFIG, seed: 2, steps: 1 } });
    expect(other.state.tensors.adapter).not.toEqual(calm.checkpoints[0]?.tensors.adapter);
  });

  it('leaves nothing on the GPU, however it ends', async () => {
    const calls = countCalls(gpu.device);
    await run({ config: { ...CONFIG, steps: 1 } });
    expect(calls.alive()).toBe(0);
    await expect(run({ config: { ...CONFIG, memoryBudget: 0.01 } })).rejects.toThrow(MemoryError);
    await expect(run({ reward: { ...reward, head: new Float32Array(3) } })).rejects.toThrow(
      /^ppo: a head must have 28/,
    );
    const stopped = trainPpo({
      ...{ gpu, model, tokenizer, config: CONFIG, prompts: PROMPTS, samples: [], start, reward, resume: null },
    });
    for (let next = await stopped.next(); !next.done; next = await stopped.next())
      if (next.value.kind === 'doing' && next.value.what === 'optimising') break;
    await stopped.return(undefined as never);
    calls.restore();
    expect(calls.alive()).toBe(0);
  });
});

it('in less memory takes smaller microbatches, then computes layers again, to the same figures', async () => {
  const within = async (bytes: number) => {
    const ran = await run({ config: { ...CONFIG, steps: 1, sampleEvery: 0, memoryBudget: bytes / 2 ** 20 } });
    const plan = ran.events.flatMap((event) => (event.kind === 'prepared' ? [event.plan] : []))[0];
    return { ran, bytes: plan?.bytes ?? Number.NaN, recomputed: plan?.recomputedLayers ?? Number.NaN };
  };
  const whole = await within(Infinity);
  expect(whole.recomputed).toBe(0);
  let less = whole;
  for (let parts = 0; less.recomputed === 0; parts++) {
    const before = less.bytes;
    less = await within(before - 1);
    expect(less.bytes).toBeLessThan(before);
    expect(parts).toBeLessThan(3); // microbatches of 4, 2, 1
    for (const name of ['objective/scores', 'loss/policy_avg', 'loss/value_avg', 'grad_norm'] as const) {
      const [found = Number.NaN, wanted = Number.NaN] = [of(less.ran, name)[0], of(whole.ran, name)[0]];
      expect(Math.abs(found - wanted), name).toBeLessThan(1e-4 * Math.max(1, Math.abs(wanted)));
    }
  }
});

it('without a reward model and without rules it says what is missing', async () => {
  await expect(run({ reward: null, config: { ...CONFIG, rules: [] } })).rejects.toThrow(
    /^ppo: a reward model or a rule/,
  );
});

it('a serious alarm pauses a run that is to be paused by it', async () => {
  const config = {
    ...CONFIG,
    klCoef: 0,
    klControl: 'fixed' as const,
    learningRate: 0.3,
    klTarget: 0.1,
    steps: 8,
    batch: 4,
  };
  const { state, events } = await run({ config: { ...config, pauseOnAlarm: true } });
  expect(events.some((event) => event.kind === 'alarm' && event.serious)).toBe(true);
  expect(state.facts).toMatchObject({ alarmed: true });
  expect(state.step).toBeLessThan(8);
  const on = await run({ config: { ...config, steps: state.step + 1 }, resume: state });
  expect(on.state).toMatchObject({ step: state.step + 1, facts: { alarmed: false } }); // what goes on is told once
});

it('draws the same answers however many at once, another for each row and each step; greedy ones have no stream', async () => {
  const prompts = [0, 0, 3, 5, 1].flatMap((i) => PROMPTS.train[i] ?? []); // the first one twice
  const longest = Math.max(...prompts.map(({ ids }) => ids.length));
  const roll = async (rows: number, stream: number, temperature?: number) => {
    const decoder = new Decoder(gpu, model);
    const roller = new Roller(decoder, tokenizer, { rows, longest }, CONFIG);
    const answers = await last(roller.roll(prompts, stream, {}, temperature));
    decoder.dispose();
    return answers?.map(({ ids }) => ids) ?? [];
  };
  const drawn = await roll(5, 8);
  expect(drawn).toHaveLength(5);
  expect(await roll(2, 8)).toEqual(drawn); // the last part is filled up with its last prompt
  expect(drawn[0]).not.toEqual(drawn[1]);
  expect(await roll(5, 16)).not.toEqual(drawn);
  const greedy = await roll(2, 0, 0);
  expect(greedy[0]).toEqual(greedy[1]);
  expect(await roll(5, 16, 0)).toEqual(greedy);
});

async function last<T>(work: AsyncGenerator<unknown, T, void>): Promise<T> {
  let next = await work.next();
  while (!next.done) next = await work.next();
  return next.value;
}

describe('an update', () => {
  const SIZES: Size[] = [{ batch: 2, time: 16, rows: 64 }];
  const rows: Practice[] = Array.from({ length: 4 }, (_, i) => {
    const [begin, n] = [3 + i, 3 + 2 * (i % 2)];
    const numbers = (k: number, size: number): number[] =>
      Array.from(uniforms(10 * i + k, 0, n), (u) => size * (u - 0.5));
    return {
      ids: Array.from({ length: begin + n }, (_, t) => 3 + ((7 * i + 13 * t) % 90)),
      start: begin,
      logprobs: numbers(1, 1).map((x) => x - 4),
      advantages: numbers(2, 3),
      values: numbers(3, 1),
      returns: numbers(4, 4),
    };
  });

  async function update(
    given: readonly Practice[],
    { sizes = SIZES, stopKl = 0 }: { sizes?: readonly Size[]; stopKl?: number } = {},
  ): Promise<{ told: UpdateMetrics; before: TrainerState['tensors']; after: TrainerState['tensors'] }> {
    const roles = new Roles(gpu, model, { config: CONFIG, start, reward, resume: null });
    const plan = new PpoPlan(gpu, model, { roles, sizes, config: CONFIG });
    const step = new PpoStep(plan, await plan.compile());
    try {
      const before = await roles.read();
      const params = { lr: 0.01, step: 1, clip: 1, weightDecay: 0 };
      const told = await last(step.update(given, [...given.keys()], params, { stopKl }));
      return { told, before, after: await roles.read() };
    } finally {
      step.dispose();
      roles.dispose();
    }
  }

  it('is paid by the score that the reward model alone gives each answer, in microbatches of any order', async () => {
    const roles = new Roles(gpu, model, { config: CONFIG, start, reward, resume: null });
    const plan = new PpoPlan(gpu, model, { roles, sizes: SIZES, config: CONFIG });
    const step = new PpoStep(plan, await plan.compile());
    const { adapter, head } = roles.reward as NonNullable<Roles['reward']>;
    const scorer = new Scorer(gpu, model, adapter, head);
    const given = rows.toReversed(); // the longest answers are not the last
    const scored = await last(step.score(given, {}));
    const alone = await last(scorer.score(given.map(({ ids }) => ids)));
    expect(new Set(alone).size).toBe(rows.length);
    scored?.forEach((one, i) => expect(one.model).toBeCloseTo(alone?.[i] ?? Number.NaN, 4));
    scorer.dispose();
    step.dispose();
    roles.dispose();
  });

  it("of the value's loss alone leaves the policy as it is; of the policy's alone, the value", async () => {
    const noPolicy = await update(rows.map((row) => ({ ...row, advantages: row.advantages && [0, 0, 0, 0, 0] })));
    expect(noPolicy.after.adapter).toEqual(noPolicy.before.adapter);
    expect(noPolicy.after.valueAdapter).not.toEqual(noPolicy.before.valueAdapter);
    expect(noPolicy.after.valueHead).not.toEqual(noPolicy.before.valueHead);
    const both = await update(rows);
    expect(both.after.adapter).not.toEqual(both.before.adapter);
  });

  it('is the same whether its answers come in one microbatch or in several', async () => {
    const [parts, whole] = await Promise.all([
      update(rows),
      update(rows, { sizes: [{ batch: 4, time: 32, rows: 64 }] }),
    ]);
    for (const name of ['adapter', 'valueAdapter', 'valueHead'])
      parts.after[name]?.forEach((x, i) => expect(x).toBeCloseTo(whole.after[name]?.[i] ?? Number.NaN, 3));
    expect(parts.told.norm).toBeCloseTo(whole.told.norm, 4);
  });

  it('that would come after the policy has moved too far is left out, and leaves no gradient behind', async () => {
    const { told: one, before, after } = await update(rows, { stopKl: 1e-6 });
    expect(one.stopped).toBe(true);
    expect(after).toEqual(before);
  });
});
