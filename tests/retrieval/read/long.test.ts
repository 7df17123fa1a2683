// More pieces on a page, or blocks in a cell, than a call takes arguments.
import { expect, it } from 'vitest';
import { Blocks } from '../../../src/retrieval/read/blocks.ts';
import { Outline } from '../../../src/retrieval/read/outline.ts';
import { linesOf } from '../../../src/retrieval/read/pdfLines.ts';

it('a page of very many pieces is read whole', () => {
  const count = 150_000;
  const pieces = Array.from({ length: count }, (_, i) => {
    const [column, row] = [i % 2, Math.floor(i / 2)];
    return { str: `w${i}`, dir: 'ltr', transform: [10, 0, 0, 10, 50 + column * 300, -12 * row], width: 40 };
  });
  const lines = linesOf(pieces);
  expect(lines.reduce((sum, { text }) => sum + (text.match(/w\d+/g)?.length ?? 0), 0)).toBe(count);
});

it('a table in a cell may hold very many blocks', () => {
  const outline = new Outline();
  const blocks = new Blocks(outline);
  for (let table = 0; table < 2; table++) {
    blocks.openTable();
    blocks.openCell();
  }
  for (let i = 0; i < 200_000; i++)
    blocks.add({ text: `b${i}`, heading: 0, verbatim: false, item: null, marked: false });
  blocks.closeTable();
  blocks.closeTable();
  expect(outline.toString().match(/b\d+/g)).toHaveLength(200_000);
});
