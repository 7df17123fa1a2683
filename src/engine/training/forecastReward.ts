// What the training of a reward model would take, before anything is started, as forecast.ts.
import type { RewardConfig } from '../../records/rewardConfig.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Llama } from '../models/llama.ts';
import { COMPILE_MS, costOf, looks, refused, type RunForecast } from './forecast.ts';
import { pairSchedule, partsOf, type PairBatch, type PreparedPairs } from './pairs.ts';
import { UPDATE_KEY } from './plan.ts';
import { evaluatePairs, planReward, trainPairs, type RewardPlan } from './rewardPlan.ts';

/** Allocates the adapter and the small inputs for a moment; `gpu` must be calibrated. */
export function forecastReward(gpu: Gpu, model: Llama, pairs: PreparedPairs, config: RewardConfig): RunForecast {
  const schedule = pairSchedule(pairs, config);
  const { steps, epoch, evaluation } = schedule;
  let plan: RewardPlan | null = null;
  try {
    plan = planReward(gpu, model, config, schedule);
    const { most } = plan;
    const { bytes, hash, recomputed: recomputedLayers, recorders } = plan.passes;
    const costs = (batches: readonly PairBatch[], key: (bucket: PairBatch['bucket']) => string): number =>
      batches
        .flatMap((batch) => partsOf(batch, most))
        .reduce((sum, { bucket }) => sum + costOf(gpu, recorders.get(key(bucket))), 0);
    const stepMs = costs(epoch, trainPairs) / epoch.length + costOf(gpu, recorders.get(UPDATE_KEY));
    // At the end the test pairs are scored once more, for the record of its quality, beside as many trained ones.
    const tests = looks(steps, config.evalEvery) + 2;
    const besideMs = COMPILE_MS * (recorders.size + 2) + tests * costs(evaluation, evaluatePairs);
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
  }
}
