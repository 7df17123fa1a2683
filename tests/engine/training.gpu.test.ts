// The trainer on a tiny random model: what a step costs, and that the same seed gives the same bits however it is run.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Decoder } from '../../src/engine/decoder.ts';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { createAdapter, initialLora, loraParts } from '../../src/engine/lora.ts';
import { loadLlama, type Llama } from '../../src/engine/models/llama.ts';
import { disposeGroup } from '../../src/engine/optim.ts';
import { uniforms } from '../../src/engine/random.ts';
import { exactMatch, greedyAnswers } from '../../src/engine/training/evaluate.ts';
import { trainKey, StepPlan, trainAdapter } from '../../src/engine/training/plan.ts';
import { schedule, type PreparedRows } from '../../src/engine/training/prepare.ts';
import { trainSft, type SftInputs } from '../../src/engine/training/sft.ts';
import type { TrainerEvent, TrainerState } from '../../src/engine/training/state.ts';
import {
  compileStep,
  recordStep,
  STEPS_AHEAD,
  type Loaded,
  type TrainingStep,
} from '../../src/engine/training/step.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft, loraOf, type SftConfig } from '../../src/records/config.ts';
import type { MetricName } from '../../src/records/run.ts';
import { testGpu } from '../gpu.ts';
import { countCalls } from './calls.ts';
import { filesIn } from './files.ts';

let gpu: Gpu;
let model: Llama;
let tokenizer: Tokenizer;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  model = await loadLlama(gpu, filesIn('tests/goldens/llama'));
  tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
});
afterAll(() => gpu.destroy());

/** Rows over the tiny vocabulary: a run of numbers that goes on, of which the second half is learned. */
const row = (i: number) => {
  const length = 6 + ((5 * i) % 11);
  const ids = Array.from({ length }, (_, t) => 3 + ((7 * i + 3 * t) % 60));
  return { ids, mask: Uint8Array.from(ids, (_, t) => Number(t >= length / 2)), cutTokens: 0 };
};
const rowsOf = (train: number, test: number): PreparedRows => ({
  train: Array.from({ length: train }, (_, i) => row(i)),
  test: Array.from({ length: test }, (_, i) => row(100 + i)),
  questions: [],
  data: { train, test, truncated: 0, dropped: 0, hash: '' },
});
const ROWS = rowsOf(10, 3);

const settings: SftConfig = {
  ...defaultSft(NANO),
  ...{ rank: 4, learningRate: 0.01, batch: 2, steps: 6, evalEvery: 3, sampleEvery: 0, checkpointEvery: 100 },
};

const INPUTS = () => ({ gpu, model, tokenizer, config: settings, rows: ROWS, samples: [], resume: null });

type Curve = Record<string, [step: number, value: number][]>;

interface Ran {
  state: TrainerState;
  curve: Curve;
  events: TrainerEvent[];
}

const NUMBERS: readonly MetricName[] = [
  'train/loss',
  'train/accuracy',
  'grad_norm',
  'lr',
  'test/loss',
  'test/accuracy',
];

/** To its end; `watch` sees each event before the next is asked for. */
async function run(
  config: SftConfig,
  more: Partial<SftInputs> = {},
  watch?: (event: TrainerEvent) => void | Promise<void>,
): Promise<Ran> {
  const events: TrainerEvent[] = [];
  const curve: Curve = {};
  const trainer = trainSft({ ...INPUTS(), config, ...more });
  for (;;) {
    const next = await trainer.next();
    if (next.done) return { state: next.value, curve, events };
    const event = next.value;
    events.push(event);
    if (event.kind === 'metrics')
      for (const name of NUMBERS) {
        const value = event.values[name];
        if (value !== undefined) (curve[name] ??= []).push([event.step, value]);
      }
    await watch?.(event);
  }
}

const joined = (...parts: Curve[]): Curve =>
  Object.fromEntries(NUMBERS.map((name) => [name, parts.flatMap((part) => part[name] ?? [])]));

const whole: SftConfig = { ...settings, dropout: 0.1, accumulation: 2 };
const numbers = ({ curve, state }: Ran) => ({ curve, state });

