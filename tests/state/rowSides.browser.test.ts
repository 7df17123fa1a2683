// Which rows test, as the page shows it: by file or by draw, and never at the price of a page that stands still.
import { expect, test } from 'vitest';
import type { Demonstration } from '../../src/records/demonstration.ts';
import { rowSides } from '../../src/state/rowSides.svelte.ts';

const made = (id: string, split: Demonstration['split'] = null, text = id): Demonstration => ({
  ...{ id, projectId: 'p', row: { prompt: text, completion: 'x' }, split },
  ...{ source: '', position: 0, createdAt: '', version: 1 },
});
const few = [made('a', 'train'), made('b', 'test'), made('c')];

test('sides are those of the files, and by draw where there is none; few rows are drawn at once', () => {
  void rowSides.draw(few, { seed: 1, testShare: 0 });
  expect([...rowSides.now.test]).toEqual(['b']);
  void rowSides.draw(few, { seed: 1, testShare: 1 });
  expect([...rowSides.now.test]).toEqual(['b', 'c']);
});

test('a hundred thousand rows leave room for other tasks, and a later question takes over', async () => {
  const words = 'words of a passage that is long '.repeat(20);
  const many = Array.from({ length: 100_000 }, (_, i) => made(`${i}`, null, `${i} ${words}`));
  let turns = 0;
  const clock = setInterval(() => turns++);
  const old = rowSides.draw(many, { seed: 1, testShare: 1 });
  await rowSides.draw(many, { seed: 1, testShare: 0.5 });
  await old;
  clearInterval(clock);
  expect(turns).toBeGreaterThan(1);
  expect(rowSides.now.test.size / many.length).toBeCloseTo(0.5, 1);
});
