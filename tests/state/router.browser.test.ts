// Addresses become segments, and values that must survive a reload do.
import { expect, test } from 'vitest';
import { isText, Persisted } from '../../src/state/persisted.svelte.ts';
import { segmentsOf } from '../../src/state/router.svelte.ts';

test.each([
  ['', []],
  ['#/', []],
  ['#/ask', ['ask']],
  ['#/ask/42/', ['ask', '42']],
  ['#ask//42', ['ask', '42']],
  ['#/ask/a%20b%2Fc', ['ask', 'a b/c']],
  ['#/ask/100%', ['ask', '100%']],
  ['#/documents/7?at=12-80', ['documents', '7']],
  ['#/ask/what%3F', ['ask', 'what?']],
])('%j', (hash, segments) => {
  expect(segmentsOf(hash)).toEqual(segments);
});

test('a value is kept, and one of another version is not believed', () => {
  const key = crypto.randomUUID();
  new Persisted(key, '', isText).value = 'kept';
  expect(new Persisted(key, '', isText).value).toBe('kept');
  expect(new Persisted(key, 7, (v): v is number => typeof v === 'number').value).toBe(7);
  localStorage.setItem(`atelier:${key}`, '{broken');
  expect(new Persisted(key, 'initial', isText).value).toBe('initial');
  localStorage.removeItem(`atelier:${key}`);
});
