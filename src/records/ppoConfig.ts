// What PPO is told: each field with its range and default, as records/config.ts for fine-tuning.
// Labels and meanings are in the message table under `align.config.<key>`.
import { TARGETS, validateLora, type Target } from './adapter.ts';
import type { BaseModel } from './baseModel.ts';
import { defaultsOf, scheduleOf, validateNumbers, type NumberField, type Schedule } from './config.ts';
import { MOST_RULES, validateRule, type Rule } from './rules.ts';
import { fail, object, text } from './validate.ts';

export const KL_ESTIMATORS = ['k1', 'k3'] as const;
export const KL_CONTROLS = ['fixed', 'adaptive'] as const;

export interface PpoConfig {
  /** Of the policy where it starts from the base (else those of its starting adapter), and of the value's adapter. */
  rank: number;
  alpha: number;
  rsLora: boolean;
  targets: readonly Target[];
  learningRate: number;
  schedule: Schedule;
  warmup: number;
  steps: number;
  /** Answers sampled in a step. */
  batch: number;
  /** Answers to each prompt among them: 1, or several that are compared by the same value. */
  samplesPerPrompt: number;
  /** Passes over the answers of a step. */
  ppoEpochs: number;
  /** Parts that a pass is divided into: each is one update. */
  minibatches: number;
  temperature: number;
  maxNewTokens: number;
  /** Taken from the score of an answer that did not end by itself. */
  missingEosPenalty: number;
  klCoef: number;
  klEstimator: (typeof KL_ESTIMATORS)[number];
  klControl: (typeof KL_CONTROLS)[number];
  /** KL of an answer, in nats: the adaptive coefficient steers to it, and the band of the chart ends there. */
  klTarget: number;
  /** Answers over which the adaptive coefficient may change by a fifth. */
  klHorizon: number;
  /** The passes of a step end early when an update has moved the policy further than this (½ mean Δ²); 0 = never. */
  stopKl: number;
  gamma: number;
  lambda: number;
  clipRange: number;
  valueClip: number;
  valueCoef: number;
  entropyCoef: number;
  /** Scores are cut to ± this; 0 = never. */
  rewardClip: number;
  /** Rewards are divided by their deviation over the step, their mean kept. */
  whitenRewards: boolean;
  clip: number;
  weightDecay: number;
  seed: number;
  /** Prompts kept for looking: before, during and after. */
  testPrompts: number;
  sampleEvery: number;
  checkpointEvery: number;
  memoryBudget: number;
  /** The policy starts here, and the KL is held against it; null = the base. */
  startAdapterId: string | null;
  /** Scores the answers; null = rules alone. */
  rewardAdapterId: string | null;
  rewardWeight: number;
  rules: readonly Rule[];
  /** An alarm of the serious kind pauses the run. */
  pauseOnAlarm: boolean;
}

/** In the order of the form. */
export const PPO_FIELDS: readonly NumberField<PpoConfig>[] = [
  { key: 'steps', min: 1, max: 10_000, step: 1, default: 20, basic: true, whole: true },
  { key: 'batch', min: 2, max: 256, step: 2, default: 32, basic: true, whole: true },
  { key: 'maxNewTokens', min: 4, max: 1024, step: 4, default: 40, basic: true, whole: true },
  { key: 'learningRate', min: 1e-7, max: 0.1, step: 0, default: 1e-3, basic: true, logarithmic: true },
  { key: 'klCoef', min: 0, max: 10, step: 0.01, default: 0.1, basic: true },
  { key: 'klTarget', min: 0.1, max: 100, step: 0.5, default: 6, basic: true },
  { key: 'samplesPerPrompt', min: 1, max: 64, step: 1, default: 1, whole: true },
  { key: 'temperature', min: 0.05, max: 2, step: 0.05, default: 1 },
  { key: 'ppoEpochs', min: 1, max: 16, step: 1, default: 2, whole: true },
  { key: 'minibatches', min: 1, max: 64, step: 1, default: 1, whole: true },
  { key: 'missingEosPenalty', min: 0, max: 100, step: 0.1, default: 1 },
  { key: 'klHorizon', min: 10, max: 1_000_000, step: 10, default: 500, whole: true },
  { key: 'stopKl', min: 0, max: 10, step: 0.01, default: 0 },
  { key: 'gamma', min: 0, max: 1, step: 0.01, default: 1 },
  { key: 'lambda', min: 0, max: 1, step: 0.01, default: 0.95 },
  { key: 'clipRange', min: 0.01, max: 1, step: 0.01, default: 0.2 },
  { key: 'valueClip', min: 0.01, max: 10, step: 0.01, default: 0.2 },
  { key: 'valueCoef', min: 0, max: 10, step: 0.05, default: 0.1 },
  { key: 'entropyCoef', min: 0, max: 1, step: 0.001, default: 0 },
  { key: 'rewardClip', min: 0, max: 100, step: 1, default: 10 },
  { key: 'rewardWeight', min: 0, max: 100, step: 0.1, default: 1 },
  { key: 'rank', min: 1, max: 64, step: 1, default: 8, whole: true },
  { key: 'alpha', min: 1, max: 256, step: 1, default: 16 },
  { key: 'warmup', min: 0, max: 0.5, step: 0.01, default: 0 },
  { key: 'clip', min: 0, max: 100, step: 0.1, default: 1 },
  { key: 'weightDecay', min: 0, max: 0.5, step: 0.01, default: 0 },
  { key: 'testPrompts', min: 0, max: 256, step: 4, default: 16, whole: true },
  { key: 'sampleEvery', min: 0, max: 10_000, step: 5, default: 5, whole: true },
  { key: 'checkpointEvery', min: 1, max: 10_000, step: 1, default: 5, whole: true },
  { key: 'memoryBudget', min: 64, max: 65_536, step: 64, default: 2048, whole: true },
  { key: 'seed', min: 0, max: 4_294_967_295, step: 1, default: 1, whole: true },
];

