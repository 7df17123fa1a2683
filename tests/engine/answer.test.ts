// The shown text only grows, holds no stop string, and ends exactly where the first one begins.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Answer, type TextSource } from '../../src/engine/answer.ts';

/** Each id is a piece of text; what is left for the end comes then. */
const source = (pieces: string[], rest = ''): TextSource => ({
  push: (ids) => ids.map((id) => pieces[id] ?? '').join(''),
  end: () => rest,
});

function grow(pieces: string[], stops: string[], rest = ''): { shown: string[]; answer: Answer } {
  const answer = new Answer(source(pieces, rest), stops);
  const shown: string[] = [];
  for (let id = 0; id < pieces.length && !answer.stopped; id++) {
    answer.push(id);
    shown.push(answer.text(false));
  }
  answer.end();
  return { shown: [...shown, answer.text(true)], answer };
}

const letters = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 4 });

it('holds for any pieces and stop strings', () =>
  fc.assert(
    fc.property(
      fc.array(letters, { maxLength: 12 }),
      fc.array(
        letters.filter((s) => s !== ''),
        { maxLength: 3 },
      ),
      letters,
      (pieces, stops, rest) => {
        const whole = pieces.join('') + rest;
        const { shown, answer } = grow(pieces, stops, rest);
        const text = shown.at(-1) ?? '';
        shown.forEach((later, i) => expect(later.startsWith(shown[i - 1] ?? '')).toBe(true));
        expect(stops.some((s) => text.includes(s))).toBe(false);
        expect(answer.stopped).toBe(stops.some((s) => whole.includes(s)));
        if (answer.stopped) expect(stops.some((s) => whole.startsWith(text + s))).toBe(true);
        else expect(text).toBe(whole);
      },
    ),
    { numRuns: 2000 },
  ));

it('finds a stop string that spans three pieces, and holds its beginning back', () => {
  expect(grow(['Yes.', '\n', '\nQ', ': no'], ['\n\nQ:']).shown).toEqual(['Yes.', 'Yes.', 'Yes.', 'Yes.', 'Yes.']);
});

it('shows what only looked like a stop string', () => {
  expect(grow(['a\n', 'b'], ['\n\n']).shown).toEqual(['a', 'a\nb', 'a\nb']);
});
