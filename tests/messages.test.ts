// Both languages say everything, in their own words and with their own typography.
import { expect, test } from 'vitest';
import { LANGUAGES, preferredLanguage } from '../src/messages/index.ts';

type Leaf = [path: string, text: string];

/** Every sentence of a table, functions called with small numbers and a name. */
function leaves(value: unknown, path = ''): Leaf[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') {
    const call = value as (...args: unknown[]) => unknown;
    return [1, 2, 'NAME'].map((arg): Leaf => [`${path}(${arg})`, String(call(arg, arg, arg, arg))]);
  }
  return Object.entries(value as object).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}
const english = leaves(LANGUAGES.en);
const french = leaves(LANGUAGES.fr);

test('no sentence is empty, undefined or has a hole', () => {
  for (const [path, text] of [...english, ...french]) {
    expect(text.trim(), path).not.toBe('');
    expect(text, path).not.toMatch(/undefined|\[object/);
    if (!path.endsWith('(NAME)')) expect(text, path).not.toContain('NaN'); // a name is no number
  }
});

test('both languages have the same sentences', () => {
  // Units are listed only where a language writes them in its own way.
  const paths = (list: Leaf[]): string[] =>
    list.flatMap(([path]) => (path.startsWith('.check.units') ? [] : [path])).sort();
  expect(paths(french)).toEqual(paths(english));
});

test('what a sentence is about is named in both languages', () => {
  const named = (list: Leaf[]): string[] =>
    list.filter(([path, text]) => path.endsWith('(NAME)') && text.includes('NAME')).map(([path]) => path);
  expect(named(french)).toEqual(named(english));
});

test('one and several differ where English says so', () => {
  expect(LANGUAGES.en.documents.count(1)).toBe('1 document');
  expect(LANGUAGES.en.documents.count(2)).toBe('2 documents');
  expect(LANGUAGES.en.documents.count(0)).toBe('0 documents');
  expect(LANGUAGES.fr.documents.count(0)).toBe('0 document');
  expect(LANGUAGES.fr.documents.count(1234)).toMatch(/^1\s234 documents$/u);
});

test('French puts an unbreakable space before its tall punctuation and uses its own quotes', () => {
  for (const [path, text] of french) {
    expect(text, path).not.toMatch(/[^\u00a0\u202f][;:!?»](?=\s|$)/u);
    expect(text, path).not.toMatch(/ [;:!?»%]|« |[“”]/u);
    expect(text, path).not.toMatch(/\p{L}'\p{L}/u);
  }
});

test('English uses its own quotes and apostrophes', () => {
  for (const [path, text] of english) expect(text, path).not.toMatch(/[«»]|\p{L}'\p{L}| [;:!?](?=\s|$)/u);
});

test('the first language that we have is taken', () => {
  expect(preferredLanguage(['de-DE', 'fr-CA', 'en'])).toBe('fr');
  expect(preferredLanguage(['EN-us'])).toBe('en');
  expect(preferredLanguage(['de'])).toBe('en');
  expect(preferredLanguage([])).toBe('en');
});
