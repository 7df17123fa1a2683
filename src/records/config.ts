// What a training run is told: each field with its range and default; the form, the stored run and the docs follow.
// Labels and meanings are in the message table under `config.<key>`.
import { TARGETS, validateLora, type LoraSettings, type Target } from './adapter.ts';
import type { BaseModel } from './baseModel.ts';
import { fail, finite, object } from './validate.ts';

export const SCHEDULES = ['linear', 'cosine', 'constant'] as const;
export type Schedule = (typeof SCHEDULES)[number];

export interface SftConfig {
  rank: number;
  alpha: number;
  dropout: number;
  rsLora: boolean;
  targets: readonly Target[];
  learningRate: number;
  schedule: Schedule;
  /** Share of the steps in which the rate rises from 0. */
  warmup: number;
  /** Rows of a microbatch. */
  batch: number;
  /** Microbatches of a step. */
  accumulation: number;
  /** 0 = as many as `epochs` take. */
  steps: number;
  epochs: number;
  /** In tokens; longer rows are cut at the end. */
  maxLength: number;
  /** Largest global norm of the gradient; 0 = no clip. */
  clip: number;
  weightDecay: number;
  seed: number;
  /** Share of the prompts that the seeded split keeps for the test, of rows that belong to neither file. */
  testShare: number;
  /** Steps between two evaluations on the test rows; 0 = only at start and end. */
  evalEvery: number;
  /** Also answer the test prompts and count the answers that are word for word right. */
  exactMatch: boolean;
  /** Steps between two checkpoints. */
  checkpointEvery: number;
  /** Steps between two rounds of answers to the fixed prompts; 0 = only at start and end. */
  sampleEvery: number;
  /** MiB that weights, adapter, optimizer and the step's memory may take together; layers over it are recomputed. */
  memoryBudget: number;
}

/** Of a configuration: the settings that are numbers. */
export type NumberKey<Config> = { [K in keyof Config]: Config[K] extends number ? K : never }[keyof Config] & string;

export interface NumberField<Config = SftConfig> {
  key: NumberKey<Config>;
  min: number;
  max: number;
  /** Of the form; rates go by factors and have none. */
  step: number;
  default: number;
  /** Shown at once; the others are in the advanced fold. */
  basic?: true;
  /** Whole numbers only. */
  whole?: true;
  /** The form moves by factors. */
  logarithmic?: true;
}

/** In the order of the form. Choices (targets, schedule, rsLora, exactMatch) have controls of their own. */
export const SFT_FIELDS: readonly NumberField[] = [
  { key: 'steps', min: 0, max: 100_000, step: 10, default: 120, basic: true, whole: true },
  { key: 'epochs', min: 1, max: 100, step: 1, default: 3, basic: true, whole: true },
  { key: 'batch', min: 1, max: 64, step: 1, default: 8, basic: true, whole: true },
  { key: 'learningRate', min: 1e-6, max: 0.1, step: 0, default: 2e-4, basic: true, logarithmic: true },
  { key: 'rank', min: 1, max: 64, step: 1, default: 8, basic: true, whole: true },
  { key: 'alpha', min: 1, max: 256, step: 1, default: 16 },
  { key: 'dropout', min: 0, max: 0.5, step: 0.01, default: 0 },
  { key: 'accumulation', min: 1, max: 64, step: 1, default: 1, whole: true },
  { key: 'maxLength', min: 16, max: 8192, step: 16, default: 512, whole: true },
  { key: 'warmup', min: 0, max: 0.5, step: 0.01, default: 0.08 },
  { key: 'clip', min: 0, max: 100, step: 0.1, default: 1 },
  { key: 'weightDecay', min: 0, max: 0.5, step: 0.01, default: 0 },
  { key: 'testShare', min: 0, max: 0.5, step: 0.05, default: 0.1 },
  { key: 'evalEvery', min: 0, max: 10_000, step: 5, default: 20, whole: true },
  { key: 'sampleEvery', min: 0, max: 10_000, step: 5, default: 20, whole: true },
  { key: 'checkpointEvery', min: 1, max: 10_000, step: 5, default: 20, whole: true },
  { key: 'memoryBudget', min: 64, max: 65_536, step: 64, default: 2048, whole: true },
  { key: 'seed', min: 0, max: 4_294_967_295, step: 1, default: 1, whole: true },
];

export const defaultsOf = <Config>(fields: readonly NumberField<Config>[]): Record<NumberKey<Config>, number> =>
  Object.fromEntries(fields.map((field) => [field.key, field.default])) as Record<NumberKey<Config>, number>;

/** Throws a sentence naming the first number that is missing or out of its range. */
export function validateNumbers<Config>(
  value: unknown,
  fields: readonly NumberField<Config>[],
  where: string,
): Record<NumberKey<Config>, number> {
  const v = object(value, where);
  return Object.fromEntries(
    fields.map(({ key, min, max, whole }) => {
      const given = finite(v[key], `${where}.${key}`, min, max);
      if (whole && !Number.isInteger(given)) fail(`${where}.${key}`, 'must be a whole number', given, 'Round it.');
      return [key, given];
    }),
  ) as Record<NumberKey<Config>, number>;
}

/** What does its best on a model: the rate that its record names, no row longer than its context. */
export function defaultSft(model: BaseModel): SftConfig {
  const numbers = defaultsOf(SFT_FIELDS);
  return {
    ...numbers,
    rsLora: false,
    targets: TARGETS,
    schedule: 'linear',
    exactMatch: false,
    learningRate: model.loraRate,
    maxLength: Math.min(numbers.maxLength, model.contextLength),
  };
}

export const PRESETS = ['quick', 'balanced', 'thorough'] as const;
export type Preset = (typeof PRESETS)[number];

/** quick: something to see within a minute or two. balanced: the default. thorough: more passes at a lower rate. */
export function presetSft(preset: Preset, model: BaseModel): SftConfig {
  const base = defaultSft(model);
  if (preset === 'quick') return { ...base, steps: 60, evalEvery: 10, sampleEvery: 10, checkpointEvery: 20 };
  if (preset === 'thorough')
    return { ...base, steps: 0, epochs: 10, rank: 16, alpha: 32, dropout: 0.05, learningRate: model.loraRate / 2 };
  return base;
}

/** Tokens of a row that are read: what the run allows and the model can hold. */
export const rowLimit = (
  { maxLength }: Pick<SftConfig, 'maxLength'>,
  { contextLength }: Pick<BaseModel, 'contextLength'>,
): number => Math.min(maxLength, contextLength);

export const loraOf = ({ rank, alpha, dropout, rsLora, targets }: LoraSettings): LoraSettings => ({
  rank,
  alpha,
  dropout,
  rsLora,
  targets,
});

/** Throws a sentence naming the first field that is wrong. */
export function validateSft(value: unknown, where = 'config'): SftConfig {
  const v = object(value, where);
  const numbers = validateNumbers(v, SFT_FIELDS, where);
  const { targets } = validateLora({ ...numbers, targets: v.targets, rsLora: v.rsLora }, where);
  return {
    ...numbers,
    targets,
    schedule: scheduleOf(v.schedule, where),
    rsLora: v.rsLora === true,
    exactMatch: v.exactMatch === true,
  };
}

export function scheduleOf(value: unknown, where: string): Schedule {
  const schedule = SCHEDULES.find((name) => name === value);
  return schedule ?? fail(`${where}.schedule`, `must be one of ${SCHEDULES.join(', ')}`, value, 'Choose one.');
}
