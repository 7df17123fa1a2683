// AdamW on the GPU: global norm, clip, guard against what is not finite, update and metrics, all without a readback.
//
// Every value that changes from step to step is a word of `stepParams`, written once per step: nothing is recorded. The host
// counts the steps and does not wait to hear which were skipped, so a skipped step counts in the bias corrections, too.
import adamwSource from '../../shaders/adamw.wgsl?raw';
import clipSource from '../../shaders/clip.wgsl?raw';
import normSource from '../../shaders/gradientNorm.wgsl?raw';
import type { Schedule } from '../records/config.ts';
import type { Gpu } from './gpu/device.ts';
import { kernel } from './gpu/kernel.ts';
import type { Recorder } from './gpu/program.ts';
import { describe, size, type Tensor } from './gpu/tensor.ts';
import { elementwise, over } from './ops/elementwise.ts';
import { grid } from './ops/grid.ts';

const adamwKernels = elementwise('adamw', adamwSource);
const normKernels = elementwise('gradientNorm', normSource);
const clipKernel = kernel('clip', clipSource);

/** A tensor that is trained and what AdamW keeps beside it; all resident and of one size. */
export interface ParameterGroup {
  value: Tensor;
  /** The backward pass adds into it; the update leaves it zero. */
  gradient: Tensor;
  /** Running means of the gradient and of its square. */
  m: Tensor;
  v: Tensor;
  /** Whether weight decay applies: not to norms and biases. */
  decay: boolean;
  /** Times the rate of the step: a head that begins at zero may learn faster than an adapter. */
  rate: number;
}

export function createGroup(gpu: Gpu, value: Tensor, decay: boolean, rate = 1): ParameterGroup {
  const beside = (name: string): Tensor => gpu.tensor(`${name} of ${value.label}`, value.shape);
  return { value, gradient: beside('gradient'), m: beside('m'), v: beside('v'), decay, rate };
}

/** Frees what `createGroup` made; the value stays. */
export function disposeGroup({ gradient, m, v }: ParameterGroup): void {
  for (const t of [gradient, m, v]) t.slot?.buffer.destroy();
}

/** Words of stepParams. */
const WORD = {
  ...{ STEP: 0, CLIP: 1, RATE: 2, STRIDE: 3, SHRINK: 4 },
  ...{ REST1: 5, BETA2: 6, REST2: 7, ROOT: 8, EPSILON: 9 },
} as const;
const { STRIDE, SHRINK, REST1, BETA2, REST2, ROOT, EPSILON } = WORD;
const ADAMW_WORDS = { STRIDE, SHRINK, REST1, BETA2, REST2, ROOT, EPSILON };
export const STEP_WORDS = 64;

export interface StepParams {
  lr: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** From 1. */
  step: number;
  /** Largest global norm; 0 = no clip. */
  clip: number;
  weightDecay: number;
}

/** The words of one step, u32 [64]; bias corrections in f64. */
export function packStepParams(given: StepParams): Uint32Array<ArrayBuffer> {
  const { lr, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, step, clip, weightDecay } = given;
  if (!Number.isInteger(step) || step < 1)
    throw new Error(`optimizer: steps count from 1, got ${step}. Number the first step 1.`);
  const words = new Uint32Array(STEP_WORDS);
  const floats = new Float32Array(words.buffer);
  words[WORD.STEP] = step;
  floats[WORD.CLIP] = clip;
  floats[WORD.RATE] = lr;
  floats[WORD.STRIDE] = lr / (1 - beta1 ** step);
  floats[WORD.SHRINK] = 1 - lr * weightDecay;
  floats[WORD.REST1] = 1 - beta1;
  floats[WORD.BETA2] = beta2;
  floats[WORD.REST2] = 1 - beta2;
  floats[WORD.ROOT] = 1 / Math.sqrt(1 - beta2 ** step);
  floats[WORD.EPSILON] = epsilon;
  return words;
}

export interface UpdateTensors {
  /** u32 [64], from `packStepParams`. */
  stepParams: Tensor;
  /** f32 [4]: Σ weight · loss, hits and tokens of the step so far; zeroed. */
  totals: Tensor;
  /** f32 [rows, 8], a ring: row step mod rows is written. */
  metrics: Tensor;
}

