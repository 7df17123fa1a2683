/**
 * PPO on a LoRA policy (Schulman et al. 2017; details after Huang et al. 2024, arXiv 2403.17031), all roles over one base.
 *
 * Where references differ: old log-probabilities are those of the draw, one engine having drawn and trains (TRL); the score
 * stands on the last token and is cut after its penalty (OpenRLHF); losses are means over the tokens of a minibatch; one
 * norm is clipped over policy and value together. Dropout is off everywhere, so before the first update every ratio is 1.
 *
 * A generator as sft.ts: order of the prompts, draws and minibatches are functions of seed and step, so that weights,
 * moments and a few numbers are all that a resumed run needs. An aborted `signal` ends it at the next place: what a step has
 * drawn and not yet learned from is forgotten and comes again.
 */
import type { PpoConfig } from '../../records/ppoConfig.ts';
import type { AlarmName, MetricName, SamplePrompt } from '../../records/run.ts';
import { Decoder } from '../decoder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { Llama } from '../models/llama.ts';
import { learningRate } from '../optim.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { adaptKl } from './advantages.ts';
import { shuffled } from './batches.ts';
import { observe, type HealthMemory } from './health.ts';
import { planPpo } from './ppoPlan.ts';
import { Roles, type RewardModel, type StartAdapter } from './ppoRoles.ts';
import { PpoStep, type Practice, type Scored, type UpdateMetrics } from './ppoStep.ts';
import { matches, practise, rolloutOf, scoreOf, sequenceOf } from './practice.ts';
import { encodePrompt, promptsOfStep, type PreparedPrompts } from './prompts.ts';
import { Roller, type Answer } from './rollout.ts';
import type { Trainer, TrainerEvent, TrainerState } from './state.ts';
import { finite, log, shares } from './telling.ts';

export interface PpoInputs {
  gpu: Gpu;
  model: Llama;
  tokenizer: Tokenizer;
  config: PpoConfig;
  prompts: PreparedPrompts;
  /** Shown with their answers; those kept for looking are answered beside them. */
  samples: readonly SamplePrompt[];
  /** null = the policy starts as the base. */
  start: StartAdapter | null;
  /** null = rules alone. */
  reward: RewardModel | null;
  /** null for a run from its beginning. */
  resume: TrainerState | null;
  signal?: AbortSignal;
  sliceMs?: number;
  onCompile?: (done: number, total: number) => void;
}

type Metrics = Partial<Record<MetricName, number>>;

/** Answers of a step that are kept to be read. */
const SHOWN = 4;
const HEALTH = 'health.';

