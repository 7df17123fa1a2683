// Runs of PPO: the project's prompts, the adapter that the policy starts from, and the reward model, out of storage.
import { adaptersOf, type StoredAdapter } from '../src/engine/decoders.ts';
import { trainPpo } from '../src/engine/training/ppo.ts';
import { policySettings, type RewardModel } from '../src/engine/training/ppoRoles.ts';
import { preparePrompts, type PreparedPrompts } from '../src/engine/training/prompts.ts';
import type { PpoConfig } from '../src/records/ppoConfig.ts';
import type { PpoRun } from '../src/records/run.ts';
import { readPrompts } from '../src/storage/prompts.ts';
import { readAdapter } from './adapters.ts';
import { partsOf, type PreparedRun, type Surroundings } from './runParts.ts';
import { RunProblem } from './runStore.ts';

export interface Practising {
  prompts: PreparedPrompts;
  start: StoredAdapter | null;
  reward: RewardModel | null;
}

export async function practising(
  { engine, db, base }: Surroundings,
  projectId: string,
  config: PpoConfig,
): Promise<Practising> {
  const { startAdapterId, rewardAdapterId, rules } = config;
  if (rewardAdapterId === null && rules.length === 0)
    throw new RunProblem('ppo: a reward model or a rule must say what is good, got neither. Choose one of them.');
  const stored = adaptersOf(base, readAdapter);
  const start = startAdapterId === null ? null : await stored(startAdapterId);
  if (start?.head)
    throw new RunProblem(
      'ppo: the policy must start from an adapter that answers, got a reward model. Choose another.',
    );
  const reward = rewardAdapterId === null ? null : await stored(rewardAdapterId);
  if (reward && !reward.head)
    throw new RunProblem('ppo: answers must be scored by a reward model, got an adapter that answers. Choose another.');
  const prompts = preparePrompts(engine.tokenizer, base, await readPrompts(db, projectId), config);
  return { prompts, start, reward: reward?.head ? { ...reward, head: reward.head } : null };
}

export async function preparePpo(around: Surroundings, { projectId, config, samples }: PpoRun): Promise<PreparedRun> {
  const parts = await practising(around, projectId, config);
  return {
    data: parts.prompts.data,
    start: (starting) => trainPpo({ ...starting, ...parts, config, samples }),
    leaves: async ({ tensors }) => ({
      ...(await partsOf(around.engine, policySettings(config, parts.start))),
      name: `${around.base.id}-rlhf`,
      taskType: 'CAUSAL_LM',
      values: tensors.adapter ?? new Float32Array(),
      head: null,
    }),
  };
}
