// What a run of any kind is made of before it is trained, and what it leaves: the contract between course.ts and the kinds.
import type { Engine, TrainerParts } from '../src/engine/engine.ts';
import { loraParts } from '../src/engine/lora.ts';
import type { Trainer, TrainerState } from '../src/engine/training/state.ts';
import type { AdapterPart } from '../src/formats/adapterWeights.ts';
import type { LoraSettings } from '../src/records/adapter.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import type { RunData } from '../src/records/run.ts';
import type { Database } from '../src/storage/database.ts';
import type { NewAdapter } from './adapters.ts';

export interface Starting extends TrainerParts {
  resume: TrainerState | null;
  signal: AbortSignal;
  onCompile: (done: number, total: number) => void;
}

/** An adapter in the making; `name` where it is not that of the run. */
export type LeftAdapter = Pick<NewAdapter, 'taskType' | 'lora'> & {
  name?: string;
  parts: readonly AdapterPart[];
  values: Float32Array;
  /** [D] of one that scores. */
  head: Float32Array | null;
};

export interface PreparedRun {
  data: RunData;
  start(with_: Starting): Trainer;
  /** What the run leaves, from its last state. */
  leaves(state: TrainerState): Promise<LeftAdapter>;
  /** What is to be known of it before the run is done; asks after each share (0 … 1) whether to go on. */
  judge?(goOn: (share: number) => Promise<boolean>): Promise<void>;
}

export interface Surroundings {
  engine: Engine;
  db: Database;
  base: BaseModel;
}

/** How the numbers of an adapter lie on the loaded base. */
export async function partsOf(
  engine: Engine,
  lora: LoraSettings,
): Promise<{ lora: LoraSettings; parts: readonly AdapterPart[] }> {
  return { lora, parts: await engine.job(async ({ model }) => loraParts(model.config, lora).parts) };
}