/** A row of `metrics`. */
export interface StepMetrics {
  loss: number;
  hits: number;
  tokens: number;
  /** Before the clip; not finite where the step was skipped. */
  norm: number;
  skipped: boolean;
  lr: number;
  step: number;
}

export const METRIC_WORDS = 8;

export function readMetrics(row: ArrayLike<number>): StepMetrics {
  const [loss = 0, hits = 0, tokens = 0, norm = 0, skipped = 0, lr = 0, step = 0] = Array.from(row);
  return { loss, hits, tokens, norm, skipped: skipped !== 0, lr, step };
}

/** Invocations that share the first pass of a norm: the order of a sum depends on its length alone. */
const SHARES = 4096;

/** Appends the update of all groups; their gradients must be complete. */
export function recordUpdate(
  rec: Recorder,
  groups: readonly ParameterGroup[],
  { stepParams, totals, metrics }: UpdateTensors,
): void {
  const [rows, columns] = metrics.shape;
  if (size(stepParams.shape) !== STEP_WORDS || size(totals.shape) !== 4 || columns !== METRIC_WORDS || !rows)
    throw new Error(
      `optimizer: stepParams [${STEP_WORDS}], totals [4] and metrics [rows, ${METRIC_WORDS}] are needed, got ` +
        `${[stepParams, totals, metrics].map(describe).join(', ')}. Check the caller.`,
    );
  const sums = groups.map(({ gradient }) => {
    const { kernel, size: items } = over(normKernels, size(gradient.shape));
    const width = size(gradient.shape) / items; // numbers in an Elem
    // In fours: the parts of all groups lie side by side. A share of nothing is 0.
    const count = Math.min(SHARES, 4 * Math.ceil(items / 64));
    return { kernel, items, width, count };
  });
  const total = sums.reduce((sum, { count, width }) => sum + count * width, 0);
  const parts = rec.temp('parts of the norm', [total]);
  let end = 0;
  groups.forEach(({ gradient }, i) => {
    const { kernel, items, width, count } = sums[i] as (typeof sums)[number];
    const params = { size: items, count, offset: end / width };
    rec.dispatch(kernel, { gradient, parts }, { groups: grid(count), params, flops: 2 * items * width });
    end += count * width;
  });

  const clipped = rec.temp('clipped', [2]);
  const { STEP, CLIP, RATE } = WORD;
  rec.dispatch(
    clipKernel,
    { parts, stepParams, totals, clipped, metrics },
    { groups: [1], params: { size: total, rows }, constants: { STEP, CLIP, RATE }, flops: total },
  );

  for (const { value, gradient, m, v, decay, rate } of groups) {
    const n = size(value.shape);
    const { kernel, groups: workgroups, size: items } = over(adamwKernels, n);
    rec.dispatch(
      kernel,
      { stepParams, clipped, value, gradient, m, v },
      {
        groups: workgroups,
        params: { size: items, decays: Number(decay), rate },
        constants: ADAMW_WORDS,
        flops: 12 * n,
      },
    );
  }
}

/**
 * The rate of a step (from 1) of `steps`, as transformers' get_{linear,cosine,constant}_schedule_with_warmup gives it, with
 * W = ⌈warmup · steps⌉ steps of warm-up. Their counter is step − 1; only in the warm-up it is step, so that no step is
 * spent at the rate 0:
 *   step ≤ W   step / W                                           so step W has the full rate
 *   linear     (steps − (step − 1)) / (steps − W)                 step W + 1 has it again; 0 is reached after the last step
 *   cosine     ½ (1 + cos(π (step − 1 − W) / (steps − W)))
 *   constant   1
 */
export function learningRate(
  { learningRate: full, warmup, schedule }: { learningRate: number; warmup: number; schedule: Schedule },
  step: number,
  steps: number,
): number {
  const rising = Math.ceil(warmup * steps);
  if (step <= rising) return (full * step) / rising;
  const passed = Math.min(1, (step - 1 - rising) / (steps - rising));
  if (schedule === 'linear') return full * (1 - passed);
  return schedule === 'cosine' ? (full / 2) * (1 + Math.cos(Math.PI * passed)) : full;
}
