// What a step is made of, recorded but not compiled: its memory is known, or refused, before it is allocated.
//
// One program for each size of microbatch, one for each size that is only evaluated, and one update.
import type { Gpu } from '../gpu/device.ts';
import type { Recorder } from '../gpu/program.ts';
import { view, type Tensor } from '../gpu/tensor.ts';
import type { Adapter } from '../lora.ts';
import { forward, type Llama } from '../models/llama.ts';
import { crossEntropy, sumLosses } from '../ops/crossEntropy.ts';
import { createGroup, METRIC_WORDS, recordUpdate, STEP_WORDS, type ParameterGroup } from '../optim.ts';
import { Tape } from '../tape.ts';
import type { Bucket } from './batches.ts';
import { PassPlan, type Pass } from './passes.ts';

/** What is trained: groups of the optimizer, and for each tensor the place that its gradient is added into. */
export interface Trainable {
  groups: readonly ParameterGroup[];
  parameters: ReadonlyMap<Tensor, Tensor>;
}

/** All matrices of an adapter as one group. */
export function trainAdapter(gpu: Gpu, { flat, parts, layers }: Adapter): Trainable {
  const group = createGroup(gpu, flat, true);
  const matrices = layers.flatMap((layer) => Object.values(layer)).flatMap(({ a, b }) => [a, b]);
  const gradientOf = (t: Tensor, i: number): Tensor =>
    view(group.gradient, `gradient of ${t.label}`, parts[i]?.offset ?? 0, t.shape);
  return { groups: [group], parameters: new Map(matrices.map((t, i) => [t, gradientOf(t, i)])) };
}

/** Tensors of the base itself, each a group of its own; vectors (norms, biases) do not decay. */
export function trainTensors(gpu: Gpu, tensors: readonly Tensor[]): Trainable {
  const groups = tensors.map((t) => createGroup(gpu, t, t.shape.length > 1));
  return { groups, parameters: new Map(groups.map(({ value, gradient }) => [value, gradient])) };
}

export interface PlanOptions {
  /** null where weights of the base are trained. */
  adapter: Adapter | null;
  trainable: Trainable;
  /** Sizes of the microbatches that are trained on, and of those that are only evaluated. */
  train: readonly Bucket[];
  evaluate: readonly Bucket[];
  /** Bytes on the GPU in all, weights included. */
  budget?: number;
  /** Bytes that are kept free for answers between steps. */
  answers?: number;
  /** Largest buffer of logits in bytes. */
  maxLogits?: number;
}

/** Of one size; written before each microbatch. */
export interface BucketInputs {
  ids: Tensor; // u32 [B·T]
  index: Tensor; // u32 [R]
  targets: Tensor; // u32 [R]
  weights: Tensor; // [R]
}

const METRIC_ROWS = 8; // more than steps are ever under way
export const keyOf = ({ batch, time, rows }: Bucket): string => `${batch}×${time}, ${rows} rows`;
export const trainKey = (bucket: Bucket): string => `train ${keyOf(bucket)}`;
export const evaluateKey = (bucket: Bucket): string => `evaluate ${keyOf(bucket)}`;
export const UPDATE_KEY = 'update';

export class StepPlan {
  readonly inputs = new Map<string, BucketInputs>();
  readonly starts: Tensor; // u32 [B], zeros
  readonly dropout: Tensor; // u32 [2]: the seed, and a number of each microbatch
  readonly totals: Tensor; // [4] of the step
  readonly evaluated: Tensor; // [4] of an evaluation
  readonly stepParams: Tensor;
  readonly metrics: Tensor; // a ring of rows
  /** What runs, by the keys above. */
  readonly passes: PassPlan;

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    readonly options: PlanOptions,
  ) {
    const buckets = [...options.train, ...options.evaluate];
    this.starts = gpu.tensor('starts', [Math.max(...buckets.map(({ batch }) => batch))], 'u32');
    this.dropout = gpu.tensor('dropout', [2], 'u32');
    this.totals = gpu.tensor('totals', [4]);
    this.evaluated = gpu.tensor('evaluated', [4]);
    this.stepParams = gpu.tensor('stepParams', [STEP_WORDS], 'u32');
    this.metrics = gpu.tensor('metrics', [METRIC_ROWS, METRIC_WORDS]);
    const { adapter, trainable, budget, answers } = options;
    const optimizer = trainable.groups.flatMap(({ gradient, m, v }) => [gradient, m, v]);
    try {
      for (const bucket of buckets) {
        if (this.inputs.has(keyOf(bucket))) continue;
        this.inputs.set(keyOf(bucket), {
          ids: gpu.tensor('ids', [bucket.batch * bucket.time], 'u32'),
          index: gpu.tensor('index', [bucket.rows], 'u32'),
          targets: gpu.tensor('targets', [bucket.rows], 'u32'),
          weights: gpu.tensor('weights', [bucket.rows]),
        });
      }
      const passes: Pass[] = [
        ...options.train.map((bucket) => this.#pass(bucket, true)),
        ...options.evaluate.map((bucket) => this.#pass(bucket, false)),
        { key: UPDATE_KEY, trains: false, record: (rec) => recordUpdate(rec, trainable.groups, this) },
      ];
      const resident = [...optimizer, ...this.#own(), ...(adapter ? [adapter.flat] : [])];
      this.passes = new PassPlan(gpu, model, { passes, resident, budget, answers });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Of a planned size. */
  inputsOf(bucket: Bucket): BucketInputs {
    const found = this.inputs.get(keyOf(bucket));
    if (!found)
      throw new Error(`step: the size of a microbatch must be planned, got ${keyOf(bucket)}. Plan all buckets.`);
    return found;
  }

  /** Training a microbatch up to its gradients, or only its losses. */
  #pass(bucket: Bucket, training: boolean): Pass {
    const key = training ? trainKey(bucket) : evaluateKey(bucket);
    return { key, trains: training, record: (rec, recompute) => this.#record(rec, bucket, training, recompute) };
  }

  #record(rec: Recorder, bucket: Bucket, training: boolean, recompute: number): void {
    const { model, dropout } = this;
    const { adapter, trainable, maxLogits } = this.options;
    const { ids, index, targets, weights } = this.inputsOf(bucket);
    const { batch, time } = bucket;
    const tape = training ? new Tape(rec, trainable.parameters) : null;
    const inputs = { ids, starts: view(this.starts, 'starts', 0, [batch]), batch, time, adapter };
    const drops = training && (adapter?.settings.dropout ?? 0) > 0;
    const hidden = forward(rec, model, { ...inputs, ...(drops && { dropout }), recompute });
    const head = model.weights.head;
    const losses = crossEntropy(rec, { hidden, head, index, targets, weights }, { maxBytes: maxLogits });
    sumLosses(rec, { ...losses, weights }, training ? this.totals : this.evaluated);
    tape?.backward();
  }

  #own(): Tensor[] {
    const { starts, dropout, totals, evaluated, stepParams, metrics } = this;
    const inputs = [...this.inputs.values()].flatMap((own) => Object.values(own) as Tensor[]);
    return [starts, dropout, totals, evaluated, stepParams, metrics, ...inputs];
  }

  /** What it has made itself; adapter and optimizer belong to the caller. */
  dispose(): void {
    for (const t of this.#own()) t.slot?.buffer.destroy();
  }
}
