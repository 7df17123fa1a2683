// Which rows make up which microbatch: a pure function of rows, seed and epoch, so that a resumed run reads on where it was.
//
// Rows of like length share a batch (padding costs as much as text), in few sizes: each size is one recorded program. A
// row of n ids gives n − 1 positions: id t is predicted at position t − 1.
import { fnv1a } from '../../formats/hash.ts';
import { uniforms } from '../random.ts';
import type { EncodedRow } from './rows.ts';

/** The size of a program. */
export interface Bucket {
  /** Rows, B. */
  batch: number;
  /** Positions of a row, T. */
  time: number;
  /** Positions that reach the head, R; a multiple of 64. */
  rows: number;
}

/** Numbers of rows; at most `bucket.batch` of them. */
export interface Microbatch<B = Bucket> {
  bucket: B;
  members: readonly number[];
}

/** Of any size of program: so many rows of so many positions. */
type Size = Pick<Bucket, 'batch' | 'time'>;

/** As the program reads it. */
export interface BatchArrays {
  ids: Uint32Array<ArrayBuffer>; // [B·T], padded with 0
  index: Uint32Array<ArrayBuffer>; // [R], positions that reach the head, in order; NOWHERE behind the last
  targets: Uint32Array<ArrayBuffer>; // [R]
  /** Positions that carry loss. */
  valid: number;
  /** Ids of the rows, without padding. */
  tokens: number;
}

export const NOWHERE = 0xffffffff;
const MOST_BUCKETS = 4;

const positions = (row: EncodedRow): number => row.ids.length - 1;
const learned = (row: EncodedRow): number => row.mask.reduce((sum, m) => sum + m, 0);
const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

/** At most four lengths, at the quarters of those given; shortest first. */
export function quarters(given: readonly number[]): number[] {
  const lengths = [...given].sort((a, b) => a - b);
  return [
    ...new Set(
      Array.from({ length: MOST_BUCKETS }, (_, i) =>
        roundUp(lengths[Math.ceil(((i + 1) * lengths.length) / MOST_BUCKETS) - 1] ?? 1, 16),
      ),
    ),
  ];
}

/** At most four sizes; `rows` holds the fullest batch that can occur. */
export function planBuckets(rows: readonly EncodedRow[], batch: number): Bucket[] {
  return quarters(rows.map(positions)).map((time) => {
    const fullest = rows
      .filter((row) => positions(row) <= time)
      .map(learned)
      .sort((a, b) => b - a)
      .slice(0, batch)
      .reduce((a, b) => a + b, 0);
    return { batch, time, rows: roundUp(Math.max(1, fullest), 64) };
  });
}

/** Every row once, in seeded order. */
export const epochOf = (
  rows: readonly EncodedRow[],
  buckets: readonly Bucket[],
  seed: number,
  epoch: number,
): Microbatch[] => seededBatches(rows.map(positions), buckets, seed, epoch);

/** For looking at all rows once, without a seed: batches in the order of length. */
export const inOrder = (rows: readonly EncodedRow[], buckets: readonly Bucket[]): Microbatch[] =>
  batchesByLength(rows.map(positions), buckets);

/** Each length's number once, in seeded order. What a length leaves over joins the next longer ones; only one batch may be
 *  short. */
export function seededBatches<B extends Size>(
  lengths: readonly number[],
  buckets: readonly B[],
  seed: number,
  epoch: number,
): Microbatch<B>[] {
  const order = shuffled(
    lengths.map((_, i) => i),
    seed,
    2 * epoch,
  );
  const batches: Microbatch<B>[] = [];
  let left: number[] = [];
  let shortest = 0;
  for (const bucket of buckets) {
    const own = order.filter((i) => {
      const n = lengths[i] as number;
      return n > shortest && n <= bucket.time;
    });
    const waiting = [...left, ...own];
    const whole = waiting.length - (waiting.length % bucket.batch);
    for (let at = 0; at < whole; at += bucket.batch)
      batches.push({ bucket, members: waiting.slice(at, at + bucket.batch) });
    left = waiting.slice(whole);
    shortest = bucket.time;
  }
  const last = buckets.at(-1);
  if (last && left.length > 0) batches.push({ bucket: last, members: left });
  return shuffled(batches, seed, 2 * epoch + 1);
}

export function batchesByLength<B extends Size>(lengths: readonly number[], buckets: readonly B[]): Microbatch<B>[] {
  const order = lengths.map((_, i) => i).sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
  const batch = buckets[0]?.batch ?? 1;
  return Array.from({ length: Math.ceil(order.length / batch) }, (_, i) => {
    const members = order.slice(i * batch, (i + 1) * batch);
    const longest = Math.max(...members.map((m) => lengths[m] as number));
    return { bucket: buckets.find((b) => b.time >= longest) as B, members };
  });
}

export function arraysOf(rows: readonly EncodedRow[], { bucket, members }: Microbatch): BatchArrays {
  const { batch, time } = bucket;
  const ids = new Uint32Array(batch * time);
  const index = new Uint32Array(bucket.rows).fill(NOWHERE);
  const targets = new Uint32Array(bucket.rows);
  let valid = 0;
  let tokens = 0;
  members.forEach((member, b) => {
    const row = rows[member] as EncodedRow;
    tokens += row.ids.length;
    for (let t = 0; t < positions(row); t++) {
      ids[b * time + t] = row.ids[t] as number;
      if (row.mask[t + 1] === 0) continue;
      index[valid] = b * time + t;
      targets[valid++] = row.ids[t + 1] as number;
    }
  });
  return { ids, index, targets, valid, tokens };
}

/** Names rows, masks and their order: a run resumes only on the rows that it began with. Row by row: the text of all
 *  would be hundreds of megabytes. */
export const rowsHash = (rows: readonly EncodedRow[]): string =>
  fnv1a(rows.map(({ ids, mask }) => fnv1a(`${ids.join()}|${mask.join('')}`)).join('\n'));

/** Fisher and Yates. A number below 2^23 is drawn from 23 random bits: exact enough for more rows than fit a browser. */
export function shuffled<T>(list: readonly T[], seed: number, stream: number): T[] {
  const out = [...list];
  const draws = uniforms(seed, stream, out.length);
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor((draws[i] as number) * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}
