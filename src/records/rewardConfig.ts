// What the training of a reward model is told: each field with its range and default, as records/config.ts for fine-tuning.
// Labels and meanings are in the message table under `reward.config.<key>`.
import { TARGETS, validateLora, type Target } from './adapter.ts';
import type { BaseModel } from './baseModel.ts';
import { defaultsOf, scheduleOf, validateNumbers, type NumberField, type Schedule } from './config.ts';
import { object } from './validate.ts';

export interface RewardConfig {
  rank: number;
  alpha: number;
  dropout: number;
  rsLora: boolean;
  targets: readonly Target[];
  learningRate: number;
  /** Of the head, times the rate of the adapter: it begins at zero and may learn faster. */
  headRate: number;
  schedule: Schedule;
  warmup: number;
  /** Pairs of a step. */
  batch: number;
  /** 0 = as many as `epochs` take. */
  steps: number;
  epochs: number;
  /** In tokens; a longer pair is left out, as TRL does: half an answer deserves another score. */
  maxLength: number;
  clip: number;
  weightDecay: number;
  seed: number;
  /** Share of the questions that the seeded split keeps for the test. */
  testShare: number;
  evalEvery: number;
  checkpointEvery: number;
  memoryBudget: number;
  /** c of c · mean((chosen + rejected)²): keeps scores around zero (TRL recommends 0.01); 0 = none. */
  centering: number;
  /** A preference given with strength must win by that margin: −log σ(chosen − rejected − margin). */
  useMargin: boolean;
}

/** In the order of the form. */
export const REWARD_FIELDS: readonly NumberField<RewardConfig>[] = [
  { key: 'steps', min: 0, max: 100_000, step: 10, default: 0, basic: true, whole: true },
  { key: 'epochs', min: 1, max: 100, step: 1, default: 3, basic: true, whole: true },
  { key: 'batch', min: 1, max: 64, step: 1, default: 8, basic: true, whole: true },
  { key: 'learningRate', min: 1e-6, max: 0.1, step: 0, default: 1e-3, basic: true, logarithmic: true },
  { key: 'rank', min: 1, max: 64, step: 1, default: 8, basic: true, whole: true },
  { key: 'alpha', min: 1, max: 256, step: 1, default: 16 },
  { key: 'headRate', min: 0.1, max: 100, step: 0.1, default: 10 },
  { key: 'dropout', min: 0, max: 0.5, step: 0.01, default: 0 },
  { key: 'centering', min: 0, max: 1, step: 0.01, default: 0.01 },
  { key: 'maxLength', min: 16, max: 8192, step: 16, default: 512, whole: true },
  { key: 'warmup', min: 0, max: 0.5, step: 0.01, default: 0.05 },
  { key: 'clip', min: 0, max: 100, step: 0.1, default: 1 },
  { key: 'weightDecay', min: 0, max: 0.5, step: 0.01, default: 0.01 },
  { key: 'testShare', min: 0.05, max: 0.5, step: 0.05, default: 0.2 },
  { key: 'evalEvery', min: 0, max: 10_000, step: 5, default: 25, whole: true },
  { key: 'checkpointEvery', min: 1, max: 10_000, step: 5, default: 25, whole: true },
  { key: 'memoryBudget', min: 64, max: 65_536, step: 64, default: 2048, whole: true },
  { key: 'seed', min: 0, max: 4_294_967_295, step: 1, default: 1, whole: true },
];

export function defaultReward(model: BaseModel): RewardConfig {
  const numbers = defaultsOf(REWARD_FIELDS);
  return {
    ...numbers,
    rsLora: false,
    targets: TARGETS,
    schedule: 'linear',
    useMargin: false,
    // With the whole rate one seed in four stayed at .6 for a hundred steps on the demo model: docs/reward.md.
    learningRate: 0.75 * model.loraRate,
    maxLength: Math.min(numbers.maxLength, model.contextLength),
  };
}

/** Throws a sentence naming the first field that is wrong. */
export function validateReward(value: unknown, where = 'config'): RewardConfig {
  const v = object(value, where);
  const numbers = validateNumbers(v, REWARD_FIELDS, where);
  const { targets } = validateLora({ ...numbers, targets: v.targets, rsLora: v.rsLora }, where);
  const schedule = scheduleOf(v.schedule, where);
  return { ...numbers, targets, schedule, rsLora: v.rsLora === true, useMargin: v.useMargin === true };
}
