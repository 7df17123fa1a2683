// What a run would take, before anything is started: steps, memory and time, or why it cannot run.
import { loraOf, type SftConfig } from '../../records/config.ts';
import type { RunPlan } from '../../records/run.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Recorder } from '../gpu/program.ts';
import { createAdapter, initialLora, type Adapter } from '../lora.ts';
import type { Llama } from '../models/llama.ts';
import { disposeGroup } from '../optim.ts';
import { inOrder } from './batches.ts';
import { answerBytes, ANSWERS, SLACK } from './evaluate.ts';
import { MemoryError } from './passes.ts';
import { evaluateKey, StepPlan, trainAdapter, trainKey, UPDATE_KEY, type Trainable } from './plan.ts';
import { schedule, type PreparedRows } from './prepare.ts';

export interface RunForecast {
  steps: number;
  plan: RunPlan;
  /** Of one step. */
  stepMs: number;
  /** Of all that comes beside the steps: compiling, tests, answers. */
  besideMs: number;
  /** A sentence; null when it can run. */
  problem: string | null;
}

const MIB = 2 ** 20;
/** The kernels of a step, the small ones among them, reach about this share of the speed of a large product. */
export const SHARE_OF_PEAK = 0.6;
/** Compiling of one program: not measured beforehand, about what a laptop takes. */
export const COMPILE_MS = 700;
/** Fixed questions that the pages ask all along. */
const SAMPLES = 4;

/** Completion tokens of the row that has most of them. */
const longest = ({ test, train }: PreparedRows): number =>
  (test.length > 0 ? test : train).reduce(
    (most, { mask }) =>
      Math.max(
        most,
        mask.reduce((sum, m) => sum + m, 0),
      ),
    0,
  );

/** What answers take, reckoned from a forward pass over rows of the largest size that is planned. */
function answering({ gpu, passes: { recorders }, options }: StepPlan, count: number, tokens: number): number {
  const bucket = options.evaluate.at(-1) ?? options.train.at(-1);
  const forward = bucket && recorders.get(evaluateKey(bucket));
  const rec = forward ?? (bucket && recorders.get(trainKey(bucket))); // a step takes about three passes
  if (!bucket || !rec || count === 0) return 0;
  const share = forward ? 1 : 3;
  const dispatches = (rec.length * gpu.dispatchMs) / share;
  const perToken = rec.flops / (share * bucket.batch * bucket.time * SHARE_OF_PEAK * gpu.flopsPerMs);
  // Each round reads its prompts once, then draws token after token: never quicker than its dispatches.
  const members = Math.min(count, ANSWERS);
  const drawn = tokens * (dispatches + members * perToken);
  return Math.ceil(count / ANSWERS) * (dispatches + members * bucket.time * perToken + drawn);
}

/** How often something comes that is due before the first step, after the last, and every so many between. */
export const looks = (steps: number, every: number): number => 2 + (every > 0 ? Math.floor((steps - 1) / every) : 0);

/** Of one run of a program, in ms; `gpu` must be calibrated. */
export const costOf = (gpu: Gpu, rec: Recorder | undefined): number =>
  rec ? rec.length * gpu.dispatchMs + rec.flops / (SHARE_OF_PEAK * gpu.flopsPerMs) : 0;

/** Of a run that cannot begin: why, in a sentence. Other errors are thrown on. */
export function refused(gpu: Gpu, model: Llama, steps: number, error: unknown): RunForecast {
  if (!(error instanceof MemoryError || error instanceof RangeError)) throw error;
  const bytes = error instanceof MemoryError ? error.bytes : 0;
  const { layers } = model.config;
  const plan = { hash: '', device: gpu.name, bytes, recomputedLayers: layers, layers };
  return { steps, plan, stepMs: 0, besideMs: 0, problem: error.message };
}

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
    const { bytes, recomputed: recomputedLayers, hash, recorders } = plan.passes;
    const cost = (rec: Recorder | undefined): number => costOf(gpu, rec);
    const all = epoch.reduce((sum, { bucket }) => sum + cost(recorders.get(trainKey(bucket))), 0);
    const stepMs = (config.accumulation * all) / epoch.length + cost(recorders.get(UPDATE_KEY));

    // A test reads every test row once; exact match and the fixed questions answer at their own pace.
    const tests = inOrder(rows.test, test);
    const testMs = tests.reduce((sum, { bucket }) => sum + cost(recorders.get(evaluateKey(bucket))), 0);
    const exact = config.exactMatch ? answering(plan, rows.questions.length, longest(rows) + SLACK) : 0;
    const besideMs =
      COMPILE_MS * (recorders.size + 2) + // two more for answers: their prompts, and each next token
      looks(steps, config.evalEvery) * (testMs + exact) +
      looks(steps, config.sampleEvery) * answering(plan, SAMPLES, longest(rows) + SLACK);
    const planned = { hash, device: gpu.name, bytes, recomputedLayers, layers };
    return { steps, plan: planned, stepMs, besideMs, problem: null };
  } catch (error) {
    return refused(gpu, model, steps, error);
  } finally {
    plan?.dispose();
    trainable?.groups.forEach(disposeGroup);
    adapter?.flat.slot?.buffer.destroy();
  }
}
