// The watch over PPO: a healthy run raises nothing, each illness its own alarm, and a restored memory goes on the same.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observe, type Alarm, type HealthMemory } from '../../../src/engine/training/health.ts';
import type { AlarmName, MetricName } from '../../../src/records/run.ts';

type Metrics = Partial<Record<MetricName, number>>;
type Told = Alarm & { step: number };

const CONFIG = { klTarget: 6 };
const STEPS = 30;

/** Noise that is the same each time: −1 … 1. */
const noise = (step: number, what: number): number => Math.sin(12.9898 * step + 78.233 * what);

/** Figures as a run of a small model with 32 answers a step has them: the score and the KL rise, the rest wavers. */
function healthy(step: number): Metrics {
  const share = step / STEPS;
  return {
    'objective/scores': 0.4 + 1.2 * share + 0.15 * noise(step, 1),
    'objective/kl': 3 * share + 0.2 * noise(step, 2),
    'objective/entropy': 0.6 - 0.25 * share + 0.05 * noise(step, 3),
    'objective/eos_rate': Math.min(1, 0.95 + 0.05 * noise(step, 4)),
    'objective/length': 14 + 3 * share + noise(step, 5),
    'objective/repetition': 0.03 + 0.02 * noise(step, 6),
    'val/explained_variance': -0.3 + 1.2 * Math.min(1, step / 8) + 0.1 * noise(step, 7),
    'policy/first_ratio': 1 + 2e-6 * noise(step, 8),
    'policy/drift': 3e-6,
    'objective/kl_coef': 0.1,
  };
}

const looks = (step: number): Metrics => ({
  'test/score': 0.5 + step / STEPS,
  'test/match': 0.6 + 0.05 * noise(step, 9),
  'test/length': 14,
});

/** A whole run: a look at every fifth step, figures of each. */
function run(
  ill: (step: number) => Metrics = () => ({}),
  steps = STEPS,
  keep = (memory: HealthMemory) => memory,
): Told[] {
  let memory: HealthMemory = {};
  const told: Told[] = [];
  const tell = (step: number, metrics: Metrics): void => {
    const seen = observe(memory, metrics, CONFIG);
    memory = keep(seen.memory);
    told.push(...seen.alarms.map((alarm) => ({ ...alarm, step })));
  };
  for (let step = 0; step <= steps; step++) {
    if (step > 0) tell(step, { ...healthy(step), ...ill(step) });
    if (step % 5 === 0) tell(step, { ...looks(step), ...ill(step) });
  }
  return told;
}

const from = (step: number, metrics: Metrics) => (now: number) => (now >= step ? metrics : {});

it('a healthy run raises no alarm', () => expect(run()).toEqual([]));

const ILLNESSES: [AlarmName, serious: boolean, ill: (step: number) => Metrics][] = [
  ['klNegative', true, from(8, { 'objective/kl': -1.5 })],
  ['klRunaway', false, (step) => (step > 0 ? { 'objective/kl': (9 * step) / STEPS } : {})],
  ['klRunaway', true, (step) => (step === 12 ? { 'objective/kl': 60 } : {})],
  ['ratioOff', false, from(4, { 'policy/first_ratio': 1.004 })],
  ['ratioOff', true, from(4, { 'policy/first_ratio': 0.9 })],
  ['entropyCollapse', false, from(10, { 'objective/entropy': 0.02 })],
  ['eosRate', false, from(10, { 'objective/eos_rate': 0.2 })],
  ['lengthDrift', false, from(10, { 'objective/length': 31 })],
  ['lengthDrift', false, from(10, { 'objective/length': 3 })],
  ['repetition', false, from(10, { 'objective/repetition': 0.5 })],
  ['valueUseless', false, from(0, { 'val/explained_variance': -0.4 })],
  ['drift', false, from(3, { 'policy/drift': 5e-4 })],
  ['matchFalls', true, (step) => (step >= 15 && step % 5 === 0 ? { 'test/match': 0.3 } : {})],
];

