// Which prompts are kept for looking: a matter of prompt and seed alone.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptForLooking } from '../../src/records/prompt.ts';

const named = (prompts: readonly { prompt: string }[], kept: Set<number>): string[] =>
  [...kept].map((place) => prompts[place]?.prompt ?? '').sort();
const many = fc
  .uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 })
  .map((all) => all.map((prompt) => ({ prompt })));
const settings = fc.record({ seed: fc.nat(), testPrompts: fc.nat(24) });

test('as many as wanted, never more than half', () => {
  fc.assert(
    fc.property(many, settings, (prompts, wanted) => {
      const { size } = keptForLooking(prompts, wanted);
      expect(size).toBe(Math.min(wanted.testPrompts, Math.floor(prompts.length / 2)));
    }),
  );
});

test('the order of the prompts does not matter', () => {
  fc.assert(
    fc.property(many, settings, (prompts, wanted) => {
      const turned = [...prompts].reverse();
      expect(named(turned, keptForLooking(turned, wanted))).toEqual(named(prompts, keptForLooking(prompts, wanted)));
    }),
  );
});

test('a prompt that comes takes the place of one at most', () => {
  fc.assert(
    fc.property(many, settings, (prompts, wanted) => {
      const [, ...fewer] = prompts;
      const before = named(fewer, keptForLooking(fewer, wanted));
      const now = new Set(named(prompts, keptForLooking(prompts, wanted)));
      expect(before.filter((prompt) => !now.has(prompt)).length).toBeLessThanOrEqual(1);
    }),
  );
});

test('another seed keeps others', () => {
  const prompts = Array.from({ length: 100 }, (_, i) => ({ prompt: `Question ${i}?` }));
  const [a, b] = [1, 2].map((seed) => named(prompts, keptForLooking(prompts, { seed, testPrompts: 20 })));
  expect(a).not.toEqual(b);
});
