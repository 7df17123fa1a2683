// Blocks and runs hold the whole text, in order, whatever its chunks; pages and passages begin where they begin.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BLOCK,
  blockAt,
  blocksOf,
  density,
  linesOf,
  PART,
  partsOf,
  spreadOf,
} from '../../src/pages/documents/drawing.ts';
import { outlineOf, type Chunk } from '../../src/records/corpus.ts';

const chunk = (start: number, end: number, tokens = 1): Chunk => ({ start, end, tokens, page: null, headings: [] });
const none = { outline: outlineOf([]), markdown: false, found: null };

/** Texts with few letters, so that line ends and spaces are everywhere; some longer than a block. */
const texts = fc
  .tuple(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n'), maxLength: 60 }), fc.constantFrom(1, 600))
  .map(([text, times]) => text.repeat(times));

test('blocks follow one another without gap or overlap and are no longer than they may be', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(12_000)), (text, at) => {
      const pages = [0, ...new Set(at.filter((offset) => offset > 0 && offset < text.length))].sort((a, b) => a - b);
      for (const starts of [null, pages]) {
        const blocks = blocksOf(text, starts);
        expect(blocks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        expect(Math.max(...blocks.map(({ start, end }) => end - start))).toBeLessThanOrEqual(BLOCK + 1);
        expect(blocks.flatMap(({ start, page }) => (page ? [start] : []))).toEqual(starts ?? []);
      }
    }),
  );
});

test('lines hold every character of their block but the line ends', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.tuple(fc.nat(400), fc.nat(60))), fc.nat(400), (text, pairs, at) => {
      const chunks = pairs
        .map(([start, length]) => chunk(start, Math.min(text.length, start + length + 1)))
        .filter(({ start, end }) => start < end)
        .sort((a, b) => a.start - b.start);
      const blocks = blocksOf(text, null);
      const lines = blocks.flatMap((block) =>
        linesOf(text, block, { outline: outlineOf(chunks), markdown: false, found: { start: at, end: at + 7 } }),
      );
      const short = text.split('\n').every((line) => line.length < BLOCK);
      if (short) expect(lines.length).toBe(text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
      const runs = lines.flatMap((line) => line.runs);
      expect(runs.map((run) => run.text).join('')).toBe(text.replaceAll('\n', ''));
      const right = runs.every(({ text: own, start, found }) => {
        const inside = [start, start + own.length - 1].map((offset) => offset >= at && offset < at + 7);
        return text.startsWith(own, start) && inside.every((is) => is === found);
      });
      expect(right).toBe(true);
    }),
  );
});

test('each run knows the chunks that hold it, and where two overlap both', () => {
  const text = 'One two. Three four. Five.';
  const lines = linesOf(
    text,
    { start: 0, end: text.length, page: null },
    { ...none, outline: outlineOf([chunk(0, 20), chunk(9, 26)]) },
  );
  expect(lines[0]?.runs.map(({ text, chunks }) => [text, chunks])).toEqual([
    ['One two. ', [0]],
    ['Three four.', [0, 1]],
    [' Five.', [1]],
  ]);
});

test('headings are lines that begin with marks, in Markdown only', () => {
  const text = '# Title\n#no\nplain';
  const headings = (markdown: boolean): boolean[] =>
    linesOf(text, { start: 0, end: text.length, page: null }, { ...none, markdown }).map((line) => line.heading);
  expect(headings(true)).toEqual([true, false, false]);
  expect(headings(false)).toEqual([false, false, false]);
});

test('the block of an offset is the one that holds it', () => {
  const blocks = blocksOf('a'.repeat(9000), [0, 10, 5000]);
  for (const offset of [0, 9, 10, 4009, 4010, 4999, 5000, 8999]) {
    const block = blocks[blockAt(blocks, offset)];
    expect(block && block.start <= offset && offset < block.end, String(offset)).toBe(true);
  }
});

test('parts hold every block once, in order, and are about as large as they may be', () => {
  const text = 'word '.repeat(20_000);
  for (const pages of [null, Array.from({ length: 40 }, (_, i) => i * 2500)]) {
    const blocks = blocksOf(text, pages);
    const parts = partsOf(blocks);
    expect(parts.flatMap(({ from, to }) => blocks.slice(from, to))).toEqual(blocks);
    expect(parts.reduce((sum, { characters }) => sum + characters, 0)).toBe(text.length);
    expect(parts.reduce((sum, part) => sum + part.pages, 0)).toBe(pages?.length ?? 0);
    expect(parts.slice(0, -1).every(({ characters }) => characters >= PART && characters < PART + BLOCK)).toBe(true);
  }
});

test('pages without text are blocks of their own, with one empty line, where they stand', () => {
  const blocks = blocksOf('The words of the one page.', [0, 0, 26, 26]);
  expect(blocks.map(({ start, end, page }) => [start, end, page])).toEqual([
    [0, 0, 1],
    [0, 26, 2],
    [26, 26, 3],
    [26, 26, 4],
  ]);
  for (const block of blocks) expect(linesOf('The words of the one page.', block, none).length).toBe(1);
  expect([blockAt(blocks, 0), blockAt(blocks, 25)]).toEqual([1, 1]);
});

test('what is not drawn is about as high as its wrapped lines, guessed from few of them', () => {
  const short = `${'a'.repeat(100)}\n\nb`;
  expect(density(short, 40) * short.length).toBeCloseTo(5, 8);
  const long = 'a line of thirty characters …\n'.repeat(100_000);
  expect(density(long, 64) * long.length).toBeGreaterThan(99_000);
  expect(density(long, 64) * long.length).toBeLessThan(101_500);
  expect(density('', 64)).toBe(0);
});

test('the spread counts every chunk once; without chunks there is none', () => {
  const spread = spreadOf(outlineOf([5, 10, 10, 40].map((tokens) => chunk(0, 1, tokens))), 4);
  expect(spread).toEqual({ min: 5, median: 10, max: 40, bins: [1, 2, 0, 1] });
  expect(spreadOf(outlineOf([]))).toBeNull();
});