describe.each(ILLNESSES)('%s, serious: %s (%#)', (alarm, serious, ill) => {
  const told = run(ill);
  it('is told, once, and nothing else', () => expect(told).toMatchObject([{ alarm, serious }]));
  it('says a value that is beyond its limit', () => {
    const { value = 0, limit = 0 } = told[0] ?? {};
    expect(Number.isFinite(value) && Number.isFinite(limit)).toBe(true);
    expect(value).not.toBe(limit);
  });
  it('comes at the same step when the memory has been through a file', () =>
    expect(run(ill, STEPS, (memory) => JSON.parse(JSON.stringify(memory)) as HealthMemory)).toEqual(told));
});

describe('an alarm', () => {
  it('is told again when it becomes serious', () => {
    const told = run((step) => (step > 0 ? { 'objective/kl': (24 * step) / STEPS } : {}));
    expect(told.map(({ alarm, serious, limit }) => [alarm, serious, limit])).toEqual([
      ['klRunaway', false, 6],
      ['klRunaway', true, 12],
    ]);
  });
  it('is told again after it has ended, but not when it only wavers about its limit', () => {
    const at = (steps: readonly number[]) => (step: number): Metrics => ({ 'policy/drift': steps.includes(step) ? 1 : 0 }); // prettier-ignore
    expect(run(at([5, 7, 9, 10])).map(({ step }) => step)).toEqual([5]);
    expect(run(at([5, 20])).map(({ step }) => step)).toEqual([5, 20]);
  });
  it('of a bad step alone is not raised by noise: one negative KL, one short step, one dip of the value', () => {
    expect(
      run((step) =>
        step === 9
          ? { 'objective/kl': -0.4, 'objective/length': 6, 'val/explained_variance': -2, 'objective/entropy': 0.2 }
          : {},
      ),
    ).toEqual([]);
  });
});

it('with a small target a KL that wavers about zero is not negative', () => {
  let memory: HealthMemory = {};
  for (let step = 0; step < 50; step++) {
    const seen = observe(memory, { 'objective/kl': -0.05 + 0.04 * noise(step, 1) }, { klTarget: 0.1 });
    expect(seen.alarms).toEqual([]);
    memory = seen.memory;
  }
});

it('longer answers that are paid less, and fewer right ones that are paid less, are no hole in the reward', () => {
  const poorer: Metrics = { 'objective/scores': -3, 'test/score': 0.1, 'test/match': 0.2, 'objective/length': 40 };
  expect(run(from(10, poorer)).map(({ alarm }) => alarm)).toEqual([]);
});

it('figures that are missing or not finite change nothing, and what is given is left as it was', () => {
  const memory = Object.freeze({});
  expect(observe(memory, {}, CONFIG)).toEqual({ memory: {}, alarms: [] });
  const odd = { 'objective/kl': Number.NaN, 'policy/drift': Infinity, lr: 1 };
  expect(observe(memory, odd, CONFIG)).toEqual({ memory: {}, alarms: [] });
});

it('whatever the figures, the memory holds finite numbers alone and an alarm is told at most twice while it lasts', () => {
  const figure = fc.integer({ min: -1e9, max: 1e9 }).map((x) => x / 1000);
  const names = Object.keys({ ...healthy(0), ...looks(0) }) as MetricName[];
  const metrics = fc.array(figure, { minLength: names.length, maxLength: names.length });
  fc.assert(
    fc.property(fc.array(metrics, { maxLength: 40 }), (steps) => {
      let memory: HealthMemory = {};
      for (const values of steps) {
        const seen = observe(memory, Object.fromEntries(names.map((name, i) => [name, values[i]])), CONFIG);
        memory = seen.memory;
        expect(new Set(seen.alarms.map(({ alarm }) => alarm)).size).toBe(seen.alarms.length);
        expect(Object.values(memory).every(Number.isFinite)).toBe(true);
      }
      expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
    }),
  );
});
