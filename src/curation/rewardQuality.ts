// Does a reward model agree with people? Figures from its scores of held-out pairs, what simpler rules reach, and a verdict.
import type { ScoredPair } from '../records/rewardQuality.ts';
import { CONTEXT_LINE } from '../records/rowMapping.ts';
import { pearson, spearman } from './correlation.ts';
import { draw } from './draw.ts';
import { order } from './identity.ts';
import { shareOf } from './interval.ts';

export interface Interval {
  low: number;
  high: number;
}

export interface Bin extends Interval {
  n: number;
}

export interface CalibrationBin extends Bin {
  /** Pairs in which the answer that it prefers was chosen. */
  right: number;
  /** Mean of how sure it is: σ(|margin|). */
  confidence: number;
}

export interface Quality {
  n: number;
  /** Share of the pairs whose chosen answer has the higher score; the same score is not right. */
  accuracy: number;
  /** 95 %. */
  interval: Interval;
  /** Pairs whose answers are about equally long: what length cannot explain. */
  matched: { accuracy: number; interval: Interval; n: number };
  /** What always taking the longer answer reaches (equally long: a half), and the one that comes first in the alphabet:
   *  no order of showing is stored, and a rule that reads nothing must come out at a half. */
  baselines: { longer: number; first: number };
  /** Of tokens and score over all answers, by value and by rank; null where one of the two does not vary. */
  lengthCorrelation: number | null;
  rankCorrelation: number | null;
  /** From "a coin" to "sure". Chosen is right by definition, so it is the preferred answer's chance that is held against truth. */
  calibration: CalibrationBin[];
  /** Of chosen − rejected; zero is an edge. */
  margins: Bin[];
  /** Wrong ones, the most certain first. */
  worst: ScoredPair[];
  gate: 'passed' | 'unproven' | 'lengthAlone';
}

/** Redrawing more often moves an interval by less than its last shown digit; fewer where there are very many pairs. */
const RESAMPLES = { most: 2000, least: 200, draws: 4_000_000 };
const NEAR_TOKENS = 2;
const NEAR_SHARE = 0.1;
const CALIBRATION_BINS = 5;
const MARGIN_BINS = 16;
/** Margins that differ by no more are the same: no f32 score is that exact, and no bins are that narrow. */
const NO_SPREAD = 1e-12;
const WORST = 8;
/** It follows length when so many of its choices are the longer answer (or the shorter), among so many that differ. */
const FOLLOWS = 0.9;
const FEWEST_TO_FOLLOW = 20;
/** Length alone reaches more than this where it tells something; else to be no better than it is to be no better than chance. */
const TELLS = 0.55;

export const isMatched = ({ chosenTokens: a, rejectedTokens: b }: ScoredPair): boolean =>
  Math.abs(a - b) <= Math.max(NEAR_TOKENS, NEAR_SHARE * Math.max(a, b));

const marginOf = ({ chosenScore, rejectedScore }: ScoredPair): number => chosenScore - rejectedScore;
const isRight = (pair: ScoredPair): boolean => marginOf(pair) > 0;
/** 1 = the longer one was chosen, ½ = equally long. */
const longerOf = ({ chosenTokens, rejectedTokens }: ScoredPair): number =>
  (1 + Math.sign(chosenTokens - rejectedTokens)) / 2;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

export function qualityOf(given: readonly ScoredPair[], seed: number): Quality {
  const pairs = given.filter((pair) => Number.isFinite(marginOf(pair)));
  const near = pairs.filter(isMatched);
  const accuracy = mean(pairs.map((pair) => Number(isRight(pair))));
  const longer = mean(pairs.map(longerOf));
  const drawn = resampled(pairs, seed, longer >= 0.5);
  const matched = {
    accuracy: mean(near.map((pair) => Number(isRight(pair)))),
    interval: intervalOf(near, drawn.matched),
    n: near.length,
  };
  const interval = intervalOf(pairs, drawn.accuracy);
  const answers = pairs.flatMap((pair) => [
    { tokens: pair.chosenTokens, score: pair.chosenScore },
    { tokens: pair.rejectedTokens, score: pair.rejectedScore },
  ]);
  const [tokens, scores] = [answers.map((one) => one.tokens), answers.map((one) => one.score)];
  const quality = {
    n: pairs.length,
    accuracy,
    interval,
    matched,
    baselines: { longer, first: mean(pairs.map(({ chosen, rejected }) => Number(order(chosen, rejected) < 0))) },
    lengthCorrelation: pearson(tokens, scores),
    rankCorrelation: spearman(tokens, scores),
    calibration: calibrationOf(pairs),
    margins: histogramOf(pairs.map(marginOf)),
    worst: pairs
      .filter((pair) => !isRight(pair))
      .sort((a, b) => marginOf(a) - marginOf(b) || order(a.id, b.id))
      .slice(0, WORST),
  };
  return { ...quality, gate: gateOf(quality, followsLength(pairs), percentile(drawn.lead, 0.025)) };
}

/** `lead`: at the least, what it is right more often than length alone, 95 % sure. */
function gateOf(
  { n, accuracy, interval, matched, baselines }: Pick<Quality, 'n' | 'accuracy' | 'interval' | 'matched' | 'baselines'>,
  follows: boolean,
  lead: number,
): Quality['gate'] {
  const beyondLength = matched.n > 0 && matched.interval.low > 0.5;
  if (follows && !beyondLength) return 'lengthAlone';
  if (interval.low <= 0.5) return 'unproven';
  const length = Math.max(baselines.longer, 1 - baselines.longer); // "the shorter one" is as simple a rule
  if (accuracy <= length || (length > TELLS && lead <= 0 && !beyondLength))
    return n < FEWEST_TO_FOLLOW ? 'unproven' : 'lengthAlone'; // so few do not show what it goes by
  return beyondLength ? 'passed' : 'unproven';
}

