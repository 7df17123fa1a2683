// The split goes by prompt and seed alone: no prompt on both sides, and a row stays where it was when others come.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { splitOf } from '../../src/curation/split.ts';
import type { Demonstration } from '../../src/records/demonstration.ts';

const demonstration = (prompt: string, split: Demonstration['split'] = null, position = 0): Demonstration => ({
  id: `${prompt} ${position}`,
  projectId: 'p',
  row: { prompt, completion: 'c' },
  split,
  source: '',
  position,
  createdAt: '2026-01-01T00:00:00.000Z',
  version: 1,
});
const prompts = (rows: readonly Demonstration[]): string[] =>
  rows.map(({ row }) => ('prompt' in row ? row.prompt : ''));
const many = Array.from({ length: 2000 }, (_, i) => demonstration(`question ${i}`));

it('keeps about the share that was asked, and other prompts for another seed', () => {
  const { train, test } = splitOf(many, { seed: 1, testShare: 0.1 });
  expect(train.length + test.length).toBe(2000);
  expect(test.length).toBeGreaterThan(150);
  expect(test.length).toBeLessThan(250);
  expect(prompts(splitOf(many, { seed: 2, testShare: 0.1 }).test)).not.toEqual(prompts(test));
});

it('a prompt never stands on both sides, whatever is fixed', () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom(null, 'test' as const)), {
        maxLength: 30,
      }),
      fc.nat(),
      (given, seed) => {
        const rows = given.map(([prompt, split], i) => demonstration(prompt, split, i));
        const { train, test, shared } = splitOf(rows, { seed, testShare: 0.5 });
        expect(prompts(train).filter((p) => prompts(test).includes(p))).toEqual([]);
        expect(shared).toBe(0);
        expect(train.length + test.length).toBe(rows.length);
      },
    ),
  ));

it('rows of files stay in their file; a prompt that both have is counted', () => {
  const rows = [demonstration('a', 'train', 1), demonstration('a', 'test', 2), demonstration('b', 'train', 3)];
  const { train, test, shared } = splitOf(rows, { seed: 1, testShare: 0.5 });
  expect(prompts(train)).toEqual(['a', 'b']);
  expect(prompts(test)).toEqual(['a']);
  expect(shared).toBe(1);
});

it('what is added later moves nothing', () => {
  const before = new Set(prompts(splitOf(many.slice(0, 1000), { seed: 5, testShare: 0.2 }).test));
  const after = new Set(prompts(splitOf(many, { seed: 5, testShare: 0.2 }).test));
  expect([...before].filter((p) => !after.has(p))).toEqual([]);
});
