/**
 * Supervised fine-tuning of a LoRA adapter: cross-entropy on the completion tokens, AdamW, one rate for all matrices.
 *
 * A generator: each value is a place at which it may be paused; the caller that asks for no more has stopped it. Whatever
 * decides numbers (order of the rows, dropout, rate) is a function of seed and step, so that step, weights and moments are
 * all that a resumed run needs. An aborted `signal` ends it at the next place with the state that it has then.
 */
import { loraOf, type SftConfig } from '../../records/config.ts';
import type { LogText, MetricName, SamplePrompt } from '../../records/run.ts';
import { Decoder } from '../decoder.ts';
import type { Gpu } from '../gpu/device.ts';
import { createAdapter, initialLora } from '../lora.ts';
import type { Llama } from '../models/llama.ts';
import { disposeGroup, learningRate } from '../optim.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { answerBytes, exactMatch, greedyAnswers, testLosses } from './evaluate.ts';
import { StepPlan, trainAdapter } from './plan.ts';
import { schedule, type PreparedRows } from './prepare.ts';
import type { Trainer, TrainerEvent, TrainerState } from './state.ts';
import { compileStep, type TrainingStep } from './step.ts';
import { finite, Flow, log, shares } from './telling.ts';

export interface SftInputs {
  gpu: Gpu;
  model: Llama;
  tokenizer: Tokenizer;
  config: SftConfig;
  rows: PreparedRows;
  samples: readonly SamplePrompt[];
  /** null for a run from its beginning. */
  resume: TrainerState | null;
  signal?: AbortSignal;
  sliceMs?: number;
  onCompile?: (done: number, total: number) => void;
}

const SAMPLE_TOKENS = 48;
const MIB = 2 ** 20;

