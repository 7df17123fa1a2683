/**
 * A reward model (Bradley & Terry 1952; Ouyang et al. 2022): a LoRA adapter and a scalar head that give the answer that a
 * person chose the higher score. Loss, margin and centring as TRL's RewardTrainer (ops/pairLoss.ts); chosen and rejected
 * answers run through the model as one batch, [chosen…, rejected…].
 *
 * Where references differ: TRL pools at the last token that is no padding, which is the one before the end where a model pads
 * with its end token; we read the end token (score.ts). TRL draws the head at random; ours begins at zero, so that every
 * answer is worth the same before the first step, and tells test/accuracy ½ there (TRL counts a tie as wrong). Pairs that
 * are too long are left out, as there. One norm is clipped over adapter and head together; the head's rate is headRate times
 * the adapter's. Adapter dropout is honoured, that of the base is off.
 *
 * A generator as sft.ts: order, dropout and rate are functions of seed and step. An aborted `signal` ends it at the next
 * place with the state that it has then.
 */
import type { RewardConfig } from '../../records/rewardConfig.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Llama } from '../models/llama.ts';
import { learningRate } from '../optim.ts';
import { pairSchedule, tokensOf, type EncodedPair, type PreparedPairs } from './pairs.ts';
import { Passes } from './passes.ts';
import { planReward } from './rewardPlan.ts';
import { RewardStep, type PairFigures } from './rewardStep.ts';
import type { Trainer, TrainerEvent, TrainerState } from './state.ts';
import { finite, Flow, log, shares } from './telling.ts';

export interface RewardInputs {
  gpu: Gpu;
  model: Llama;
  config: RewardConfig;
  rows: PreparedPairs;
  /** null for a run from its beginning. */
  resume: TrainerState | null;
  signal?: AbortSignal;
  sliceMs?: number;
  onCompile?: (done: number, total: number) => void;
}

export async function* trainReward(inputs: RewardInputs): Trainer {
  const { gpu, model, config, rows, resume, signal, sliceMs, onCompile } = inputs;
  const owned: (() => void)[] = [];
  try {
    // 1. Adapter, head, their optimizer, and the plan of a step: refused here when it does not fit.
    const schedule = pairSchedule(rows, config);
    const { steps } = schedule;
    const plan = planReward(gpu, model, config, schedule, resume?.tensors);
    owned.push(() => plan.dispose());
    const { bytes, recomputed, hash } = plan.passes;
    const { layers } = model.config;
    yield { kind: 'prepared', steps, plan: { hash, device: gpu.name, bytes, recomputedLayers: recomputed, layers } };
    if (!resume && rows.data.dropped > 0) yield log(0, 'tooLong', `${rows.data.dropped}`);
    if (!resume && recomputed > 0) yield log(0, 'recomputing', `${recomputed}/${layers}`);
    const passes = await Passes.compile(plan.passes, onCompile);
    owned.push(() => passes.dispose());
    const step = new RewardStep(plan, passes);
    owned.push(() => step.dispose());

    const flow = new Flow();
    let done = resume?.step ?? 0;
    /** Whether the evaluation that is due after this step has been told. */
    let evaluated = resume?.facts.evaluated === true;
    const state = async (): Promise<TrainerState> => ({
      step: done,
      tensors: await plan.state(),
      facts: { evaluated },
    });
    const due = (every: number): boolean => done === 0 || done === steps || (every > 0 && done % every === 0);

    for (;;) {
      // 2. Between two steps: the test pairs. Not again where a checkpoint has them.
      const looks = !evaluated && due(config.evalEvery) && rows.test.length > 0;
      if (looks || due(config.checkpointEvery) || signal?.aborted) while (step.late > 0) yield* told(step);
      if (looks && !signal?.aborted) evaluated = yield* tested(step);
      else if (!looks) evaluated = true;
      // 3. The end, by itself or because it is wanted; else a checkpoint where one is due.
      if (signal?.aborted || done === steps) return await state();
      if (done > (resume?.step ?? 0) && done % config.checkpointEvery === 0)
        yield { kind: 'checkpoint', state: await state() };
      // 4. One step: its pairs, clip and update, all submitted at once.
      const batch = schedule.batch(done);
      done++;
      evaluated = false;
      flow.begin(batch.members.reduce((sum, i) => sum + tokensOf(rows.train[i] as EncodedPair), 0));
      const { weightDecay, clip } = config;
      step.submit(rows.train, batch, { lr: learningRate(config, done, steps), step: done, clip, weightDecay }, sliceMs);
      yield { kind: 'step', step: done };
      // 5. Metrics of earlier steps, while the GPU works on this one.
      while (step.late > flow.ahead) yield* told(step);
    }

    /** The test pairs; tells whether it came to its end. */
    async function* tested(on: RewardStep): AsyncGenerator<TrainerEvent, boolean, void> {
      yield { kind: 'doing', what: 'evaluating', share: 0 };
      const found = yield* shares('evaluating', figures(on));
      if (!found) return false;
      const { loss, accuracy, margin, meanScore } = found;
      const values = {
        'test/loss': loss,
        'test/accuracy': accuracy,
        'test/margin': margin,
        'test/mean_score': meanScore,
      };
      yield { kind: 'metrics', step: done, values: finite(values) };
      return true;
    }

    async function* figures(on: RewardStep): AsyncGenerator<number, PairFigures | null, void> {
      on.forgetEvaluated(); // what an evaluation that was ended has left
      for (const [i, batch] of schedule.evaluation.entries()) {
        if (signal?.aborted) return null;
        on.evaluate(rows.test, batch, sliceMs);
        await gpu.idle();
        yield (i + 1) / schedule.evaluation.length;
      }
      return on.evaluated();
    }

    /** The metrics of the oldest step under way. */
    async function* told(on: RewardStep): AsyncGenerator<TrainerEvent, void, void> {
      const { loss, accuracy, margin, norm, skipped, lr, step: at } = await on.read();
      const values = {
        'train/loss': loss,
        'train/accuracy': accuracy,
        'train/margin': margin,
        lr,
        grad_norm: norm,
        tokens_per_second: flow.end(),
        memory_bytes: bytes,
        ...(skipped && { skipped: 1 }),
      };
      yield { kind: 'metrics', step: at, values: finite(values) };
      if (skipped) yield log(at, 'skipped', '');
    }
  } finally {
    for (const free of owned.reverse()) free();
  }
}
