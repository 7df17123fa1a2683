// Sentences: real ends end, false ones do not, in two languages and more, however the lines are wrapped.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sentences } from '../../src/retrieval/chunk.ts';

const of = (text: string, markdown = false): string[] =>
  sentences({ text, markdown }).map(({ start, end }) => text.slice(start, end));

it.each([
  ['One. Two! Three? Four.', 4],
  [
    'A ticket costs 2.40 euros. It opens at 9:30. Le musée ouvre à 10 h 30. La version est la 3.7. Il ajoute un mode.',
    5,
  ],
  ['Dr. Martin met Mrs. Weber. She agreed.', 2],
  ['M. Dupont et Mme. Roux, p. ex. Anna, arrivent. Ils repartent.', 2],
  ['See No. 5 Main Street, cf. Fig. 3 and J. S. Bach. It is clear.', 2],
  ['1. Open the door. 2. Close it.', 2],
  ['« Oui », dit-il. « Non ! » dit-elle.', 2],
  ['He said "No." Then he left. (It was late.) Nobody spoke.', 4],
  ['Great! 🎉 Party tonight. See you…', 3],
  ['日本語の文。もう一つ。', 2],
  ['هذا نص. وهذا آخر.', 2],
])('%s', (text, count) => {
  expect(of(text)).toHaveLength(count);
});

it('a line that had no room for the next word goes on; a short line ends', () => {
  const wrapped =
    'The main supplier of Velmont Energy is Nordal\nSteel of Rotterdam. The contract was signed by\nAnna Roux in the spring of that year.';
  expect(of(wrapped)).toEqual([
    'The main supplier of Velmont Energy is Nordal\nSteel of Rotterdam.',
    'The contract was signed by\nAnna Roux in the spring of that year.',
  ]);
  expect(of('Name: Anna Roux\nTown: Grenoble')).toHaveLength(2);
});

it('headings are no sentences, items and rows are', () => {
  expect(of('# Title\n\nOne. Two.\n- Three\n- four\n\na | b\nc | d', true)).toEqual([
    ...['One.', 'Two.', '- Three', '- four', 'a | b', 'c | d'],
  ]);
});

it('cover a long text whose end of window falls anywhere, as they cover each of its paragraphs alone', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 400 }), (words, count) => {
      const text = `${'Word'.padEnd(words, 'x')} Ends Here. `.repeat(count).trim();
      expect(of(text)).toHaveLength(count);
    }),
    { numRuns: 100, seed: 2 },
  );
});

it('a text without an end is parted between words, and between characters where there are none', () => {
  for (const sentence of of('Word '.repeat(2000))) expect(sentence).toMatch(/^Word( Word)*$/);
  for (const sentence of of('𝒳'.repeat(5000))) expect(sentence).not.toMatch(/\p{Surrogate}/u);
});
