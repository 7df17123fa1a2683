// From rows to what a trainer reads: encoded, counted, and in an order that is a function of seed and step alone.
import type { BaseModel } from '../../records/baseModel.ts';
import { rowLimit, type SftConfig } from '../../records/config.ts';
import type { DemonstrationRow } from '../../records/demonstration.ts';
import type { RunData } from '../../records/run.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { arraysOf, epochOf, planBuckets, rowsHash, type Bucket, type Microbatch } from './batches.ts';
import { questionOf, type Question } from './evaluate.ts';
import { encodeRow, type EncodedRow } from './rows.ts';
import type { Loaded } from './step.ts';

export class RowsError extends Error {
  override name = 'RowsError';
}

export interface PreparedRows {
  train: readonly EncodedRow[];
  test: readonly EncodedRow[];
  /** Of the test rows, for exact match. */
  questions: readonly Question[];
  data: RunData;
}

export function prepareRows(
  tokenizer: Tokenizer,
  { joiner, contextLength }: Pick<BaseModel, 'joiner' | 'contextLength'>,
  given: { train: readonly DemonstrationRow[]; test: readonly DemonstrationRow[] },
  config: Pick<SftConfig, 'maxLength'>,
): PreparedRows {
  const maxLength = rowLimit(config, { contextLength });
  const encode = (rows: readonly DemonstrationRow[]): EncodedRow[] =>
    rows.map((row) => encodeRow(tokenizer, row, { joiner, maxLength }));
  const whole = { train: encode(given.train), test: encode(given.test) };
  const learns = ({ mask }: EncodedRow): boolean => mask.includes(1);
  const [train, test] = [whole.train.filter(learns), whole.test.filter(learns)];
  if (train.length === 0)
    throw new RowsError(
      `rows: at least one must have a token to learn, got ${given.train.length} rows without. Add rows, or raise maxLength.`,
    );
  const all = [...whole.train, ...whole.test];
  return {
    train,
    test,
    questions: given.test.flatMap((row) => questionOf(tokenizer, row) ?? []),
    data: {
      train: train.length,
      test: test.length,
      truncated: all.filter((row) => row.cutTokens > 0 && learns(row)).length,
      dropped: all.length - train.length - test.length,
      hash: `${rowsHash(train)}-${rowsHash(test)}`, // apart: a row that changes sides changes it
    },
  };
}

export interface Schedule {
  steps: number;
  /** Sizes of the microbatches of the train and of the test rows. */
  train: Bucket[];
  test: Bucket[];
  /** The n-th microbatch of the run, from 0. */
  microbatch: (n: number) => Loaded;
  /** Microbatches of an epoch, for what they cost. */
  epoch: readonly Microbatch[];
}

export function schedule({ train: rows, test: testRows }: PreparedRows, config: SftConfig): Schedule {
  const { seed, epochs, accumulation } = config;
  const train = planBuckets(rows, Math.min(config.batch, rows.length));
  const test = testRows.length > 0 ? planBuckets(testRows, Math.min(config.batch, testRows.length)) : [];
  const first = epochOf(rows, train, seed, 0);
  let current = { number: 0, batches: first };
  const microbatch = (n: number): Loaded => {
    const number = Math.floor(n / first.length); // every epoch has as many microbatches
    if (number !== current.number) current = { number, batches: epochOf(rows, train, seed, number) };
    const batch = current.batches[n % first.length] as Microbatch;
    return { ...arraysOf(rows, batch), bucket: batch.bucket };
  };
  const steps = config.steps || Math.ceil((epochs * first.length) / accumulation);
  return { steps, train, test, microbatch, epoch: first };
}
