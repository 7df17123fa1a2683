// What a step of reward training is made of: adapter, head and their optimizer, one program for each size of batch, one for
// each size that is only evaluated, and one update. Recorded, so that its memory is known or refused in words.
import { loraOf } from '../../records/config.ts';
import type { RewardConfig } from '../../records/rewardConfig.ts';
import type { Gpu } from '../gpu/device.ts';
import { view, type Tensor } from '../gpu/tensor.ts';
import { createAdapter, initialLora, type Adapter } from '../lora.ts';
import type { Llama } from '../models/llama.ts';
import { createGroup, METRIC_WORDS, recordUpdate, STEP_WORDS, type ParameterGroup } from '../optim.ts';
import { pairLoss } from '../ops/pairLoss.ts';
import { recordScores } from '../score.ts';
import { Tape } from '../tape.ts';
import { pairKey, type PairBucket, type PairSchedule } from './pairs.ts';
import { MemoryError, PassPlan, type Pass } from './passes.ts';
import { trainAdapter, UPDATE_KEY, type Trainable } from './plan.ts';
import type { TrainerState } from './state.ts';

const MIB = 2 ** 20;
export const METRIC_ROWS = 8; // more than steps are ever under way
export const trainPairs = (bucket: PairBucket): string => `train ${pairKey(bucket)}`;
export const evaluatePairs = (bucket: PairBucket): string => `evaluate ${pairKey(bucket)}`;

/** Of one size; written before each batch. */
interface PairInputs {
  ids: Tensor; // u32 [2·B·T]
  last: Tensor; // u32 [2·B]
  margins: Tensor; // [B]
  weights: Tensor; // [B]
}

export class RewardPlan {
  readonly inputs = new Map<string, PairInputs>();
  readonly adapter: Adapter;
  readonly head: Tensor; // [1, D]
  /** The adapter's group, then the head's. */
  readonly trainable: Trainable & { groups: readonly [ParameterGroup, ParameterGroup] };
  readonly starts: Tensor; // u32 [2·B], zeros
  readonly dropout: Tensor; // u32 [2]: the seed, and a number of each batch
  readonly totals: Tensor; // [4] of the step, as ops/pairLoss.ts adds them
  readonly evaluated: Tensor; // [4] of an evaluation
  readonly stepParams: Tensor;
  readonly metrics: Tensor; // a ring of rows
  readonly passes: PassPlan;
  readonly #owned: Tensor[] = [];

