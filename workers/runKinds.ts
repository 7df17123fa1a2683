// What differs between the kinds of runs: what they learn from, who trains them, and what they leave. The rest is course.ts.
import { splitOf } from '../src/curation/split.ts';
import type { Engine, TrainerParts } from '../src/engine/engine.ts';
import { loraParts } from '../src/engine/lora.ts';
import { prepareRows, type PreparedRows } from '../src/engine/training/prepare.ts';
import { trainSft } from '../src/engine/training/sft.ts';
import type { Trainer, TrainerState } from '../src/engine/training/state.ts';
import type { AdapterPart } from '../src/formats/adapterWeights.ts';
import type { LoraSettings } from '../src/records/adapter.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import { loraOf, type SftConfig } from '../src/records/config.ts';
import type { Run, RunData, SftRun } from '../src/records/run.ts';
import type { Database } from '../src/storage/database.ts';
import { readDemonstrations } from '../src/storage/demonstrations.ts';
import type { NewAdapter } from './adapters.ts';
import { RunProblem } from './runStore.ts';

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

export async function prepareRun(around: Surroundings, run: Run): Promise<PreparedRun> {
  switch (run.kind) {
    case 'sft':
      return prepareSft(around, run);
    default:
      throw new RunProblem(`run: its kind must be known, got "${run.kind}". Load the page again.`);
  }
}

async function prepareSft(around: Surroundings, { projectId, config, samples }: SftRun): Promise<PreparedRun> {
  const rows = await demonstrationRows(around, projectId, config);
  return {
    data: rows.data,
    start: (starting) => trainSft({ ...starting, config, rows, samples }),
    leaves: async ({ tensors }) => ({
      ...(await partsOf(around.engine, loraOf(config))),
      taskType: 'CAUSAL_LM',
      values: tensors.adapter ?? new Float32Array(),
      head: null,
    }),
  };
}

export async function demonstrationRows(
  { engine, db, base }: Surroundings,
  projectId: string,
  config: Pick<SftConfig, 'seed' | 'testShare' | 'maxLength'>,
): Promise<PreparedRows> {
  const { train, test } = splitOf(await readDemonstrations(db, projectId), config);
  const given = { train: train.map(({ row }) => row), test: test.map(({ row }) => row) };
  return prepareRows(engine.tokenizer, base, given, config);
}

/** How the numbers of an adapter lie on the loaded base. */
export async function partsOf(
  engine: Engine,
  lora: LoraSettings,
): Promise<{ lora: LoraSettings; parts: readonly AdapterPart[] }> {
  return { lora, parts: await engine.job(async ({ model }) => loraParts(model.config, lora).parts) };
}