export async function* trainSft(inputs: SftInputs): Trainer {
  const { gpu, model, tokenizer, config, rows, samples, resume, signal, sliceMs, onCompile } = inputs;
  const owned: (() => void)[] = [];
  try {
    // 1. The adapter, its optimizer, and the plan of a step: refused here when it does not fit.
    const settings = loraOf(config);
    const { adapter: kept, m, v } = resume?.tensors ?? {};
    const values = kept ?? initialLora(model.config, settings, config.seed);
    const adapter = createAdapter(gpu, model.config, settings, values);
    owned.push(() => adapter.flat.slot?.buffer.destroy());
    const decoder = new Decoder(gpu, model, adapter);
    owned.push(() => decoder.dispose());
    const trainable = trainAdapter(gpu, adapter);
    owned.push(() => trainable.groups.forEach(disposeGroup));
    const [group] = trainable.groups;
    if (group && m && v) {
      gpu.write(group.m, m);
      gpu.write(group.v, v);
    }
    const { microbatch, steps, train, test } = schedule(rows, config);
    const budget = config.memoryBudget * MIB;
    const answers = answerBytes(gpu, model);
    let plan: StepPlan | null = new StepPlan(gpu, model, {
      adapter,
      trainable,
      train,
      evaluate: test,
      budget,
      answers,
    });
    owned.push(() => plan?.dispose());
    let step: TrainingStep | null = null;
    owned.push(() => step?.dispose());
    const { bytes, recomputed, hash, room } = plan.passes;
    const { layers } = model.config;
    yield { kind: 'prepared', steps, plan: { hash, device: gpu.name, bytes, recomputedLayers: recomputed, layers } };
    if (!resume) for (const [text, detail] of notices(rows, recomputed, layers)) yield log(0, text, detail);

    const pace = { signal, sliceMs, room };
    const flow = new Flow();
    let done = resume?.step ?? 0;
    // Whether the answers and the evaluation that are due after this step have been told; and the base's exact match, which
    // is counted later than the step 0 that it belongs to.
    let [sampled, evaluated, matched] = (['sampled', 'evaluated', 'matched'] as const).map(
      (fact) => resume?.facts[fact] === true,
    ) as [boolean, boolean, boolean];
    const asksExactly = config.exactMatch && rows.questions.length > 0;
    const state = async (): Promise<TrainerState> => {
      if (!group) throw new Error('sft: an adapter must be trained, got none. Choose a linear.');
      const [value, m, v] = await Promise.all([gpu.read(group.value), gpu.read(group.m), gpu.read(group.v)]);
      return { step: done, tensors: { adapter: value, m, v }, facts: { sampled, evaluated, matched } };
    };
    const due = (every: number): boolean => done === 0 || done === steps || (every > 0 && done % every === 0);

    for (;;) {
      // 2. Between two steps: answers to the fixed prompts, then the test rows. Not again where a checkpoint has them.
      const looks = !evaluated && (due(config.sampleEvery) || (due(config.evalEvery) && rows.test.length > 0));
      if (looks || due(config.checkpointEvery) || signal?.aborted) {
        while (step && step.late > 0) yield* told(step, flow);
      }
      if (!evaluated && !signal?.aborted) {
        // The answers of the base come first, and are told at once: they need no training step.
        sampled ||= yield* answered();
        if (!signal?.aborted) {
          step ??= await compiled();
          if (due(config.evalEvery) && asksExactly && done > 0) matched ||= yield* baseMatched();
          evaluated = yield* tested(step);
        }
      }
      // 3. The end, by itself or because it is wanted; else a checkpoint where one is due.
      if (signal?.aborted || done === steps) return await state();
      if (done > (resume?.step ?? 0) && done % config.checkpointEvery === 0)
        yield { kind: 'checkpoint', state: await state() };
      // 4. One step: its microbatches, clip and update, all submitted at once.
      step ??= await compiled();
      const batches = Array.from({ length: config.accumulation }, (_, i) => microbatch(done * config.accumulation + i));
      done++;
      sampled = evaluated = false;
      const { weightDecay, clip, seed } = config;
      flow.begin(batches.reduce((sum, { tokens }) => sum + tokens, 0));
      step.submit(batches, { lr: learningRate(config, done, steps), step: done, clip, weightDecay, seed }, sliceMs);
      yield { kind: 'step', step: done };
      // 5. Metrics of earlier steps, while the GPU works on this one.
      while (step.late > flow.ahead) yield* told(step, flow);
    }

    async function compiled(): Promise<TrainingStep> {
      const whole = plan as StepPlan;
      plan = null; // from here on it belongs to the step
      return compileStep(whole, onCompile);
    }

    // The three that follow tell what is due after this step, and whether they came to their end.

    async function* answered(): AsyncGenerator<TrainerEvent, boolean, void> {
      if (!due(config.sampleEvery) || samples.length === 0) return true;
      yield { kind: 'doing', what: 'sampling', share: 0 };
      const asked = samples.map(({ prompt }) => ({
        promptIds: tokenizer.chat([{ role: 'user', content: prompt }]),
        maxNewTokens: SAMPLE_TOKENS,
      }));
      const texts = yield* shares('sampling', greedyAnswers(decoder, tokenizer, asked, pace));
      if (texts) yield { kind: 'samples', step: done, texts };
      return texts !== null;
    }

    async function* tested(on: TrainingStep): AsyncGenerator<TrainerEvent, boolean, void> {
      if (!due(config.evalEvery) || rows.test.length === 0) return true;
      yield { kind: 'doing', what: 'evaluating', share: 0 };
      const losses = yield* shares('evaluating', testLosses(on, rows.test, test, pace));
      if (!losses) return false;
      const told: Partial<Record<MetricName, number>> = {
        'test/loss': losses.loss,
        'test/accuracy': losses.accuracy,
        'test/perplexity': losses.perplexity,
      };
      if (asksExactly && done > 0) {
        yield { kind: 'doing', what: 'counting', share: 0 };
        const share = yield* shares('counting', exactMatch(decoder, tokenizer, rows.questions, pace));
        if (share === null) return false;
        told['test/exact_match'] = share;
      }
      yield { kind: 'metrics', step: done, values: finite(told) };
      return true;
    }

    /** B is zero at step 0, so the base answers as the adapter did then, whenever it is asked: the loss may fall first. */
    async function* baseMatched(): AsyncGenerator<TrainerEvent, boolean, void> {
      yield { kind: 'doing', what: 'countingBase', share: 0 };
      const base = new Decoder(gpu, model);
      try {
        const share = yield* shares('countingBase', exactMatch(base, tokenizer, rows.questions, pace));
        if (share !== null) yield { kind: 'metrics', step: 0, values: { 'test/exact_match': share } };
        return share !== null;
      } finally {
        base.dispose();
      }
    }

    /** The metrics of the oldest step under way. */
    async function* told(on: TrainingStep, pending: Flow): AsyncGenerator<TrainerEvent, void, void> {
      const { loss, hits, tokens, norm, skipped, lr, step: at } = await on.read();
      const values: Partial<Record<MetricName, number>> = {
        'train/loss': loss,
        'train/accuracy': hits / tokens,
        lr,
        grad_norm: norm,
        tokens_per_second: pending.end(),
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

function notices({ data }: PreparedRows, recomputed: number, layers: number): [LogText, string][] {
  const { truncated, dropped } = data;
  return [
    ...(truncated > 0 ? [['truncated', `${truncated}`] satisfies [LogText, string]] : []),
    ...(dropped > 0 ? [['dropped', `${dropped}`] satisfies [LogText, string]] : []),
    ...(recomputed > 0 ? [['recomputing', `${recomputed}/${layers}`] satisfies [LogText, string]] : []),
  ];
}