describe('a run', () => {
  let calm: Ran;
  beforeAll(async () => {
    calm = await run(whole);
  });

  it('lowers the loss on rows that repeat, and tells each step once and in order', async () => {
    const { curve, state } = await run({ ...settings, steps: 16, schedule: 'constant', evalEvery: 0 });
    const losses = curve['train/loss'] ?? [];
    expect(losses.map(([step]) => step)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
    const mean = (part: typeof losses) => part.reduce((sum, [, loss]) => sum + loss, 0) / part.length;
    expect(mean(losses.slice(-5))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
    expect(curve['test/loss']?.map(([step]) => step)).toEqual([0, 16]);
    expect(state).toMatchObject({ step: 16, facts: { evaluated: true } });
  });

  it('is the same to the bit when it is run again, dropout and accumulation included', async () => {
    const again = await run(whole);
    expect(numbers(again)).toEqual(numbers(calm));
    const other = await run({ ...whole, seed: 2 });
    expect(other.curve['train/loss']).not.toEqual(calm.curve['train/loss']);
  });

  it.each([1, 3, 5])('paused after step %i and resumed, it is the uninterrupted one to the bit', async (pause) => {
    const abort = new AbortController();
    const first = await run(whole, { signal: abort.signal }, (event) => {
      if (event.kind === 'step' && event.step === pause) abort.abort();
    });
    expect(first.state.step).toBe(pause);
    const second = await run(whole, { resume: first.state });
    expect(joined(first.curve, second.curve)).toEqual(calm.curve);
    expect(second.state).toEqual(calm.state);
  });

  it('ended in the middle of an evaluation, the evaluation is made when it goes on, and only then', async () => {
    const abort = new AbortController();
    let step = 0;
    const first = await run(whole, { signal: abort.signal }, (event) => {
      if (event.kind === 'step') step = event.step;
      if (step === 3 && event.kind === 'doing') abort.abort();
    });
    expect(first.state).toMatchObject({ step: 3, facts: { evaluated: false } });
    expect(first.curve['test/loss']?.map(([step]) => step)).toEqual([0]);
    const second = await run(whole, { resume: first.state });
    expect(joined(first.curve, second.curve)).toEqual(calm.curve);
  });

  it('stopped, it leaves the adapter of that step', async () => {
    const states: TrainerState[] = [];
    await run({ ...whole, checkpointEvery: 1 }, {}, (event) => {
      if (event.kind === 'checkpoint') states.push(event.state);
    });
    expect(states.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    const abort = new AbortController();
    const { state } = await run(whole, { signal: abort.signal }, (event) => {
      if (event.kind === 'step' && event.step === 4) abort.abort();
    });
    expect(state.tensors).toEqual(states[3]?.tensors);
    expect(state.tensors.adapter).not.toEqual(states[2]?.tensors.adapter);
  });

  it('frees every buffer, ended or walked away from', async () => {
    const calls = countCalls(gpu.device);
    await run({ ...whole, steps: 1 });
    const trainer = trainSft({ ...INPUTS(), config: whole });
    for (let i = 0; i < 6; i++) await trainer.next();
    await trainer.return(undefined as never);
    calls.restore();
    expect(calls.counts.createBuffer).toBeGreaterThan(20);
    expect(calls.alive()).toBe(0);
  });
});

it('the numbers that an adapter begins with are not those that order its rows', () => {
  const lora = loraOf(settings);
  const [rank, inner] = loraParts(model.config, lora).parts[0]?.shape ?? [0, 0];
  const ordering = uniforms(1, 0, rank * inner).map((u) => (2 * u - 1) / Math.sqrt(inner));
  const first = initialLora(model.config, lora, 1).slice(0, rank * inner);
  const same = first.filter((x, i) => Math.abs(x - (ordering[i] ?? NaN)) < 1e-6);
  expect(same.length).toBeLessThan(rank);
});

describe('memory', () => {
  it('layers are recomputed when it would not fit, to the same bits; what cannot fit is refused in words', async () => {
    const config = { ...whole, steps: 3, evalEvery: 0, dropout: 0.1 };
    const adapter = createAdapter(gpu, model.config, loraOf(config), initialLora(model.config, loraOf(config), 1));
    const trainable = trainAdapter(gpu, adapter);
    const { train } = schedule(ROWS, config);
    const planned = (budget?: number) =>
      new StepPlan(gpu, model, { adapter, trainable, train, evaluate: [], budget, maxLogits: 16384 });
    const free = planned();
    expect(free.passes.recomputed).toBe(0);
    const tight = planned(free.passes.bytes - 1);
    expect(tight.passes.recomputed).toBeGreaterThan(0);
    expect(tight.passes.bytes).toBeLessThan(free.passes.bytes);
    expect(() => planned(1000)).toThrow(/^memory: .* must fit into 0 MiB, got \d+ MiB .*Use shorter texts/);
    const results = [];
    for (const plan of [free, tight]) {
      gpu.write(adapter.flat, initialLora(model.config, loraOf(config), 1));
      for (const { m, v } of trainable.groups) for (const t of [m, v]) gpu.write(t, new Float32Array(t.bytes / 4));
      const step = await compileStep(plan);
      const { microbatch } = schedule(ROWS, config);
      for (let i = 1; i <= 3; i++) step.submit([microbatch(i)], params(i));
      results.push(await gpu.read(adapter.flat));
      step.dispose();
    }
    expect(results[0]).toEqual(results[1]);
    trainable.groups.forEach(disposeGroup);
    adapter.flat.slot?.buffer.destroy();
  });
});

describe('answers to test rows', () => {
  it('exact match is the share of questions that are answered word for word, over several batches', async () => {
    const asked = Array.from({ length: 18 }, (_, i) => ({
      promptIds: Array.from({ length: 3 + (i % 5) }, (_, t) => 3 + ((11 * i + 5 * t) % 70)),
      maxNewTokens: 12,
    }));
    // The end token is one that the model draws: its answers end.
    const ends = { ...model, config: { ...model.config, eosIds: [20, 30, 40, 50, 60] } };
    const decoder = new Decoder(gpu, ends);
    const own = await last(greedyAnswers(decoder, tokenizer, asked, {}));
    expect(own?.filter((text) => text !== '').length).toBeGreaterThan(9);
    const alone = await last(greedyAnswers(decoder, tokenizer, asked.slice(4, 5), {}));
    expect(alone).toEqual(own?.slice(4, 5));
    const questions = asked.map(({ promptIds }, i) => ({ promptIds, expected: own?.[i] ?? '' }));
    // An answer that does not end is no match: each alone says which do.
    const ended: boolean[] = [];
    for (const question of questions) ended.push((await last(exactMatch(decoder, tokenizer, [question], {}))) === 1);
    const share = ended.filter(Boolean).length / ended.length;
    expect(share).toBeGreaterThan(0.1);
    expect(await last(exactMatch(decoder, tokenizer, questions, {}))).toBe(share);
    const first = ended.indexOf(true);
    const wrong = questions.map((q, i) => (i === first ? { ...q, expected: `${q.expected} else` } : q));
    expect(await last(exactMatch(decoder, tokenizer, wrong, {}))).toBeCloseTo(share - 1 / 18, 9);
    expect(await last(exactMatch(decoder, tokenizer, questions, { signal: AbortSignal.abort() }))).toBeNull();
    decoder.dispose();
  });
});

async function last<T>(work: AsyncGenerator<number, T, void>): Promise<T> {
  for (;;) {
    const next = await work.next();
    if (next.done) return next.value;
    expect(next.value).toBeLessThanOrEqual(1);
  }
}

const params = (step: number) => ({ lr: 0.01, step, clip: 1, weightDecay: 0, seed: 1 });

describe('what a step costs', () => {
  let step: TrainingStep;
  let batches: Loaded[];
  let dispose: () => void;
  beforeAll(async () => {
    const lora = loraOf(settings);
    const adapter = createAdapter(gpu, model.config, lora, initialLora(model.config, lora, 1));
    const trainable = trainAdapter(gpu, adapter);
    const { train, microbatch } = schedule(ROWS, settings);
    batches = Array.from({ length: 5 }, (_, i) => microbatch(i));
    step = await recordStep(gpu, model, { adapter, trainable, train, evaluate: [] });
    dispose = () => {
      step.dispose();
      trainable.groups.forEach(disposeGroup);
      adapter.flat.slot?.buffer.destroy();
    };
  });
  afterAll(() => dispose());

  const batch = (n: number) => [batches[n % batches.length] as Loaded];

  it('creates no buffer, no bind group, no pipeline; two submits; reads only steps that lie back', async () => {
    for (let i = 1; i <= STEPS_AHEAD; i++) step.submit(batch(i), params(i));
    const calls = countCalls(gpu.device);
    const submits: string[] = [];
    const submit = gpu.device.queue.submit.bind(gpu.device.queue);
    gpu.device.queue.submit = (buffers) => {
      submits.push('submit');
      return submit(buffers);
    };
    for (let i = STEPS_AHEAD + 1; i <= STEPS_AHEAD + 4; i++) {
      step.submit(batch(i), params(i));
      const { step: told, loss, skipped } = await step.read();
      expect(told).toBe(i - STEPS_AHEAD);
      expect(loss).toBeGreaterThan(0);
      expect(skipped).toBe(false);
    }
    calls.restore();
    Reflect.deleteProperty(gpu.device.queue, 'submit');
    expect(calls.counts).toEqual({});
    expect(submits.length).toBe(4 * 2);
    while (step.late > 0) await step.read();
  });

  it('with slices: as many submits as the predicted time asks for, and four more at most', async () => {
    const { flopsPerMs, dispatchMs } = gpu;
    Object.assign(gpu, { flopsPerMs: 1e9, dispatchMs: 1 });
    const rec = step.plan.passes.recorders.get(trainKey((batches[0] as Loaded).bucket));
    const predicted = rec?.length ?? 0; // 1 ms each
    let submits = 0;
    const submit = gpu.device.queue.submit.bind(gpu.device.queue);
    gpu.device.queue.submit = (buffers) => {
      submits++;
      return submit(buffers);
    };
    step.submit(batch(0), params(1), 50);
    Reflect.deleteProperty(gpu.device.queue, 'submit');
    Object.assign(gpu, { flopsPerMs, dispatchMs });
    await step.read();
    expect(submits).toBeGreaterThan(2);
    expect(submits).toBeLessThanOrEqual(Math.ceil(predicted / 50) + 4);
  });

  it('the heap does not grow over 200 steps', async () => {
    const used = await heap();
    const go = async (from: number, count: number) => {
      for (let i = from; i < from + count; i++) {
        step.submit(batch(i), params(i));
        if (step.late >= STEPS_AHEAD) await step.read();
      }
      while (step.late > 0) await step.read();
    };
    await go(1, 20);
    const before = used();
    await go(21, 200);
    expect(used() - before).toBeLessThan(2 ** 20);
  });

  it('a gradient that is not finite changes nothing, and is told', async () => {
    const [group] = step.plan.options.trainable.groups;
    if (!group) throw new Error('no group');
    const before = await gpu.read(group.value);
    gpu.write(group.gradient, Float32Array.of(Number.NaN));
    step.submit(batch(0), params(2));
    expect(await step.read()).toMatchObject({ skipped: true, step: 2 });
    expect(await gpu.read(group.value)).toEqual(before);
  });
});

/** Bytes of the heap after a collection. Chromium offers both by its flags (scripts/chromium.mjs). */
async function heap(): Promise<() => number> {
  if ('document' in globalThis) {
    const { gc, performance } = globalThis as unknown as {
      gc: () => void;
      performance: { memory: { usedJSHeapSize: number } };
    };
    return () => {
      gc();
      return performance.memory.usedJSHeapSize;
    };
  }
  const [v8, vm] = ['node:v8', 'node:vm'];
  const { setFlagsFromString } = (await import(/* @vite-ignore */ v8)) as typeof import('node:v8');
  const { runInNewContext } = (await import(/* @vite-ignore */ vm)) as typeof import('node:vm');
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}
