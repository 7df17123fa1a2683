// What of the rows is shown: found by words, kind and side, and counted by length.
import type { Demonstration, DemonstrationRow } from '../records/demonstration.ts';
import type { RowKind } from '../records/rowMapping.ts';
import type { RowLength } from './rowLengths.svelte.ts';

export type Side = 'train' | 'test';

export interface RowFilter {
  words: string;
  kind: RowKind | 'all';
  side: Side | 'all';
}

export const kindOf = (row: DemonstrationRow): RowKind =>
  'prompt' in row ? 'prompt' : 'text' in row ? 'text' : 'messages';

/** All that is said in it, for searching. */
export function wordsOf(row: DemonstrationRow): string {
  if ('prompt' in row) return `${row.prompt}\n${row.completion}`;
  return 'text' in row ? row.text : row.messages.map(({ content }) => content).join('\n');
}

export function find(
  list: readonly Demonstration[],
  { words, kind, side }: RowFilter,
  test: ReadonlySet<string>,
): readonly Demonstration[] {
  const typed = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (typed.length === 0 && kind === 'all' && side === 'all') return list;
  return list.filter(({ id, row }) => {
    if (kind !== 'all' && kindOf(row) !== kind) return false;
    if (side !== 'all' && test.has(id) !== (side === 'test')) return false;
    if (typed.length === 0) return true;
    const text = wordsOf(row).toLowerCase();
    return typed.every((word) => text.includes(word));
  });
}

export interface LengthSpread {
  /** Counts of equal steps from 0 to `max`. */
  bins: number[];
  min: number;
  median: number;
  max: number;
  /** Rows longer than may be. */
  cut: number;
  /** Of them, those of which no token that carries loss is left, as far as lengths can tell. */
  lost: number;
}

const BINS = 40;

/** Null while nothing is measured. */
export function spreadOf(lengths: readonly RowLength[], maxLength: number): LengthSpread | null {
  if (lengths.length === 0) return null;
  const tokens = Uint32Array.from(lengths, (length) => length.tokens).sort();
  const [min = 0, median = 0, max = 0] = [tokens[0], tokens[tokens.length >> 1], tokens.at(-1)];
  const bins = new Array<number>(BINS).fill(0);
  for (const n of tokens) {
    const bin = Math.min(BINS - 1, Math.floor((n * BINS) / (max + 1)));
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const cut = lengths.filter((length) => length.tokens > maxLength);
  const lost = cut.filter((length) => length.tokens - length.completion >= maxLength);
  return { bins, min, median, max, cut: cut.length, lost: lost.length };
}
