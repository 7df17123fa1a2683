// What every trainer tells and keeps: events on the way, and a state from which it goes on.
import type { AlarmName, LogText, MetricName, Rollout, RunPlan } from '../../records/run.ts';

/** All that a run needs to go on: arrays and numbers by name, written and read by the trainer alone. */
export interface TrainerState {
  /** Steps done. */
  step: number;
  /** f32 [n] each. `adapter` is what the run leaves, as src/engine/lora.ts lays it out; `head` is its scalar head, if any. */
  tensors: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** Numbers survive exactly. */
  facts: Readonly<Record<string, number | boolean>>;
}

/** Whether `steps` steps and all that is due after the last of them are done. */
export const isWhole = ({ step, facts }: TrainerState, steps: number): boolean =>
  step === steps && facts.evaluated !== false;

export type Doing =
  | 'compiling'
  | 'training'
  | 'evaluating'
  | 'counting'
  | 'countingBase'
  | 'sampling'
  | 'rolling'
  | 'scoring'
  | 'optimising';

export type TrainerEvent =
  | { kind: 'prepared'; steps: number; plan: RunPlan }
  | { kind: 'doing'; what: Doing; share: number | null }
  | { kind: 'metrics'; step: number; values: Partial<Record<MetricName, number>> }
  | { kind: 'samples'; step: number; texts: string[]; scores?: number[] }
  | { kind: 'rollouts'; step: number; rollouts: Rollout[] }
  | { kind: 'alarm'; step: number; alarm: AlarmName; serious: boolean; value: number; limit: number }
  | { kind: 'log'; step: number; text: LogText; detail: string }
  /** A step has been submitted; its metrics may come a little later. */
  | { kind: 'step'; step: number }
  | { kind: 'checkpoint'; state: TrainerState };

/** Returns the state as it ended; an aborted signal ends it at the next place. */
export type Trainer = AsyncGenerator<TrainerEvent, TrainerState, void>;
