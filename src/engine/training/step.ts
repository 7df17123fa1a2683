// A training step, replayed: writes its inputs, submits its microbatches and its update, and reads its metrics late.
import type { Gpu } from '../gpu/device.ts';
import { ReadbackRing } from '../gpu/readback.ts';
import type { Llama } from '../models/llama.ts';
import { packStepParams, readMetrics, METRIC_WORDS, type StepMetrics, type StepParams } from '../optim.ts';
import type { BatchArrays, Bucket } from './batches.ts';
import { Passes } from './passes.ts';
import { evaluateKey, keyOf, StepPlan, trainKey, UPDATE_KEY, type PlanOptions } from './plan.ts';

/** Steps whose metrics may be on their way at once. */
export const STEPS_AHEAD = 3;

/** A microbatch with its numbers. */
export interface Loaded extends BatchArrays {
  bucket: Bucket;
}

/** Of a step: the optimizer's numbers, and the seed of the dropout. */
export interface SubmitParams extends StepParams {
  seed: number;
}

type Progress = (done: number, total: number) => void;

/** Plans, compiles and binds everything that the steps need; refuses in words what does not fit. */
export const recordStep = (gpu: Gpu, model: Llama, options: PlanOptions, onCompile?: Progress): Promise<TrainingStep> =>
  compileStep(new StepPlan(gpu, model, options), onCompile);

/** From here on the plan belongs to the step; both are freed when it fails. */
export async function compileStep(plan: StepPlan, onCompile?: Progress): Promise<TrainingStep> {
  try {
    return new TrainingStep(plan, await Passes.compile(plan.passes, onCompile));
  } catch (error) {
    plan.dispose();
    throw error;
  }
}

export class TrainingStep {
  readonly #ring: ReadbackRing;
  readonly #late: { step: number; read: () => Promise<ArrayBuffer> }[] = [];
  readonly #weights = new Map<string, Float32Array<ArrayBuffer>>();
  readonly #dropout = new Uint32Array(2);

  constructor(
    readonly plan: StepPlan,
    readonly passes: Passes,
  ) {
    this.#ring = new ReadbackRing(plan.gpu, plan.metrics.bytes, STEPS_AHEAD + 1);
  }

  /** Steps that are submitted and not yet read. */
  get late(): number {
    return this.#late.length;
  }

  /** Submits one step: its gradient is that of the mean over the completion tokens of all its microbatches. */
  submit(microbatches: readonly Loaded[], { seed, ...params }: SubmitParams, sliceMs = Infinity): void {
    const { gpu, stepParams, dropout, metrics } = this.plan;
    const valid = microbatches.reduce((sum, batch) => sum + batch.valid, 0);
    gpu.write(stepParams, packStepParams(params));
    this.#dropout[0] = seed;
    microbatches.forEach((batch, i) => {
      this.#dropout[1] = (params.step - 1) * microbatches.length + i;
      gpu.write(dropout, this.#dropout);
      this.#load(batch, 1 / valid);
      this.passes.program(trainKey(batch.bucket)).run(sliceMs);
    });
    gpu.submit((encoder) => {
      this.passes.program(UPDATE_KEY).encode(encoder);
      this.#late.push({ step: params.step, read: this.#ring.copy(encoder, metrics) });
    });
  }

  /** The metrics of the oldest step that is under way. */
  async read(): Promise<StepMetrics> {
    const oldest = this.#late.shift();
    if (!oldest) throw new Error('step: one must be under way, got none. Submit one first.');
    const rows = new Float32Array(await oldest.read());
    const at = (oldest.step % (rows.length / METRIC_WORDS)) * METRIC_WORDS;
    return readMetrics(rows.subarray(at, at + METRIC_WORDS));
  }

  /** Adds weight · loss of each completion token, and the hits, to the evaluation under way. */
  evaluate(batch: Loaded, weight: number, sliceMs = Infinity): void {
    this.#load(batch, weight);
    this.passes.program(evaluateKey(batch.bucket)).run(sliceMs);
  }

  /** Ends the evaluation under way and begins another. */
  async evaluated(): Promise<{ loss: number; hits: number; tokens: number }> {
    const { gpu, evaluated } = this.plan;
    const [loss = 0, hits = 0, tokens = 0] = await gpu.read(evaluated);
    this.forgetEvaluated();
    return { loss, hits, tokens };
  }

  forgetEvaluated(): void {
    this.plan.gpu.write(this.plan.evaluated, new Float32Array(4));
  }

  #load({ bucket, ids, index, targets, valid }: Loaded, weight: number): void {
    const { gpu } = this.plan;
    const inputs = this.plan.inputsOf(bucket);
    const key = keyOf(bucket);
    let weights = this.#weights.get(key);
    if (!weights) this.#weights.set(key, (weights = new Float32Array(bucket.rows)));
    gpu.write(inputs.ids, ids);
    gpu.write(inputs.index, index);
    gpu.write(inputs.targets, targets);
    gpu.write(inputs.weights, weights.fill(weight, 0, valid).fill(0, valid));
  }

  dispose(): void {
    this.passes.dispose();
    this.#ring.dispose();
    this.plan.dispose();
  }
}
