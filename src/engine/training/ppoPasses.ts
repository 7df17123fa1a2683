// The programs of a PPO step: scoring of answers, gradients of policy and value, one update. Inputs are data in buffers.
//
// Answers of like length share a microbatch, in few sizes; each size is recorded once. A position predicts the token behind
// it, so the positions that count are those before each drawn token: log π, values and their losses are read there.
import type { PpoConfig } from '../../records/ppoConfig.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Recorder } from '../gpu/program.ts';
import { view, type Tensor } from '../gpu/tensor.ts';
import { scalarHead } from '../heads.ts';
import { forward, type Llama } from '../models/llama.ts';
import { gatherRows } from '../ops/gatherRows.ts';
import { logprobs } from '../ops/logprobs.ts';
import { policyLoss } from '../ops/policyLoss.ts';
import { valueLoss } from '../ops/valueLoss.ts';
import { METRIC_WORDS, recordUpdate, STEP_WORDS } from '../optim.ts';
import { recordScores } from '../score.ts';
import { Tape } from '../tape.ts';
import { Passes, PassPlan, type Pass } from './passes.ts';
import type { Roles } from './ppoRoles.ts';
import { keyOf, type Size } from './ppoSizes.ts';

/** Of a size; written before each microbatch. */
interface SizeTensors {
  ids: Tensor; // u32 [B·T]
  index: Tensor; // u32 [R]
  targets: Tensor; // u32 [R]
  last: Tensor; // u32 [B]
  policy: Tensor; // [R, 4]: old log-prob, advantage, weight, 0
  value: Tensor; // [R, 4]: old value, return, weight, 0
}

/** What scoring leaves, kept until the next program runs. */
interface ScoreTensors {
  reference: Tensor; // [R]
  values: Tensor; // [R, 1]
  scores: Tensor | null; // [B]
}

export type LossConfig = Pick<PpoConfig, 'temperature' | 'clipRange' | 'valueClip' | 'valueCoef' | 'entropyCoef'>;

export interface PlanInputs {
  roles: Roles;
  sizes: readonly Size[];
  config: LossConfig;
  budget?: number;
  /** Bytes that are kept free for answers. */
  answers?: number;
  /** Largest buffer of logits in bytes. */
  maxLogits?: number;
}

const METRIC_ROWS = 8;

/** Recorded, not compiled: its memory is known, or refused in words, before it is allocated. */
export class PpoPlan {
  readonly inputs = new Map<string, SizeTensors>();
  readonly outputs = new Map<string, ScoreTensors>();
  readonly policyTotals: Tensor; // [8], see ops/policyLoss.ts
  readonly valueTotals: Tensor; // [4], see ops/valueLoss.ts
  readonly stepParams: Tensor;
  readonly metrics: Tensor;
  readonly passes: PassPlan;
  readonly #starts: Tensor; // u32 [B], zeros
  readonly #totals: Tensor; // of the optimizer: nothing is summed there
  readonly #own: Tensor[] = [];

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    readonly options: PlanInputs,
  ) {
    const own = (label: string, shape: readonly number[], dtype: 'f32' | 'u32' = 'f32'): Tensor => {
      const made = gpu.tensor(label, shape, dtype);
      this.#own.push(made);
      return made;
    };
    const { roles, sizes, budget, answers } = options;
    try {
      this.#starts = own('starts', [Math.max(...sizes.map(({ batch }) => batch))], 'u32');
      this.#totals = own('totals', [4]);
      this.policyTotals = own('policy totals', [8]);
      this.valueTotals = own('value totals', [4]);
      this.stepParams = own('stepParams', [STEP_WORDS], 'u32');
      this.metrics = own('metrics', [METRIC_ROWS, METRIC_WORDS]);
      for (const size of sizes)
        this.inputs.set(keyOf(size), {
          ids: own('ids', [size.batch * size.time], 'u32'),
          index: own('index', [size.rows], 'u32'),
          targets: own('targets', [size.rows], 'u32'),
          last: own('last', [size.batch], 'u32'),
          policy: own('policy rows', [size.rows, 4]),
          value: own('value rows', [size.rows, 4]),
        });
      const passes = [...sizes.flatMap((size) => this.#passesOf(size)), this.#update()];
      const resident = [...roles.resident, ...this.#own];
      this.passes = new PassPlan(gpu, model, { passes, resident, budget, answers });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #passesOf(size: Size): Pass[] {
    const key = keyOf(size);
    const { batch, time } = size;
    const { ids, index, targets, last, policy, value } = this.inputs.get(key) as SizeTensors;
    const { model } = this;
    const { roles, config, maxLogits } = this.options;
    const starts = view(this.#starts, 'starts', 0, [batch]);
    const base = { ids, starts, batch, time };
    const { head } = model.weights;

    const score = (rec: Recorder): void => {
      const hidden = forward(rec, model, { ...base, adapter: roles.reference });
      const picked = gatherRows(rec, hidden, index);
      const reference = logprobs(rec, picked, head, targets, { temperature: config.temperature }).logprobs;
      const seen = gatherRows(rec, forward(rec, model, { ...base, adapter: roles.value.adapter }), index);
      const values = scalarHead(rec, seen, { weight: roles.value.head });
      const scores = roles.reward && recordScores(rec, model, { ...base, last, ...roles.reward });
      for (const t of [reference, values, ...(scores ? [scores] : [])]) rec.keep(t);
      this.outputs.set(key, { reference, values, scores });
    };
    const trainPolicy = (rec: Recorder, recompute: number): void => {
      const tape = new Tape(rec, roles.policyTrained.parameters);
      const hidden = forward(rec, model, { ...base, adapter: roles.policy, recompute });
      policyLoss(
        rec,
        { hidden, head, index, targets, rollout: policy, totals: this.policyTotals },
        {
          inverseTemperature: 1 / config.temperature,
          clipRange: config.clipRange,
          entropyCoef: config.entropyCoef,
          maxBytes: maxLogits,
        },
      );
      tape.backward();
    };
    const trainValue = (rec: Recorder, recompute: number): void => {
      const tape = new Tape(rec, roles.valueTrained.parameters);
      const hidden = forward(rec, model, { ...base, adapter: roles.value.adapter, recompute });
      const values = scalarHead(rec, gatherRows(rec, hidden, index), { weight: roles.value.head });
      valueLoss(
        rec,
        { values, rollout: value, totals: this.valueTotals },
        { valueClip: config.valueClip, coef: config.valueCoef },
      );
      tape.backward();
    };
    return [
      { key: `score ${key}`, trains: false, record: score },
      { key: `policy ${key}`, trains: true, record: trainPolicy },
      { key: `value ${key}`, trains: true, record: trainValue },
    ];
  }

  #update(): Pass {
    const tensors = { stepParams: this.stepParams, totals: this.#totals, metrics: this.metrics };
    return { key: 'update', trains: false, record: (rec) => recordUpdate(rec, this.options.roles.groups, tensors) };
  }

  compile(onCompile?: (done: number, total: number) => void): Promise<Passes> {
    return Passes.compile(this.passes, onCompile);
  }

  /** What it has made itself; the roles belong to the caller. */
  dispose(): void {
    for (const t of this.#own.splice(0)) t.slot?.buffer.destroy();
  }
}
