// Sizes of PPO's microbatches, and which answers share one: of like length, because padding costs as much as text.
import { NOWHERE, quarters } from './batches.ts';

/** Microbatches of one length: `batch` rows of `time` positions, `rows` of which reach the heads. */
export interface Size {
  batch: number;
  time: number;
  rows: number;
}

export const keyOf = ({ batch, time, rows }: Size): string => `${batch}×${time}, ${rows} rows`;

/** A prompt with its answer. */
export interface Sequence {
  ids: readonly number[];
  /** The first drawn token. */
  start: number;
}

export interface Group {
  size: Size;
  /** Numbers of sequences; at most `size.batch`. */
  members: readonly number[];
}

export interface GroupArrays {
  ids: Uint32Array<ArrayBuffer>; // [B·T], padded with 0
  index: Uint32Array<ArrayBuffer>; // [R]: the position before each drawn token; NOWHERE behind the last
  targets: Uint32Array<ArrayBuffer>; // [R], the drawn tokens
  last: Uint32Array<ArrayBuffer>; // [B], row of each last token among the B·T
  /** Of each member, where its tokens begin among the R. */
  offsets: readonly number[];
}

/** Positions of a microbatch: enough to keep a GPU busy, few enough that sorting by length saves padding. */
const MOST_POSITIONS = 1024;

/** At most four lengths, at the quarters of the prompts, each with room for a whole answer. */
export function planSizes(
  promptLengths: readonly number[],
  { maxNewTokens, minibatch }: { maxNewTokens: number; minibatch: number },
  most = MOST_POSITIONS,
): Size[] {
  const times = quarters(promptLengths.map((length) => length + maxNewTokens));
  const fitting = Math.max(1, Math.min(minibatch, Math.floor(most / Math.max(...times))));
  const batch = Math.ceil(minibatch / Math.ceil(minibatch / fitting)); // about even parts
  const rows = 64 * Math.ceil((batch * maxNewTokens) / 64);
  return times.map((time) => ({ batch, time, rows }));
}

/** All of `members` by length, as many to a microbatch as its size holds. */
export function groupsOf(sequences: readonly Sequence[], members: readonly number[], sizes: readonly Size[]): Group[] {
  const lengthOf = (i: number): number => sequences[i]?.ids.length ?? 0;
  const order = [...members].sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const batch = sizes[0]?.batch ?? 1;
  return Array.from({ length: Math.ceil(order.length / batch) }, (_, i) => {
    const own = order.slice(i * batch, (i + 1) * batch);
    const longest = Math.max(...own.map(lengthOf));
    const size = sizes.find(({ time }) => time >= longest);
    if (!size) throw new Error(`ppo: a size must be planned for ${longest} tokens, got none. Plan all lengths.`);
    return { size, members: own };
  });
}

export function arraysOf(sequences: readonly Sequence[], { size, members }: Group): GroupArrays {
  const { batch, time, rows } = size;
  const ids = new Uint32Array(batch * time);
  const index = new Uint32Array(rows).fill(NOWHERE);
  const targets = new Uint32Array(rows);
  const last = new Uint32Array(batch);
  const offsets: number[] = [];
  let at = 0;
  members.forEach((member, b) => {
    const { ids: own, start } = sequences[member] as Sequence;
    ids.set(own, b * time);
    last[b] = b * time + own.length - 1;
    offsets.push(at);
    for (let t = start; t < own.length; t++) {
      index[at] = b * time + t - 1;
      targets[at++] = own[t] as number;
    }
  });
  return { ids, index, targets, last, offsets };
}
