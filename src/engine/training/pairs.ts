// Preferences as the trainer of reward models reads them: pairs of rows of ids, and which of them make up which step.
//
// Prompt and completion are tokenised apart, as everywhere. A pair with an answer longer than maxLength is left out, as TRL's
// RewardTrainer does: half an answer deserves another score.
import type { BaseModel } from '../../records/baseModel.ts';
import { rowLimit } from '../../records/config.ts';
import type { RewardConfig } from '../../records/rewardConfig.ts';
import type { RunData } from '../../records/run.ts';
import { fnv1a } from '../../formats/hash.ts';
import { encodeScored } from '../score.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { batchesByLength, NOWHERE, quarters, seededBatches, type Microbatch } from './batches.ts';
import { RowsError } from './prepare.ts';

export interface PairRow {
  id: string;
  prompt: string;
  chosen: string;
  rejected: string;
  /** How much better chosen is; null where nobody said. */
  margin: number | null;
}

export interface EncodedPair {
  id: string;
  chosen: number[];
  rejected: number[];
  /** By which chosen must win; 0 unless the configuration asks for margins. */
  margin: number;
}

export interface PreparedPairs {
  train: readonly EncodedPair[];
  test: readonly EncodedPair[];
  data: RunData;
}

export function preparePairs(
  tokenizer: Tokenizer,
  { joiner, contextLength }: Pick<BaseModel, 'joiner' | 'contextLength'>,
  given: { train: readonly PairRow[]; test: readonly PairRow[] },
  config: Pick<RewardConfig, 'maxLength' | 'useMargin'>,
): PreparedPairs {
  const limit = rowLimit(config, { contextLength });
  const encode = (rows: readonly PairRow[]): EncodedPair[] =>
    rows
      .map(({ id, prompt, chosen, rejected, margin }) => ({
        id,
        chosen: encodeScored(tokenizer, joiner, { prompt, completion: chosen }),
        rejected: encodeScored(tokenizer, joiner, { prompt, completion: rejected }),
        margin: config.useMargin ? (margin ?? 0) : 0,
      }))
      .filter((pair) => lengthOf(pair) <= limit);
  const [train, test] = [encode(given.train), encode(given.test)];
  const all = given.train.length + given.test.length;
  if (train.length === 0)
    throw new RowsError(
      `pairs: at least one must be short enough to train on, got ${given.train.length} of which none has at most ${limit} ` +
        'tokens. Add pairs, or raise maxLength.',
    );
  return {
    train,
    test,
    data: {
      train: train.length,
      test: test.length,
      truncated: 0,
      dropped: all - train.length - test.length,
      hash: `${pairsHash(train)}-${pairsHash(test)}`,
    },
  };
}

/** Tokens of the longer answer, prompt included. */
export const lengthOf = ({ chosen, rejected }: EncodedPair): number => Math.max(chosen.length, rejected.length);

/** Tokens of both, without padding. */
export const tokensOf = ({ chosen, rejected }: EncodedPair): number => chosen.length + rejected.length;

/** At most so many, evenly among all. Whole pairs: every second answer would be the chosen ones alone. */
export function someOf(pairs: readonly EncodedPair[], most: number): EncodedPair[] {
  const every = Math.ceil(pairs.length / most);
  return pairs.filter((_, i) => i % every === 0);
}

const pairsHash = (pairs: readonly EncodedPair[]): string =>
  fnv1a(pairs.map(({ chosen, rejected, margin }) => fnv1a(`${chosen.join()}|${rejected.join()}|${margin}`)).join('\n'));

/** The size of a program: B pairs are 2·B rows of T positions. */
export interface PairBucket {
  batch: number;
  time: number;
}

export const pairKey = ({ batch, time }: PairBucket): string => `${batch} pairs×${time}`;

export type PairBatch = Microbatch<PairBucket>;

/** The batch in parts of at most `most` pairs, each of one size: their figures and gradients add up to those of the whole. */
export function partsOf({ bucket, members }: PairBatch, most: number): PairBatch[] {
  const size = { ...bucket, batch: Math.min(bucket.batch, most) };
  return Array.from({ length: Math.ceil(members.length / size.batch) }, (_, i) => ({
    bucket: size,
    members: members.slice(i * size.batch, (i + 1) * size.batch),
  }));
}

/** As the program reads it: chosen rows first, then the rejected ones in the same order. */
export interface PairArrays {
  ids: Uint32Array<ArrayBuffer>; // [2·B·T], padded with 0
  last: Uint32Array<ArrayBuffer>; // [2·B]: row of each last token; NOWHERE where a short batch has no pair
  margins: Float32Array<ArrayBuffer>; // [B]
  weights: Float32Array<ArrayBuffer>; // [B]: what each pair counts; 0 = no pair
}

/** `weight`: 1 / the pairs that a mean is taken over. */
export function pairArrays(pairs: readonly EncodedPair[], { bucket, members }: PairBatch, weight: number): PairArrays {
  const { batch, time } = bucket;
  const ids = new Uint32Array(2 * batch * time);
  const last = new Uint32Array(2 * batch).fill(NOWHERE);
  const margins = new Float32Array(batch);
  const weights = new Float32Array(batch);
  members.forEach((member, b) => {
    const pair = pairs[member] as EncodedPair;
    [pair.chosen, pair.rejected].forEach((row, side) => {
      const at = side * batch + b;
      ids.set(row, at * time);
      last[at] = at * time + row.length - 1;
    });
    margins[b] = pair.margin;
    weights[b] = weight;
  });
  return { ids, last, margins, weights };
}

export interface PairSchedule {
  steps: number;
  /** Sizes of the batches of the train and of the test pairs. */
  train: PairBucket[];
  test: PairBucket[];
  /** The n-th batch of the run, from 0: a function of pairs, seed and n alone. */
  batch: (n: number) => PairBatch;
  /** Batches of an epoch, and those of an evaluation, for what they cost. */
  epoch: readonly PairBatch[];
  evaluation: readonly PairBatch[];
}

export function pairSchedule(
  { train: pairs, test: testPairs }: Pick<PreparedPairs, 'train' | 'test'>,
  { batch: wanted, seed, steps, epochs }: Pick<RewardConfig, 'batch' | 'seed' | 'steps' | 'epochs'>,
): PairSchedule {
  const sizes = (lengths: readonly number[]): PairBucket[] =>
    lengths.length === 0 ? [] : quarters(lengths).map((time) => ({ batch: Math.min(wanted, lengths.length), time }));
  const [lengths, testLengths] = [pairs.map(lengthOf), testPairs.map(lengthOf)];
  const [train, test] = [sizes(lengths), sizes(testLengths)];
  const epochOf = (number: number): PairBatch[] => seededBatches(lengths, train, seed, number);
  const first = epochOf(0);
  let current = { number: 0, batches: first };
  const batch = (n: number): PairBatch => {
    const number = Math.floor(n / first.length); // every epoch has as many batches
    if (number !== current.number) current = { number, batches: epochOf(number) };
    return current.batches[n % first.length] as PairBatch;
  };
  const evaluation = batchesByLength(testLengths, test);
  return { steps: steps || epochs * first.length, train, test, batch, epoch: first, evaluation };
}
