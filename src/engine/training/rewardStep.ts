// A step of reward training, replayed: writes the inputs of its microbatches, submits them and the update, and reads its
// figures late; and the look at the test pairs, which adds up in the same way.
import { ReadbackRing } from '../gpu/readback.ts';
import { METRIC_WORDS, packStepParams, readMetrics, type StepMetrics, type StepParams } from '../optim.ts';
import { pairArrays, partsOf, type EncodedPair, type PairArrays, type PairBatch, type PairBucket } from './pairs.ts';
import type { Passes } from './passes.ts';
import { UPDATE_KEY } from './plan.ts';
import { evaluatePairs, METRIC_ROWS, trainPairs, type RewardPlan } from './rewardPlan.ts';
import { STEPS_AHEAD } from './step.ts';

export interface PairFigures {
  /** Margin and centring included. */
  loss: number;
  accuracy: number;
  /** Mean of chosen − rejected. */
  margin: number;
  /** Of chosen and rejected answers. */
  meanScore: number;
}

export type RewardMetrics = Omit<PairFigures, 'meanScore'> & Pick<StepMetrics, 'norm' | 'skipped' | 'lr' | 'step'>;

/** Plan and programs stay the caller's. */
export class RewardStep {
  readonly #ring: ReadbackRing;
  readonly #late: { step: number; read: () => Promise<ArrayBuffer> }[] = [];

  constructor(
    readonly plan: RewardPlan,
    readonly passes: Passes,
  ) {
    this.#ring = new ReadbackRing(plan.gpu, plan.metrics.bytes, STEPS_AHEAD + 1);
  }

  /** Steps that are submitted and not yet read. */
  get late(): number {
    return this.#late.length;
  }

  /** Submits one step. */
  submit(pairs: readonly EncodedPair[], batch: PairBatch, params: StepParams, sliceMs = Infinity): void {
    const { gpu, stepParams, dropout, metrics, config, most } = this.plan;
    gpu.write(stepParams, packStepParams(params));
    partsOf(batch, most).forEach((part, i) => {
      gpu.write(dropout, Uint32Array.of(config.seed, (params.step - 1) * Math.ceil(config.batch / most) + i));
      this.#load(part.bucket, pairArrays(pairs, part, 1 / batch.members.length));
      this.passes.program(trainPairs(part.bucket)).run(sliceMs);
    });
    gpu.submit((encoder) => {
      this.passes.program(UPDATE_KEY).encode(encoder);
      this.#late.push({ step: params.step, read: this.#ring.copy(encoder, metrics) });
    });
  }

  /** Of the oldest step that is under way. */
  async read(): Promise<RewardMetrics> {
    const oldest = this.#late.shift();
    if (!oldest) throw new Error('reward: a step must be under way, got none. Submit one first.');
    const rows = new Float32Array(await oldest.read());
    const at = (oldest.step % METRIC_ROWS) * METRIC_WORDS;
    const { hits, tokens, ...rest } = readMetrics(rows.subarray(at, at + METRIC_WORDS));
    return { ...rest, accuracy: hits, margin: tokens }; // the places of totals, as ops/pairLoss.ts fills them
  }

  /** Adds a batch of `pairs` to the evaluation under way, a mean over all of them. */
  evaluate(pairs: readonly EncodedPair[], batch: PairBatch, sliceMs = Infinity): void {
    for (const part of partsOf(batch, this.plan.most)) {
      this.#load(part.bucket, pairArrays(pairs, part, 1 / pairs.length));
      this.passes.program(evaluatePairs(part.bucket)).run(sliceMs);
    }
  }

  /** Ends the evaluation under way. */
  async evaluated(): Promise<PairFigures> {
    const [loss = 0, accuracy = 0, margin = 0, meanScore = 0] = await this.plan.gpu.read(this.plan.evaluated);
    return { loss, accuracy, margin, meanScore };
  }

  forgetEvaluated(): void {
    this.plan.gpu.write(this.plan.evaluated, new Float32Array(4));
  }

  #load(bucket: PairBucket, { ids, last, margins, weights }: PairArrays): void {
    const { gpu } = this.plan;
    const inputs = this.plan.inputsOf(bucket);
    gpu.write(inputs.ids, ids);
    gpu.write(inputs.last, last);
    gpu.write(inputs.margins, margins);
    gpu.write(inputs.weights, weights);
  }

  dispose(): void {
    this.#ring.dispose();
  }
}
