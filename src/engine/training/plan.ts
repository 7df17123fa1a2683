// What a step is made of, recorded but not compiled: its memory is known, or refused, before it is allocated.
//
// One program for each size of microbatch, one for each size that is only evaluated, and one update. They run one after
// another, so they share their memory; layers are recomputed when it would exceed the budget.
import { fnv1a } from '../../formats/hash.ts';
import type { Gpu } from '../gpu/device.ts';
import { Recorder } from '../gpu/program.ts';
import { view, type Tensor } from '../gpu/tensor.ts';
import type { Adapter } from '../lora.ts';
import { forward, type Llama } from '../models/llama.ts';
import { weightBytes } from '../models/weights.ts';
import { crossEntropy, sumLosses } from '../ops/crossEntropy.ts';
import { createGroup, METRIC_WORDS, recordUpdate, STEP_WORDS, type ParameterGroup } from '../optim.ts';
import { Tape } from '../tape.ts';
import type { Bucket } from './batches.ts';

export class MemoryError extends Error {
  override name = 'MemoryError';

  constructor(
    message: string,
    /** The least that would do. */
    readonly bytes: number,
  ) {
    super(message);
  }
}

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

const MIB = 2 ** 20;
const METRIC_ROWS = 8; // more than steps are ever under way
export const keyOf = ({ batch, time, rows }: Bucket): string => `${batch}×${time}, ${rows} rows`;
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Of several lists of sizes the largest at each place. */
const largest = (lists: readonly (readonly number[])[]): number[] =>
  Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, i) =>
    Math.max(...lists.map((list) => list[i] ?? 0)),
  );

export class StepPlan {
  readonly inputs = new Map<string, BucketInputs>();
  readonly starts: Tensor; // u32 [B], zeros
  readonly dropout: Tensor; // u32 [2]: the seed, and a number of each microbatch
  readonly totals: Tensor; // [4] of the step
  readonly evaluated: Tensor; // [4] of an evaluation
  readonly stepParams: Tensor;
  readonly metrics: Tensor; // a ring of rows
  readonly train = new Map<string, Recorder>();
  readonly evaluate = new Map<string, Recorder>();
  readonly update: Recorder;
  /** So many of the first layers are computed again in the backward pass. */
  recomputed = 0;
  /** Bytes of each arena that the programs share. */
  arenas: readonly number[] = [];
  /** Everything on the GPU: weights, adapter, optimizer, inputs, the arenas, and what answers take at least. */
  bytes = 0;

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
    this.update = new Recorder(gpu, 'update');
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
      recordUpdate(this.update, options.trainable.groups, this);
      for (const bucket of options.evaluate) this.evaluate.set(keyOf(bucket), this.#record(bucket, null));
      this.#fit();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Bytes of the budget that the steps leave to answers. */
  get room(): number {
    const { budget = Infinity, answers = 0 } = this.options;
    return budget - (this.bytes - answers);
  }

  get recorders(): Recorder[] {
    return [...this.train.values(), ...this.evaluate.values(), this.update];
  }

  /** Names the kernels, sizes and order of everything that computes: the kernel plan of runs and checkpoints. */
  get hash(): string {
    return fnv1a(this.recorders.map((rec) => rec.hash()).join());
  }

  /** Of a planned size. */
  inputsOf(bucket: Bucket): BucketInputs {
    const found = this.inputs.get(keyOf(bucket));
    if (!found)
      throw new Error(`step: the size of a microbatch must be planned, got ${keyOf(bucket)}. Plan all buckets.`);
    return found;
  }

  /** The least number of recomputed layers with which everything fits. */
  #fit(): void {
    const { budget = Infinity, train } = this.options;
    const resident = this.#residentBytes();
    const others = [...this.evaluate.values(), this.update].map((rec) => rec.plan().arenas);
    const bytesAt = (recomputed: number): number => {
      this.recomputed = recomputed;
      for (const bucket of train) this.train.set(keyOf(bucket), this.#record(bucket, recomputed));
      this.arenas = largest([...others, ...[...this.train.values()].map((rec) => rec.plan().arenas)]);
      return (this.bytes = resident + sum(this.arenas));
    };
    if (bytesAt(0) <= budget) return;
    const all = this.model.config.layers;
    const least = bytesAt(all);
    if (least > budget)
      throw new MemoryError(
        `memory: weights, optimizer and a step must fit into ${Math.floor(budget / MIB)} MiB, got ` +
          `${Math.ceil(least / MIB)} MiB even with every layer recomputed. Use a shorter maxLength, a smaller batch or ` +
          'rank, or raise the budget.',
        least,
      );
    let [over, fits] = [0, all]; // bytes fall with every layer: over never fits, fits always does
    while (fits - over > 1) {
      const middle = (fits + over) >> 1;
      if (bytesAt(middle) <= budget) fits = middle;
      else over = middle;
    }
    if (this.recomputed !== fits) bytesAt(fits);
  }

  /** With `recompute` a microbatch up to its gradients, without it only its losses. */
  #record(bucket: Bucket, recompute: number | null): Recorder {
    const { gpu, model, dropout } = this;
    const { adapter, trainable, maxLogits } = this.options;
    const { ids, index, targets, weights } = this.inputsOf(bucket);
    const { batch, time } = bucket;
    const training = recompute !== null;
    const rec = new Recorder(gpu, `${training ? 'train' : 'evaluate'} ${keyOf(bucket)}`);
    const tape = training ? new Tape(rec, trainable.parameters) : null;
    const inputs = { ids, starts: view(this.starts, 'starts', 0, [batch]), batch, time, adapter };
    const drops = training && (adapter?.settings.dropout ?? 0) > 0;
    const hidden = forward(rec, model, { ...inputs, ...(drops && { dropout }), recompute: recompute ?? 0 });
    const head = model.weights.head;
    const losses = crossEntropy(rec, { hidden, head, index, targets, weights }, { maxBytes: maxLogits });
    sumLosses(rec, { ...losses, weights }, training ? this.totals : this.evaluated);
    tape?.backward();
    rec.prune();
    return rec;
  }

  #residentBytes(): number {
    const { adapter, trainable, answers = 0 } = this.options;
    const optimizer = trainable.groups.flatMap(({ gradient, m, v }) => [gradient, m, v]);
    const resident = [...optimizer, ...this.#own(), ...(adapter ? [adapter.flat] : [])];
    return answers + weightBytes(this.model.weights) + sum(resident.map((t) => t.bytes));
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
