// What a PPO run would take, before anything is started, as forecast.ts: steps, memory and time, or why it cannot run.
import type { PpoConfig } from '../../records/ppoConfig.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Llama } from '../models/llama.ts';
import { parameterCount } from '../models/weights.ts';
import { COMPILE_MS, costOf, looks, refused, SHARE_OF_PEAK, type RunForecast } from './forecast.ts';
import type { PpoPlan } from './ppoPasses.ts';
import { planPpo } from './ppoPlan.ts';
import { Roles, type RewardModel, type StartAdapter } from './ppoRoles.ts';
import { keyOf } from './ppoSizes.ts';
import type { PreparedPrompts } from './prompts.ts';

/** Allocates the adapters and the small inputs for a moment; `gpu` must be calibrated. */
export function forecastPpo(
  gpu: Gpu,
  model: Llama,
  prompts: PreparedPrompts,
  { start, reward }: { start: StartAdapter | null; reward: RewardModel | null },
  config: PpoConfig,
): RunForecast {
  const { steps, batch, ppoEpochs, minibatches, maxNewTokens, sampleEvery } = config;
  let roles: Roles | null = null;
  let plan: PpoPlan | null = null;
  try {
    roles = new Roles(gpu, model, { config, start, reward, resume: null });
    const made = planPpo(gpu, model, roles, config, [...prompts.train, ...prompts.test]);
    plan = made.plan;
    const { passes, options } = plan;
    const { sizes } = options;
    /** Of one microbatch, whichever size it has. */
    const mean = (name: string): number =>
      sizes.reduce((sum, size) => sum + costOf(gpu, passes.recorders.get(`${name} ${keyOf(size)}`)), 0) / sizes.length;
    const groups = (answers: number): number => Math.ceil(answers / (sizes[0]?.batch ?? 1));

    // An answer's tokens come one after another, never quicker than their dispatches; a forward pass has about a third of
    // those of scoring, which reads the text with the reference, the value and the reward model.
    const [first] = sizes;
    const scoring = first && passes.recorders.get(`score ${keyOf(first)}`);
    const dispatches = ((scoring?.length ?? 0) * gpu.dispatchMs) / (reward ? 3 : 2);
    const perToken = (2 * parameterCount(model.config)) / (SHARE_OF_PEAK * gpu.flopsPerMs);
    const { rows, longest } = made.size;
    const drawing = (answers: number): number =>
      Math.ceil(answers / rows) * (maxNewTokens + 1) * dispatches + answers * (longest + maxNewTokens) * perToken;

    const pass = minibatches * groups(batch / minibatches) * (mean('policy') + mean('value'));
    const updates = minibatches * costOf(gpu, passes.recorders.get('update'));
    const stepMs = drawing(batch) + groups(batch) * mean('score') + ppoEpochs * (pass + updates);
    const looked = prompts.test.length;
    const look = looked === 0 ? 0 : drawing(looked) + (reward ? groups(looked) * mean('score') : 0);
    const besideMs = COMPILE_MS * (passes.recorders.size + 2) + looks(steps, sampleEvery) * look;
    const { bytes, hash, recomputed: recomputedLayers } = passes;
    const { layers } = model.config;
    return {
      steps,
      plan: { hash, device: gpu.name, bytes, recomputedLayers, layers },
      stepMs,
      besideMs,
      problem: null,
    };
  } catch (error) {
    return refused(gpu, model, steps, error);
  } finally {
    plan?.dispose();
    roles?.dispose();
  }
}
