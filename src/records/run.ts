// A run: one execution of a trainer, from its configuration to the adapter that it left, and the log of what happened.
import { validateSft, type SftConfig } from './config.ts';
import { validatePpo, type PpoConfig } from './ppoConfig.ts';
import { validateReward, type RewardConfig } from './rewardConfig.ts';
import { finite, object, text } from './validate.ts';

export const RUN_VERSION = 1;

export type RunStatus =
  | 'running'
  /** By the person, or because the tab was closed: goes on from the checkpoint. */
  | 'paused'
  /** Ended by the person before its last step; the adapter is kept as it was then. */
  | 'stopped'
  | 'done'
  /** `problem` says why; goes on from the checkpoint. */
  | 'failed';

/** What the trainer made of the rows. */
export interface RunData {
  train: number;
  test: number;
  /** Cut to maxLength. */
  truncated: number;
  /** Without a token that carries loss (left): not trained on. */
  dropped: number;
  /** Of the rows and their order: resuming on other rows is another run. */
  hash: string;
}

/** What computes it: equal hashes on one adapter give equal bits. */
export interface RunPlan {
  hash: string;
  /** Adapter and browser, for the person. */
  device: string;
  /** Weights + adapter + optimizer + the step's memory, as planned. */
  bytes: number;
  recomputedLayers: number;
  layers: number;
}

export interface RunCheckpoint {
  step: number;
  bytes: number;
  savedAt: string; // UTC, ISO 8601
  planHash: string;
  /** Index of the first event after it: the log is cut back to here when the run goes on. */
  events: number;
}

/** A prompt that is answered before, during and after: shown side by side. */
export interface SamplePrompt {
  prompt: string;
  /** What the row says; null for a prompt that a person typed. */
  expected: string | null;
}

interface AnyRun {
  id: string;
  projectId: string;
  name: string;
  modelId: string;
  modelSha256: string;
  status: RunStatus;
  /** A sentence; '' when nothing is wrong. */
  problem: string;
  /** Steps done. */
  step: number;
  /** Steps in all; 0 until the rows have been read. */
  steps: number;
  samples: SamplePrompt[];
  data: RunData | null;
  plan: RunPlan | null;
  checkpoint: RunCheckpoint | null;
  /** What it left; null until it has ended. */
  adapterId: string | null;
  createdAt: string; // UTC, ISO 8601
  endedAt: string | null;
  /** Time spent training, pauses left out. */
  trainedMs: number;
  version: number;
}

export interface SftRun extends AnyRun {
  kind: 'sft';
  config: SftConfig;
}
export interface RewardRun extends AnyRun {
  kind: 'reward';
  config: RewardConfig;
}
export interface PpoRun extends AnyRun {
  kind: 'ppo';
  config: PpoConfig;
}
export type Run = SftRun | RewardRun | PpoRun;
export type RunKind = Run['kind'];
/** What a run is to train, and how. */
export type RunSpec = { [K in RunKind]: Pick<Extract<Run, { kind: K }>, 'kind' | 'config'> }[RunKind];
export const RUN_KINDS = ['sft', 'reward', 'ppo'] as const satisfies readonly RunKind[];

/** Names as in the glossary; the prefix before "/" names the chart. Values are always finite. */
export type MetricName =
  | 'train/loss' // mean over the completion tokens of the step
  | 'train/accuracy' // share of those tokens that were the likeliest
  | 'test/loss'
  | 'test/perplexity'
  | 'test/accuracy'
  | 'test/exact_match'
  | 'lr'
  | 'grad_norm' // before the clip
  | 'tokens_per_second' // of all rows, without padding
  | 'memory_bytes' // planned bytes on the GPU
  | 'skipped' // 1 when the step's gradient was not finite and nothing was changed
  // Reward model. Beside train/loss, train/accuracy (chosen above rejected), test/loss and test/accuracy:
  | 'train/margin' // mean of chosen − rejected
  | 'test/margin'
  | 'test/mean_score' // of chosen and rejected test answers
  // PPO, named as TRL names them where it has them. Means over the answers of the step:
  | 'objective/scores' // reward model and rules, penalty for no end token included
  | 'objective/scores_std'
  | 'objective/model_score' // of the reward model alone
  | 'objective/rules_score' // of all rules, weighed
  | 'objective/kl' // Σ over the tokens of log π − log π_ref
  | 'objective/kl_coef'
  | 'objective/entropy' // of the policy, per token
  | 'objective/non_score_reward' // what the KL takes, summed over the tokens
  | 'objective/rlhf_reward' // score + that
  | 'objective/length' // tokens of an answer
  | 'objective/eos_rate' // share that ended by themselves
  | 'objective/repetition' // share of an answer's trigrams that it has said before
  | 'policy/approxkl_avg'
  | 'policy/clipfrac_avg'
  | 'policy/first_ratio' // mean ratio before the first update: 1
  | 'policy/drift' // mean |Δ log π| between rollout and training kernels before the first update
  | 'loss/policy_avg'
  | 'loss/value_avg'
  | 'val/clipfrac_avg'
  | 'val/explained_variance'
  | 'test/score' // greedy answers to the fixed prompts: what they are paid
  | 'test/match' // share of those with a known answer that contain it
  | 'test/length'
  | 'rollout_tokens_per_second';

