// How a PPO run is laid out on the GPU: sizes of its microbatches, answers drawn at once, and memory; or why it does not fit.
import type { PpoConfig } from '../../records/ppoConfig.ts';
import { plannedBytes } from '../decoder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Llama } from '../models/llama.ts';
import { MemoryError } from './passes.ts';
import { PpoPlan } from './ppoPasses.ts';
import type { Roles } from './ppoRoles.ts';
import { planSizes } from './ppoSizes.ts';
import type { PreparedPrompt } from './prompts.ts';
import { rowsAtOnce } from './rollout.ts';

const MIB = 2 ** 20;

/** Smaller microbatches before recomputed layers: those cost time, these do not. Then as many answers at once as are left
 *  room for. The plan belongs to the caller. */
export function planPpo(
  gpu: Gpu,
  model: Llama,
  roles: Roles,
  config: PpoConfig,
  prompts: readonly PreparedPrompt[],
): { plan: PpoPlan; size: { rows: number; longest: number } } {
  const { maxNewTokens } = config;
  const lengths = prompts.map(({ ids }) => ids.length);
  const longest = Math.max(...lengths);
  const positions = longest + maxNewTokens;
  const budget = config.memoryBudget * MIB;
  const answers = plannedBytes(gpu, model, 1, positions);
  const minibatch = config.batch / config.minibatches;
  const planned = (most?: number): PpoPlan => {
    const sizes = planSizes(lengths, { maxNewTokens, minibatch }, most);
    return new PpoPlan(gpu, model, { roles, sizes, config, budget, answers });
  };
  const attempt = (most?: number): PpoPlan | null => {
    try {
      return planned(most);
    } catch (error) {
      if (error instanceof MemoryError) return null;
      throw error;
    }
  };
  let plan = attempt();
  let batch = plan?.options.sizes[0]?.batch ?? minibatch;
  while ((!plan || plan.passes.recomputed > 0) && batch > 1) {
    plan?.dispose();
    batch = Math.ceil(batch / 2);
    plan = attempt(batch * positions);
  }
  plan ??= planned(1);
  return { plan, size: { rows: rowsAtOnce(gpu, model, config.batch, positions, plan.passes.room), longest } };
}