/** Whether nearly all of its choices are the longer answer, or nearly all the shorter one. */
function followsLength(pairs: readonly ScoredPair[]): boolean {
  const differing = pairs.filter((pair) => longerOf(pair) !== 0.5);
  const share = mean(differing.map((pair) => Number(isRight(pair) === (longerOf(pair) === 1))));
  return differing.length >= FEWEST_TO_FOLLOW && Math.max(share, 1 - share) >= FOLLOWS;
}

const questionOf = ({ prompt }: ScoredPair): string => prompt.split(CONTEXT_LINE)[0] ?? prompt;

/** Bootstrap: whole questions are drawn with replacement, since pairs of one question go together. A value each time. */
function resampled(
  pairs: readonly ScoredPair[],
  seed: number,
  longerWins: boolean,
): { accuracy: number[]; matched: number[]; lead: number[] } {
  const clusters = new Map<string, { n: number; right: number; near: number; nearRight: number; length: number }>();
  for (const pair of pairs) {
    const question = questionOf(pair);
    const sums = clusters.get(question) ?? { n: 0, right: 0, near: 0, nearRight: 0, length: 0 };
    const [right, near] = [Number(isRight(pair)), Number(isMatched(pair))];
    sums.n++;
    sums.right += right;
    sums.near += near;
    sums.nearRight += near * right;
    sums.length += longerWins ? longerOf(pair) : 1 - longerOf(pair);
    clusters.set(question, sums);
  }
  // In the order of their names: the order of the pairs changes nothing.
  const all = [...clusters].sort(([a], [b]) => order(a, b)).map(([, sums]) => sums);
  const found = { accuracy: [] as number[], matched: [] as number[], lead: [] as number[] };
  const { most, least, draws } = RESAMPLES;
  const times = all.length === 0 ? 0 : Math.min(most, Math.max(least, Math.floor(draws / all.length)));
  const next = numbersFrom(Math.floor(draw(seed, 'bootstrap', `${all.length}`) * 2 ** 32));
  for (let time = 0; time < times; time++) {
    let [n, right, near, nearRight, length] = [0, 0, 0, 0, 0];
    for (let i = 0; i < all.length; i++) {
      const sums = all[Math.floor(next() * all.length)];
      if (!sums) continue;
      n += sums.n;
      right += sums.right;
      near += sums.near;
      nearRight += sums.nearRight;
      length += sums.length;
    }
    found.accuracy.push(right / n);
    found.lead.push((right - length) / n);
    if (near > 0) found.matched.push(nearRight / near);
  }
  return found;
}

/** 0 … 1, one after the other: mulberry32 (T. Ettinger). To draw each by name would take a second. */
function numbersFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The middle 95 % of what was drawn; never narrower than Wilson's for as many questions: with few pairs, or when all are
 *  right, redrawing sees no spread at all. */
function intervalOf(pairs: readonly ScoredPair[], drawn: readonly number[]): Interval {
  const questions = new Set(pairs.map(questionOf)).size;
  const wilson = shareOf(mean(pairs.map((pair) => Number(isRight(pair)))) * questions, questions);
  if (drawn.length === 0) return { low: wilson.low, high: wilson.high };
  return {
    low: Math.min(wilson.low, percentile(drawn, 0.025)),
    high: Math.max(wilson.high, percentile(drawn, 0.975)),
  };
}

/** Nearest rank; 0 of nothing. */
function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function calibrationOf(pairs: readonly ScoredPair[]): CalibrationBin[] {
  const width = 0.5 / CALIBRATION_BINS;
  const sure = pairs.map((pair) => ({ right: isRight(pair), sure: 1 / (1 + Math.exp(-Math.abs(marginOf(pair)))) }));
  const binOf = (value: number): number => Math.min(CALIBRATION_BINS - 1, Math.floor((value - 0.5) / width));
  return Array.from({ length: CALIBRATION_BINS }, (_, bin) => {
    const own = sure.filter((one) => binOf(one.sure) === bin);
    const confidence = mean(own.map((one) => one.sure));
    const [low, high] = [0.5 + bin * width, 0.5 + (bin + 1) * width];
    return { low, high, n: own.length, right: own.filter(({ right }) => right).length, confidence };
  });
}

/** About as many bins as wanted, of a width that is 1, 2 or 5 times a power of ten. */
function histogramOf(values: readonly number[]): Bin[] {
  if (values.length === 0) return [];
  const [least, most] = [values.reduce((a, b) => Math.min(a, b), 0), values.reduce((a, b) => Math.max(a, b), 0)];
  const spread = most - least;
  const rough = spread > NO_SPREAD ? spread / MARGIN_BINS : 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const width = power * ([1, 2, 5].find((times) => times * power >= rough) ?? 10);
  const first = Math.floor(least / width);
  const counts = new Array<number>(Math.max(1, Math.floor(most / width) - first + 1)).fill(0);
  for (const value of values) {
    const bin = Math.min(counts.length - 1, Math.floor(value / width) - first);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((n, i) => ({ low: (first + i) * width, high: (first + i + 1) * width, n }));
}
