// What a run would take, before anything is started: steps, memory and time, or why it cannot run.
import { loraOf, type SftConfig } from '../../records/config.ts';
import type { RunPlan } from '../../records/run.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Recorder } from '../gpu/program.ts';
import { createAdapter, initialLora, type Adapter } from '../lora.ts';
import type { Llama } from '../models/llama.ts';
import { disposeGroup } from '../optim.ts';
import { answerBytes } from './evaluate.ts';
import { keyOf, MemoryError, StepPlan, trainAdapter, type Trainable } from './plan.ts';
import { schedule, type PreparedRows } from './prepare.ts';

export interface RunForecast {
  steps: number;
  plan: RunPlan;
  stepMs: number;
  /** A sentence; null when it can run. */
  problem: string | null;
}

const MIB = 2 ** 20;
/** The kernels of a step, the small ones among them, reach about this share of the speed of a large product. */
const SHARE_OF_PEAK = 0.6;

/** Allocates the adapter and the small inputs for a moment; `gpu` must be calibrated. */
export function forecastRun(gpu: Gpu, model: Llama, rows: PreparedRows, config: SftConfig): RunForecast {
  const { steps, train, test, epoch } = schedule(rows, config);
  const { layers } = model.config;
  const settings = loraOf(config);
  let adapter: Adapter | null = null;
  let trainable: Trainable | null = null;
  let plan: StepPlan | null = null;
  try {
    adapter = createAdapter(gpu, model.config, settings, initialLora(model.config, settings, config.seed));
    trainable = trainAdapter(gpu, adapter);
    const budget = config.memoryBudget * MIB;
    const answers = answerBytes(gpu, model);
    plan = new StepPlan(gpu, model, { adapter, trainable, train, evaluate: test, budget, answers });
    const { bytes, recomputed: recomputedLayers, hash, update } = plan;
    const cost = (rec: Recorder | undefined): number =>
      rec ? rec.length * gpu.dispatchMs + rec.flops / (SHARE_OF_PEAK * gpu.flopsPerMs) : 0;
    const all = epoch.reduce((sum, { bucket }) => sum + cost(plan?.train.get(keyOf(bucket))), 0);
    const stepMs = (config.accumulation * all) / epoch.length + cost(update);
    return { steps, plan: { hash, device: gpu.name, bytes, recomputedLayers, layers }, stepMs, problem: null };
  } catch (error) {
    if (!(error instanceof MemoryError || error instanceof RangeError)) throw error;
    const bytes = error instanceof MemoryError ? error.bytes : 0;
    const none = { hash: '', device: gpu.name, bytes, recomputedLayers: layers, layers };
    return { steps, plan: none, stepMs: 0, problem: error.message };
  } finally {
    plan?.dispose();
    trainable?.groups.forEach(disposeGroup);
    adapter?.flat.slot?.buffer.destroy();
  }
}