/** Without a reward model and without rules: one of the two must be chosen before it can run. */
export function defaultPpo(model: BaseModel): PpoConfig {
  return {
    ...defaultsOf(PPO_FIELDS),
    rsLora: false,
    targets: TARGETS,
    schedule: 'linear',
    learningRate: model.loraRate / 2,
    klEstimator: 'k1',
    klControl: 'fixed',
    whitenRewards: false,
    startAdapterId: null,
    rewardAdapterId: null,
    rules: [],
    pauseOnAlarm: true,
  };
}

/** For a first look within a few minutes on a software adapter: by rules alone, answers become whole sentences that name
 *  their source. Few steps of short answers, and eight updates from those of each: a step costs what it reads, not how often
 *  it is learned from. A right answer is worth more than its source, else the model learns to cite anything. */
export function demoPpo(model: BaseModel): PpoConfig {
  const numbers = { steps: 5, batch: 32, ppoEpochs: 1, minibatches: 8, maxNewTokens: 24, testPrompts: 8 };
  return {
    ...defaultPpo(model),
    ...numbers,
    schedule: 'constant',
    klCoef: 0.2,
    learningRate: model.loraRate / 2,
    rules: [
      { kind: 'sentence', weight: 1 },
      { kind: 'cites', weight: 3 },
      { kind: 'answer', weight: 5 },
    ],
  };
}

/** Throws a sentence naming the first field that is wrong. */
export function validatePpo(value: unknown, where = 'config'): PpoConfig {
  const v = object(value, where);
  const numbers = validateNumbers(v, PPO_FIELDS, where);
  const { targets } = validateLora({ ...numbers, dropout: 0, targets: v.targets, rsLora: v.rsLora }, where);
  const given: readonly unknown[] = Array.isArray(v.rules) ? v.rules : [];
  if (given.length > MOST_RULES)
    fail(`${where}.rules`, `must be at most ${MOST_RULES}`, given.length, 'Remove some of them.');
  const id = (key: string): string | null => (typeof v[key] === 'string' ? text(v[key], `${where}.${key}`) : null);
  const { batch, samplesPerPrompt, minibatches } = numbers;
  if (batch % samplesPerPrompt !== 0)
    fail(`${where}.samplesPerPrompt`, `must divide the ${batch} answers of a step`, samplesPerPrompt, 'Use a divisor.');
  if (batch % minibatches !== 0)
    fail(`${where}.minibatches`, `must divide the ${batch} answers of a step`, minibatches, 'Use a divisor.');
  return {
    ...numbers,
    targets,
    schedule: scheduleOf(v.schedule, where),
    rsLora: v.rsLora === true,
    klEstimator: KL_ESTIMATORS.find((name) => name === v.klEstimator) ?? 'k1',
    klControl: KL_CONTROLS.find((name) => name === v.klControl) ?? 'fixed',
    whitenRewards: v.whitenRewards === true,
    startAdapterId: id('startAdapterId'),
    rewardAdapterId: id('rewardAdapterId'),
    rules: given.map((rule, i) => validateRule(rule, `${where}.rules[${i}]`)),
    pauseOnAlarm: v.pauseOnAlarm !== false,
  };
}
