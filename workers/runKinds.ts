// What differs between the kinds of runs: what they learn from, who trains them, and what they leave. The rest is course.ts.
import { splitOf } from '../src/curation/split.ts';
import { prepareRows, type PreparedRows } from '../src/engine/training/prepare.ts';
import { trainSft } from '../src/engine/training/sft.ts';
import { loraOf, type SftConfig } from '../src/records/config.ts';
import type { Run, SftRun } from '../src/records/run.ts';
import { readDemonstrations } from '../src/storage/demonstrations.ts';
import { preparePpo } from './ppoRun.ts';
import { prepareReward } from './rewardRun.ts';
import { partsOf, type PreparedRun, type Surroundings } from './runParts.ts';

export function prepareRun(around: Surroundings, run: Run): Promise<PreparedRun> {
  if (run.kind === 'sft') return prepareSft(around, run);
  return run.kind === 'reward' ? prepareReward(around, run) : preparePpo(around, run);
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