/** One line of the log, in order. `at` is UTC in ms; `step` counts from 1, 0 is before the first. */
export type RunEventBody =
  | { kind: 'metrics'; values: Partial<Record<MetricName, number>> }
  | { kind: 'samples'; texts: string[]; scores?: number[] } // one per SamplePrompt
  | { kind: 'rollouts'; rollouts: Rollout[] } // a few of the step's
  | { kind: 'alarm'; alarm: AlarmName; serious: boolean; value: number; limit: number }
  | { kind: 'log'; text: LogText; detail: string };
export type RunEvent = { runId: string; index: number; step: number; at: number } & RunEventBody;

/** An answer that the policy practised with. */
export interface Rollout {
  prompt: string;
  text: string;
  /** Its tokens as text, the end token included where it was drawn. [n] */
  pieces: string[];
  score: number;
  /** Of the reward model; null without one. */
  modelScore: number | null;
  /** By the rules of the configuration, 0 … 1 each. */
  rules: number[];
  /** Σ of logRatios. */
  kl: number;
  ended: boolean;
  /** log π − log π_ref of each token. [n] */
  logRatios: number[];
  /** Whitened: what the update makes more (> 0) or less likely. [n] */
  advantages: number[];
}

/** What is watched while PPO runs: sentences in the message table under `align.alarm.<name>`. */
export const ALARMS = [
  ...(['klNegative', 'klRunaway', 'ratioOff', 'entropyCollapse', 'eosRate', 'lengthDrift', 'repetition'] as const),
  ...(['valueUseless', 'drift', 'matchFalls'] as const),
] as const;
export type AlarmName = (typeof ALARMS)[number];

/** Sentences of the log, by their keys in the message table under `runLog.<key>`; `detail` fills them. */
export type LogText =
  | 'started'
  | 'resumed' // from a checkpoint: detail is its step
  | 'repeated' // lost since that checkpoint: detail is the steps, as "4–6"
  | 'otherPlan' // resumed on another device or kernel plan: not bitwise
  | 'truncated'
  | 'dropped'
  | 'recomputing'
  | 'skipped'
  | 'deviceLost'
  | 'checkpoint'
  | 'asked' // paused for an answer and gone on
  | 'alarmed' // paused by an alarm: detail is its name
  | 'tooLong' // pairs or prompts left out because they are too long: detail is how many
  | 'paused'
  | 'stopped'
  | 'done'
  | 'failed';

export const checkpointPath = (runId: string): string => `runs/${runId}/checkpoint.safetensors`;
export const runFolder = (runId: string): string => `runs/${runId}`;

/** Runs of the first version say no kind. */
export function validateSpec(value: unknown, where = 'run'): RunSpec {
  const v = object(value, where);
  if (v.kind === 'reward') return { kind: 'reward', config: validateReward(v.config, `${where}.config`) };
  if (v.kind === 'ppo') return { kind: 'ppo', config: validatePpo(v.config, `${where}.config`) };
  return { kind: 'sft', config: validateSft(v.config, `${where}.config`) };
}

const STATUSES: readonly RunStatus[] = ['running', 'paused', 'stopped', 'done', 'failed'];

/** Of a file or of another version; what is only told (plan, data) is kept as it came. */
export function validateRun(value: unknown, where = 'run'): Run {
  const v = object(value, where);
  const get = (key: string): string => text(v[key], `${where}.${key}`);
  const count = (key: string): number => finite(v[key], `${where}.${key}`, 0);
  return {
    id: get('id'),
    projectId: get('projectId'),
    name: get('name'),
    ...validateSpec(v, where),
    modelId: get('modelId'),
    modelSha256: get('modelSha256'),
    status: STATUSES.find((status) => status === v.status) ?? 'paused',
    problem: get('problem'),
    step: count('step'),
    steps: count('steps'),
    samples: (Array.isArray(v.samples) ? v.samples : []) as SamplePrompt[],
    data: (v.data ?? null) as RunData | null,
    plan: (v.plan ?? null) as RunPlan | null,
    checkpoint: (v.checkpoint ?? null) as RunCheckpoint | null,
    adapterId: v.adapterId === null ? null : get('adapterId'),
    createdAt: get('createdAt'),
    endedAt: v.endedAt === null ? null : get('endedAt'),
    trainedMs: count('trainedMs'),
    version: finite(v.version, `${where}.version`, 1),
  };
}