  /** `kept`: tensors of a state that goes on; without them A is drawn by the seed, B and the head are zero. `most`: pairs of
   *  a microbatch. */
  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    readonly config: RewardConfig,
    sizes: Pick<PairSchedule, 'train' | 'test'>,
    kept: TrainerState['tensors'] = {},
    readonly most = config.batch,
  ) {
    const [train, test] = [sizes.train, sizes.test].map((buckets) =>
      buckets.map(({ batch, time }) => ({ batch: Math.min(batch, most), time })),
    ) as [PairBucket[], PairBucket[]];
    const own = (...made: Parameters<Gpu['tensor']>): Tensor => {
      const t = gpu.tensor(...made);
      this.#owned.push(t);
      return t;
    };
    try {
      const settings = loraOf(config);
      const values = kept.adapter ?? initialLora(model.config, settings, config.seed);
      this.adapter = createAdapter(gpu, model.config, settings, values);
      this.#owned.push(this.adapter.flat);
      this.head = own('head', [1, model.config.hiddenSize], 'f32', kept.head);
      const ofAdapter = trainAdapter(gpu, this.adapter);
      const [first] = ofAdapter.groups as readonly [ParameterGroup];
      const second = createGroup(gpu, this.head, true, config.headRate);
      for (const { gradient, m, v } of [first, second]) this.#owned.push(gradient, m, v);
      const parameters = new Map([...ofAdapter.parameters, [this.head, second.gradient]]);
      this.trainable = { groups: [first, second], parameters };
      const places = { m: first.m, v: first.v, headM: second.m, headV: second.v };
      for (const [name, place] of Object.entries(places)) if (kept[name]) gpu.write(place, kept[name]);

      const buckets = [...train, ...test];
      this.starts = own('starts', [2 * Math.max(...buckets.map(({ batch }) => batch))], 'u32');
      this.dropout = own('dropout', [2], 'u32');
      this.totals = own('totals', [4]);
      this.evaluated = own('evaluated', [4]);
      this.stepParams = own('stepParams', [STEP_WORDS], 'u32');
      this.metrics = own('metrics', [METRIC_ROWS, METRIC_WORDS]);
      for (const bucket of buckets) {
        const { batch, time } = bucket;
        if (this.inputs.has(pairKey(bucket))) continue;
        this.inputs.set(pairKey(bucket), {
          ids: own('ids', [2 * batch * time], 'u32'),
          last: own('last', [2 * batch], 'u32'),
          margins: own('margins', [batch]),
          weights: own('weights', [batch]),
        });
      }
      const passes: Pass[] = [
        ...train.map((bucket) => this.#pass(bucket, true)),
        ...test.map((bucket) => this.#pass(bucket, false)),
        { key: UPDATE_KEY, trains: false, record: (rec) => recordUpdate(rec, this.trainable.groups, this) },
      ];
      this.passes = new PassPlan(gpu, model, { passes, resident: this.#owned, budget: config.memoryBudget * MIB });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** A batch up to its gradients, or only its figures. */
  #pass(bucket: PairBucket, trains: boolean): Pass {
    const { model, config, adapter, head, dropout } = this;
    const { batch, time } = bucket;
    const { ids, last, margins, weights } = this.inputsOf(bucket);
    const totals = trains ? this.totals : this.evaluated;
    const drops = trains && config.dropout > 0;
    return {
      key: (trains ? trainPairs : evaluatePairs)(bucket),
      trains,
      record: (rec, recompute) => {
        const tape = trains ? new Tape(rec, this.trainable.parameters) : null;
        const starts = view(this.starts, 'starts', 0, [2 * batch]);
        const rows = { ids, starts, last, batch: 2 * batch, time, adapter, head, recompute };
        const scores = recordScores(rec, model, { ...rows, ...(drops && { dropout }) });
        pairLoss(rec, { scores, margins, weights, totals }, config);
        tape?.backward();
      },
    };
  }

  /** Of a planned size. */
  inputsOf(bucket: PairBucket): PairInputs {
    const found = this.inputs.get(pairKey(bucket));
    if (!found)
      throw new Error(`reward: the size of a batch must be planned, got ${pairKey(bucket)}. Plan all buckets.`);
    return found;
  }

  async state(): Promise<TrainerState['tensors']> {
    const [first, second] = this.trainable.groups;
    const read = ({ value, m, v }: ParameterGroup) => Promise.all([value, m, v].map((t) => this.gpu.read(t)));
    const [adapter, m, v] = (await read(first)) as [Numbers, Numbers, Numbers];
    const [head, headM, headV] = (await read(second)) as [Numbers, Numbers, Numbers];
    return { adapter, m, v, head, headM, headV };
  }

  dispose(): void {
    for (const t of this.#owned) t.slot?.buffer.destroy();
  }
}

type Numbers = Float32Array<ArrayBuffer>;

/** Smaller microbatches before recomputed layers: those cost time, these hardly. Refused in words where nothing fits. */
export function planReward(
  gpu: Gpu,
  model: Llama,
  config: RewardConfig,
  sizes: Pick<PairSchedule, 'train' | 'test'>,
  kept?: TrainerState['tensors'],
): RewardPlan {
  for (let most = config.batch; ; most = Math.ceil(most / 2)) {
    try {
      const plan = new RewardPlan(gpu, model, config, sizes, kept, most);
      if (most === 1 || plan.passes.recomputed === 0) return plan;
      plan.dispose();
    } catch (error) {
      const large = error instanceof MemoryError || error instanceof RangeError;
      if (most === 1 || !large) throw error;
    }
  }
}
