// Names at the ends of lines: cut in the middle, so that what tells two runs apart stays.
import { expect, test } from 'vitest';
import { short } from '../../src/components/uplot.ts';

test('runs that differ by the number at their end differ when they are cut, and are no longer than allowed', () => {
  const names = Array.from({ length: 12 }, (_, i) => `nano v2 of the workshop, reward model ${i + 1}`);
  for (const letters of [20, 30]) {
    const cut = names.map((name) => short(name, letters));
    expect(new Set(cut).size).toBe(names.length);
    expect(Math.max(...cut.map(({ length }) => length))).toBe(letters);
  }
  expect(short('nano v2, alignment 1', 20)).toBe('nano v2, alignment 1');
});
