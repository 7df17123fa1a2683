// A run: one execution of a trainer, from its configuration to the adapter that it left, and the log of what happened.
import { validateSft, type SftConfig } from './config.ts';
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

export interface Run {
  id: string;
  projectId: string;
  kind: 'sft';
  name: string;
  config: SftConfig;
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
  | 'skipped'; // 1 when the step's gradient was not finite and nothing was changed

/** One line of the log, in order. `at` is UTC in ms; `step` counts from 1, 0 is before the first. */
export type RunEventBody =
  | { kind: 'metrics'; values: Partial<Record<MetricName, number>> }
  | { kind: 'samples'; texts: string[] } // one per SamplePrompt
  | { kind: 'log'; text: LogText; detail: string };
export type RunEvent = { runId: string; index: number; step: number; at: number } & RunEventBody;

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
  | 'paused'
  | 'stopped'
  | 'done'
  | 'failed';

export const checkpointPath = (runId: string): string => `runs/${runId}/checkpoint.safetensors`;
export const runFolder = (runId: string): string => `runs/${runId}`;

const STATUSES: readonly RunStatus[] = ['running', 'paused', 'stopped', 'done', 'failed'];

/** Of a file or of another version; what is only told (plan, data) is kept as it came. */
export function validateRun(value: unknown, where = 'run'): Run {
  const v = object(value, where);
  const get = (key: string): string => text(v[key], `${where}.${key}`);
  const count = (key: string): number => finite(v[key], `${where}.${key}`, 0);
  return {
    id: get('id'),
    projectId: get('projectId'),
    kind: 'sft',
    name: get('name'),
    config: validateSft(v.config, `${where}.config`),
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
