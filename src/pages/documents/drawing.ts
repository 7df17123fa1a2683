// A document's text as blocks of lines, and its chunks as runs of tint over them. Pure: what it gives is only drawn.
import type { Outline } from '../../records/corpus.ts';

export interface Block {
  start: number;
  end: number;
  /** A page that begins here, from 1; null within a page. */
  page: number | null;
}

export interface Run {
  text: string;
  start: number;
  /** Indices of the chunks that hold it: none, one, or the one before as well. */
  chunks: number[];
  /** It belongs to the passage that was asked for. */
  found: boolean;
}

export interface Line {
  heading: boolean;
  runs: Run[];
}

export interface Overlay {
  outline: Outline;
  markdown: boolean;
  found: { start: number; end: number } | null;
}

/** As much as may be wrapped and tinted at once. */
export const BLOCK = 4000;
/** Drawn and forgotten together: small enough to draw many times a second, large enough that a long text has few. */
export const PART = 16_000;
/** Read in three places to guess how many lines there are. */
const SAMPLE = 10_000;

/** Blocks that follow one another: [from, to). */
export interface Part {
  from: number;
  to: number;
  characters: number;
  /** How many begin in it. */
  pages: number;
}

/** Blocks that together are the text: cut where pages begin, then at line ends, then, in endless lines, at spaces. */
export function blocksOf(text: string, pages: readonly number[] | null): Block[] {
  const blocks: Block[] = [];
  const starts = pages ?? [0];
  for (const [i, first] of starts.entries()) {
    const last = starts[i + 1] ?? text.length;
    let page = pages ? i + 1 : null;
    let start = first;
    do {
      const end = cut(text, start, last);
      blocks.push({ start, end, page });
      page = null;
      start = end;
    } while (start < last);
  }
  return blocks;
}

function cut(text: string, start: number, last: number): number {
  const limit = start + BLOCK;
  if (limit >= last) return last;
  for (const mark of ['\n', ' ']) {
    const at = text.lastIndexOf(mark, limit);
    if (at > start) return at + 1;
  }
  return limit;
}

/** The block that holds a character; of empty ones at the same place, the last. */
export function blockAt(blocks: readonly Block[], offset: number): number {
  return Math.max(0, firstBeyond(blocks.length, (i) => (blocks[i]?.start ?? 0) <= offset) - 1);
}

export function partsOf(blocks: readonly Block[]): Part[] {
  const parts: Part[] = [];
  for (const [i, { start, end, page }] of blocks.entries()) {
    let part = parts.at(-1);
    if (!part || part.characters >= PART) parts.push((part = { from: i, to: i, characters: 0, pages: 0 }));
    part.to = i + 1;
    part.characters += end - start;
    if (page) part.pages++;
  }
  return parts;
}

/** Lines for each character, about: what is not drawn must be about as high as it will be. */
export function density(text: string, charactersPerLine: number): number {
  const size = Math.min(SAMPLE, text.length);
  if (size === 0) return 0;
  const places = [0, Math.floor((text.length - size) / 2), text.length - size];
  const lines = places.reduce((sum, start) => sum + linesIn(text, { start, end: start + size }, charactersPerLine), 0);
  return lines / (places.length * size);
}

function linesIn(text: string, { start, end }: { start: number; end: number }, charactersPerLine: number): number {
  let lines = 0;
  for (let from = start; from < end;) {
    const at = text.indexOf('\n', from);
    const to = at < 0 || at >= end ? end : at;
    lines += Math.max(1, Math.ceil((to - from) / charactersPerLine));
    from = to + 1;
  }
  return lines;
}

export function linesOf(text: string, { start, end }: Block, { outline, markdown, found }: Overlay): Line[] {
  const marks = cuts(start, end, outline, found);
  const lines: Line[] = [];
  let next = 0;
  for (let from = start; from < end || lines.length === 0;) {
    const at = text.indexOf('\n', from);
    const to = at < 0 || at >= end ? end : at;
    const runs: Run[] = [];
    for (let position = from; position < to;) {
      while ((marks[next] ?? Infinity) <= position) next++;
      const stop = Math.min(to, marks[next] ?? Infinity);
      runs.push({
        text: text.slice(position, stop),
        start: position,
        chunks: holding(outline, position),
        found: found !== null && found.start <= position && position < found.end,
      });
      position = stop;
    }
    lines.push({ heading: markdown && /^#{1,6} /.test(text.slice(from, from + 8)), runs });
    from = to + 1;
  }
  return lines;
}

/** Every offset in the block at which the drawing may change, ascending. */
function cuts(start: number, end: number, { starts, ends }: Outline, found: Overlay['found']): number[] {
  const at = new Set<number>();
  const first = firstBeyond(ends.length, (i) => (ends[i] ?? 0) <= start);
  for (let i = first; i < starts.length && (starts[i] ?? end) < end; i++) at.add(starts[i] ?? 0).add(ends[i] ?? 0);
  if (found) at.add(found.start).add(found.end);
  return [...at].filter((offset) => offset > start && offset < end).sort((a, b) => a - b);
}

function holding({ starts, ends }: Outline, offset: number): number[] {
  const last = firstBeyond(starts.length, (i) => (starts[i] ?? 0) <= offset) - 1;
  return [last - 1, last].filter((i) => i >= 0 && (ends[i] ?? 0) > offset);
}

/** The first of 0…n for which `before` is no longer true; what is listed is in order. */
function firstBeyond(n: number, before: (i: number) => boolean): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export interface Spread {
  min: number;
  median: number;
  max: number;
  /** How many chunks have so many tokens: equal steps from 0 to `max`. */
  bins: number[];
}

/** The lengths of the chunks in tokens; null without chunks. */
export function spreadOf(outline: Outline, bins = 24): Spread | null {
  const tokens = outline.tokens.toSorted();
  const [min, median, max] = [tokens[0], tokens[(tokens.length - 1) >> 1], tokens.at(-1)];
  if (min === undefined || median === undefined || max === undefined) return null;
  const counts = new Array<number>(bins).fill(0);
  for (const n of tokens) {
    const bin = Math.min(bins - 1, Math.floor((n / Math.max(1, max)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { min, median, max, bins: counts };
}
