// From a step's answers and what was said of them to what an update needs, and to what is told of it. Pure.
import type { PpoConfig } from '../../records/ppoConfig.ts';
import type { MetricName, Rollout } from '../../records/run.ts';
import type { Rule } from '../../records/rules.ts';
import { explainedVariance, gae, klOf, tokenRewards, whiten } from './advantages.ts';
import type { Practice, Scored } from './ppoStep.ts';
import type { Sequence } from './ppoSizes.ts';
import type { Answer } from './rollout.ts';
import { scoreByRules } from './rules.ts';

export type ScoreConfig = Pick<PpoConfig, 'rules' | 'rewardWeight' | 'missingEosPenalty' | 'rewardClip'>;
type PracticeConfig = ScoreConfig & Pick<PpoConfig, 'klEstimator' | 'whitenRewards' | 'gamma' | 'lambda'>;

/** What an answer is paid. */
export interface Score {
  total: number;
  model: number | null;
  rules: number[];
  rulesTotal: number;
}

export const sequenceOf = ({ prompt, ids }: Answer): Sequence => ({
  ids: [...prompt.ids, ...ids],
  start: prompt.ids.length,
});

const textsOf = ({ prompt, text }: Answer) => ({
  prompt: prompt.prompt,
  completion: text.trim(),
  answer: prompt.answer,
});

export function scoreOf(answer: Answer, model: number | null, config: ScoreConfig): Score {
  const { values, total: rulesTotal } = scoreByRules(config.rules, textsOf(answer));
  const penalty = answer.ended ? 0 : config.missingEosPenalty;
  const whole = config.rewardWeight * (model ?? 0) + rulesTotal - penalty;
  const total = config.rewardClip > 0 ? Math.max(-config.rewardClip, Math.min(config.rewardClip, whole)) : whole;
  return { total, model, rules: [...values], rulesTotal };
}

const CONTAINS: readonly Rule[] = [{ kind: 'answer', weight: 1 }];

/** Whether it contains what is known of its answer; null where nothing is. */
export const matches = (answer: Answer): boolean | null =>
  answer.prompt.answer === null ? null : scoreByRules(CONTAINS, textsOf(answer)).total > 0;

export interface Practised {
  rows: Practice[];
  scores: Score[];
  metrics: Partial<Record<MetricName, number>>;
  /** Σ over the tokens of log π − log π_ref, mean over the answers. */
  kl: number;
}

export function practise(
  answers: readonly Answer[],
  scored: readonly Scored[],
  config: PracticeConfig,
  klCoef: number,
): Practised {
  const scores = answers.map((answer, i) => scoreOf(answer, scored[i]?.model ?? null, config));
  const ones = answers.map(({ ids }) => new Uint8Array(ids.length).fill(1));
  const all = Uint8Array.from(ones.flatMap((own) => [...own]));
  const split = (flat: ArrayLike<number>): number[][] => {
    let from = 0;
    return ones.map(({ length }) =>
      Array.from({ length }, (_, t) => flat[from + t] ?? 0).slice(0, ((from += length), length)),
    );
  };
  const reference = (i: number): ArrayLike<number> => scored[i]?.reference ?? [];
  const paid = answers.map(({ logprobs }, i) => {
    const kl = klOf(logprobs, reference(i), config.klEstimator);
    return tokenRewards(kl, ones[i] ?? [], scores[i]?.total ?? 0, klCoef);
  });
  const rewards = config.whitenRewards
    ? split(
        whiten(
          paid.flatMap((own) => [...own]),
          all,
          { shiftMean: false },
        ),
      )
    : paid;
  const values = scored.map((one) => [...one.values]);
  const estimated = rewards.map((own, i) => gae(own, values[i] ?? [], ones[i] ?? [], config.gamma, config.lambda));
  const advantages = split(
    whiten(
      estimated.flatMap((own) => [...own.advantages]),
      all,
    ),
  );
  const rows = answers.map((answer, i): Practice => {
    const returns = estimated[i]?.returns ?? [];
    return {
      ...sequenceOf(answer),
      logprobs: answer.logprobs,
      advantages: advantages[i] ?? [],
      values: values[i] ?? [],
      returns,
    };
  });

  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);
  const mean = (of: (answer: Answer, i: number) => number): number => sum(answers.map(of)) / answers.length;
  const kl = mean((answer, i) => klOfAnswer(answer, scored[i]));
  const nonScore = mean((_, i) => sum(paid[i] ?? []) - (scores[i]?.total ?? 0));
  const score = mean((_, i) => scores[i]?.total ?? 0);
  const spread = mean((_, i) => ((scores[i]?.total ?? 0) - score) ** 2);
  const metrics: Partial<Record<MetricName, number>> = {
    'objective/scores': score,
    'objective/scores_std': Math.sqrt(spread),
    ...(scores[0]?.model != null && { 'objective/model_score': mean((_, i) => scores[i]?.model ?? 0) }),
    ...(config.rules.length > 0 && { 'objective/rules_score': mean((_, i) => scores[i]?.rulesTotal ?? 0) }),
    'objective/kl': kl,
    'objective/kl_coef': klCoef,
    'objective/non_score_reward': nonScore,
    'objective/rlhf_reward': score + nonScore,
    'objective/length': mean(({ ids }) => ids.length),
    'objective/eos_rate': mean(({ ended }) => Number(ended)),
    'objective/repetition': mean(({ ids }) => repetition(ids)),
    'val/explained_variance': explainedVariance(
      values.flat(),
      estimated.flatMap(({ returns }) => [...returns]),
      all,
    ),
  };
  return { rows, scores, metrics, kl };
}

const logRatios = ({ logprobs }: Answer, scored: Scored | undefined): number[] =>
  logprobs.map((logprob, t) => logprob - (scored?.reference[t] ?? Number.NaN));
const klOfAnswer = (answer: Answer, scored: Scored | undefined): number =>
  logRatios(answer, scored).reduce((a, b) => a + b, 0);

/** Share of its trigrams that it has said before. */
export function repetition(ids: readonly number[]): number {
  const trigrams = ids.slice(2).map((_, t) => ids.slice(t, t + 3).join());
  return trigrams.length === 0 ? 0 : 1 - new Set(trigrams).size / trigrams.length;
}

/** An answer as the run's page shows it. */
export function rolloutOf(
  answer: Answer,
  pieces: string[],
  { scored, score, practice }: { scored: Scored; score: Score; practice: Practice },
): Rollout {
  return {
    prompt: answer.prompt.prompt,
    text: answer.text,
    pieces,
    score: score.total,
    modelScore: score.model,
    rules: score.rules,
    kl: klOfAnswer(answer, scored),
    ended: answer.ended,
    logRatios: logRatios(answer, scored),
    advantages: Array.from(practice.advantages),
  };
}
