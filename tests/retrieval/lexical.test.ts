// Words: terms of two languages, and an inverted index that gives the numbers of the plain formula.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LexicalIndex, terms } from '../../src/retrieval/lexical.ts';
import { lexicalScores } from '../reference/lexical.ts';

it('terms drop stop words, accents, case and endings, and keep numbers whole', () => {
  expect(terms("Qui dirige l'Ardénie ?")).toEqual(['dirig', 'arden']);
  expect(terms('Velmont employs 2,340 people.')).toEqual(['velmo', 'emplo', '2,340', 'peopl']);
  expect(terms('Where is the CAFÉ? Où est le café ?')).toEqual(['cafe', 'cafe']);
  expect(terms('A 7 and a b')).toEqual(['7']);
});

it('scores are cosines: 1 for the same words, 0 for none shared', () => {
  const [same, none] = new LexicalIndex(['the red harbour bridge', 'a quiet valley']).scores('red harbour bridge');
  expect(same).toBeCloseTo(1, 6);
  expect(none).toBe(0);
});

it('gives the numbers of the plain formula, for any texts and questions', () => {
  const text = fc
    .array(
      fc.constantFrom('dam', 'dams', 'Harlow', 'the', 'budget', '21', '3.5', 'été', 'ete', 'Constructor', '日本', '🎉'),
      {
        maxLength: 12,
      },
    )
    .map((parts) => parts.join(' '));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), text, (texts, query) => {
      const index = new LexicalIndex(texts);
      const expected = lexicalScores(texts, query);
      expect(index.size).toBe(texts.length);
      expect(index.scores(query)).toHaveLength(texts.length);
      for (const [row, score] of index.scores(query).entries()) expect(score).toBeCloseTo(expected[row] ?? NaN, 6);
    }),
    { numRuns: 500, seed: 11 },
  );
});

it('takes its texts from a generator, one at a time', () => {
  const index = new LexicalIndex(
    (function* () {
      yield 'red bridge';
      yield 'blue bridge';
    })(),
  );
  const [red = 0, blue = 0] = index.scores('the red bridge');
  expect(red).toBeGreaterThan(blue);
  expect(blue).toBeGreaterThan(0);
});

it('no texts, no scores; no known word, all 0', () => {
  expect(new LexicalIndex([]).scores('dam')).toHaveLength(0);
  expect([...new LexicalIndex(['', 'the of', 'dam']).scores('constructor __proto__')]).toEqual([0, 0, 0]);
  expect([...new LexicalIndex(['', 'dam']).scores('')]).toEqual([0, 0]);
});

it('finds a word among twenty thousand texts at once', () => {
  const texts = Array.from(
    { length: 20_000 },
    (_, i) => `The report number ${i} is about dam ${i % 977} and the river`,
  );
  const index = new LexicalIndex(texts);
  const scores = index.scores('report 12345');
  expect(scores.indexOf(Math.max(...scores))).toBe(12_345);
});