export async function* trainPpo(inputs: PpoInputs): Trainer {
  const { gpu, model, tokenizer, config, prompts, samples, resume, signal, sliceMs, onCompile } = inputs;
  if (!inputs.reward && config.rules.length === 0)
    throw new Error('ppo: a reward model or a rule must say what is good, got neither. Choose one.');
  const owned: (() => void)[] = [];
  try {
    // 1. Who takes part, and the plan of a step: refused here when it does not fit.
    const roles = new Roles(gpu, model, inputs);
    owned.push(() => roles.dispose());
    const looked = lookedAt(tokenizer, samples, prompts, model.config.contextLength - config.maxNewTokens);
    const { plan, size } = planPpo(gpu, model, roles, config, [...prompts.train, ...looked]);
    owned.push(() => plan.dispose());
    const decoder = new Decoder(gpu, model, roles.policy);
    owned.push(() => decoder.dispose());
    const { bytes, recomputed, hash } = plan.passes;
    const { layers } = model.config;
    const planned = { hash, device: gpu.name, bytes, recomputedLayers: recomputed, layers };
    yield { kind: 'prepared', steps: config.steps, plan: planned };
    if (!resume) {
      const { dropped } = prompts.data;
      if (dropped > 0) yield log(0, 'tooLong', `${dropped}`);
      if (recomputed > 0) yield log(0, 'recomputing', `${recomputed}/${layers}`);
    }
    const step = new PpoStep(plan, await plan.compile(onCompile));
    owned.push(() => step.dispose());
    const roller = new Roller(decoder, tokenizer, size, config);

    const pace = { signal, sliceMs };
    let done = resume?.step ?? 0;
    let [klCoef, updates] = [Number(resume?.facts.klCoef ?? config.klCoef), Number(resume?.facts.updates ?? 0)];
    let evaluated = resume?.facts.evaluated === true;
    let alarmed = false;
    let health: HealthMemory = Object.fromEntries(
      Object.entries(resume?.facts ?? {}).flatMap(([key, value]) =>
        key.startsWith(HEALTH) ? [[key.slice(HEALTH.length), Number(value)]] : [],
      ),
    );
    const state = async (): Promise<TrainerState> => ({
      step: done,
      tensors: await roles.read(),
      facts: {
        ...{ klCoef, updates, evaluated, alarmed },
        ...Object.fromEntries(Object.entries(health).map(([key, value]) => [HEALTH + key, value])),
      },
    });
    const due = (every: number): boolean => done === 0 || done === config.steps || (every > 0 && done % every === 0);

    for (;;) {
      // 2. Between two steps: greedy answers to the prompts kept for looking. Not again where a checkpoint has them.
      if (!evaluated && !alarmed && !signal?.aborted) evaluated = due(config.sampleEvery) ? yield* evaluate() : true;
      // 3. The end, by itself or because it is wanted; else a checkpoint where one is due.
      if (signal?.aborted || alarmed || done === config.steps) return await state();
      if (done > (resume?.step ?? 0) && done % config.checkpointEvery === 0)
        yield { kind: 'checkpoint', state: await state() };
      // 4. One step. Until its first update nothing has changed: an abort leaves the state as it was.
      const began = performance.now();
      const asked = promptsOfStep(prompts.train, config, done);
      const answers = yield* shares('rolling', roller.roll(asked, done * config.batch, pace));
      if (!answers) continue;
      const rolledMs = performance.now() - began;
      const scored = yield* shares('scoring', step.score(answers.map(sequenceOf), pace));
      if (!scored) continue;
      const { rows, scores, metrics, kl } = practise(answers, scored, config, klCoef);
      const lr = learningRate(config, done + 1, config.steps);
      const told = yield* shares('optimising', optimise(rows, lr));
      if (config.klControl === 'adaptive')
        klCoef = adaptKl(klCoef, kl, { target: config.klTarget, horizon: config.klHorizon, n: config.batch });
      done++;
      evaluated = false;
      yield { kind: 'step', step: done };
      const drawn = sum(answers.map(({ ids }) => ids.length));
      yield* tell({
        ...metrics,
        ...summary(told, config),
        lr,
        memory_bytes: bytes,
        tokens_per_second: (1000 * sum(rows.map(({ ids }) => ids.length))) / (performance.now() - began),
        rollout_tokens_per_second: (1000 * drawn) / rolledMs,
      });
      if (told.some(({ skipped }) => skipped)) yield log(done, 'skipped', '');
      const shown = Array.from({ length: Math.min(SHOWN, answers.length) }, (_, k) =>
        Math.floor((k * answers.length) / SHOWN),
      );
      yield {
        kind: 'rollouts',
        step: done,
        rollouts: [...new Set(shown)].map((i) => {
          const answer = answers[i] as Answer;
          const pieces = tokenizer.pieces(answer.ids).map(({ text }) => text);
          const [score, practice] = [scores[i], rows[i]] as [(typeof scores)[number], Practice];
          return rolloutOf(answer, pieces, { scored: scored[i] as Scored, score, practice });
        }),
      };
    }

    /** Passes over the answers of a step in seeded minibatches, each one update; yields how much of it is done. */
    async function* optimise(rows: readonly Practice[], lr: number): AsyncGenerator<number, UpdateMetrics[], void> {
      const { ppoEpochs, minibatches, clip, weightDecay, stopKl, seed } = config;
      const part = rows.length / minibatches;
      const told: UpdateMetrics[] = [];
      for (let pass = 0; pass < ppoEpochs; pass++) {
        const order = shuffled([...rows.keys()], seed, 2 * (done * ppoEpochs + pass) + 1);
        for (let i = 0; i < minibatches; i++) {
          const members = order.slice(i * part, (i + 1) * part);
          const params = { lr, step: updates + 1, clip, weightDecay };
          const update = step.update(rows, members, params, { sliceMs, stopKl: told.length > 0 ? stopKl : 0 });
          let next = await update.next();
          for (; !next.done; next = await update.next()) yield (told.length + next.value) / (ppoEpochs * minibatches);
          told.push(next.value);
          if (next.value.stopped) return told;
          updates++;
        }
      }
      return told;
    }

    /** Tells figures of this step and what they are alarming about. */
    async function* tell(values: Metrics): AsyncGenerator<TrainerEvent, void, void> {
      const known = finite(values);
      yield { kind: 'metrics', step: done, values: known };
      const seen = observe(health, known, config);
      health = seen.memory;
      for (const one of seen.alarms) {
        yield { kind: 'alarm', step: done, ...(one satisfies { alarm: AlarmName }) };
        alarmed ||= one.serious && config.pauseOnAlarm;
      }
    }

    /** Whether it came to its end. */
    async function* evaluate(): AsyncGenerator<TrainerEvent, boolean, void> {
      if (looked.length === 0) return true;
      yield { kind: 'doing', what: 'sampling', share: 0 };
      const answers = yield* shares('sampling', roller.roll(looked, 0, pace, 0));
      if (!answers) return false;
      let scored: Scored[] | null = null;
      if (inputs.reward) {
        scored = yield* shares('evaluating', step.score(answers.map(sequenceOf), pace));
        if (!scored) return false;
      }
      const paid = answers.map((answer, i) => scoreOf(answer, scored?.[i]?.model ?? null, config).total);
      const asked = samples.map(({ prompt }) => looked.findIndex((one) => one.prompt === prompt));
      if (samples.length > 0)
        yield {
          kind: 'samples',
          step: done,
          texts: asked.map((i) => answers[i]?.text ?? ''), // '' where the prompt leaves no room for an answer
          scores: asked.map((i) => paid[i] ?? 0),
        };
      const known = answers.map(matches).filter((one) => one !== null);
      yield* tell({
        'test/score': mean(paid),
        ...(known.length > 0 && { 'test/match': mean(known.map(Number)) }),
        'test/length': mean(answers.map(({ ids }) => ids.length)),
      });
      return true;
    }
  } finally {
    for (const free of owned.reverse()) free();
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

/** Samples and prompts kept for looking, each once, that leave room for an answer. */
function lookedAt(
  tokenizer: Tokenizer,
  samples: readonly SamplePrompt[],
  { test }: PreparedPrompts,
  longest: number,
): PreparedPrompts['test'] {
  const asked = samples.map(({ prompt, expected }) => encodePrompt(tokenizer, { prompt, answer: expected }));
  const all = new Map([...asked, ...test].map((one) => [one.prompt, one]));
  return [...all.values()].filter(({ ids }) => ids.length > 0 && ids.length <= longest);
}

/** Of all updates of a step; entropy, ratio and drift of the first, before anything had changed. */
function summary(told: readonly UpdateMetrics[], { valueCoef }: PpoConfig): Metrics {
  const over = (of: keyof UpdateMetrics, among = told): number => mean(among.map((one) => Number(one[of])));
  const updated = told.filter(({ stopped }) => !stopped);
  return {
    'objective/entropy': told[0]?.entropy ?? Number.NaN,
    'policy/approxkl_avg': over('approxKl'),
    'policy/clipfrac_avg': over('clipped'),
    'policy/first_ratio': told[0]?.ratio ?? Number.NaN,
    'policy/drift': told[0]?.drift ?? Number.NaN,
    'loss/policy_avg': over('policyLoss'),
    'loss/value_avg': valueCoef > 0 ? over('valueLoss') / valueCoef : Number.NaN,
    'val/clipfrac_avg': over('valueClipped'),
    grad_norm: over('norm', updated),
    ...(told.some(({ skipped }) => skipped) && { skipped: 1 }),
  };
}
