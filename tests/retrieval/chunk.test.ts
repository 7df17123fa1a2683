// Chunks: offsets point at what they say, headings stay out, sentences are not torn.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { passages, sentences } from '../../src/retrieval/chunk.ts';

const of = (text: string, spans: { start: number; end: number }[]) => spans.map((s) => text.slice(s.start, s.end));

it('leaves headings out and never crosses a paragraph', () => {
  const text = '# Title\n\nOne. Two.\nThree.\n\n## Next\nFour! Five?\n';
  expect(of(text, sentences(text))).toEqual(['One.', 'Two.', 'Three.', 'Four!', 'Five?']);
  expect(of(text, passages(text, 2))).toEqual(['One. Two.', 'Three.', 'Four! Five?']);
});

it('keeps decimals, times and abbreviations inside a sentence in English and French', () => {
  const text =
    'A ticket costs 2.40 euros. It opens at 9:30. Le musée ouvre à 10 h 30. La version est la 3.7. Il ajoute un mode.';
  expect(of(text, sentences(text))).toHaveLength(5);
});

it('covers every word outside headings exactly once, for any text', () => {
  const words = fc.array(fc.constantFrom('Alpha', 'beta.', 'Gamma!', '\n', '\n\n', '3.5', 'é', '?', '  '), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 1, max: 4 }), (parts, n) => {
      const text = parts.join(' ');
      const spans = passages(text, n);
      spans.forEach((s, i) => expect(s.start).toBeGreaterThanOrEqual(spans[i - 1]?.end ?? 0));
      expect(of(text, spans).join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
    }),
    { numRuns: 300, seed: 3 },
  );
});
