// What an indexing still has to do, how long it will take, and where a link leads.
import { expect, test } from 'vitest';
import { documentLink, spanOf } from '../../src/state/documentLink.ts';
import { advance, documentState, needOf } from '../../src/state/indexing.ts';

const one = (chunks: number, embedded: number) => ({
  documentId: `${chunks}/${embedded}`,
  cut: chunks > 0,
  chunks,
  embedded,
});
const blank = { ...one(0, 0), cut: true };

test('the button says what is needed: nothing, a first indexing, more, or all again', () => {
  const need = (stale: boolean, ...documents: ReturnType<typeof one>[]) => needOf({ documents, stale });
  expect(need(false)).toEqual({ kind: 'none', documents: 0 });
  expect(need(false, one(4, 4), one(2, 2))).toEqual({ kind: 'none', documents: 0 });
  expect(need(false, one(0, 0), one(3, 0))).toEqual({ kind: 'first', documents: 2 });
  expect(need(false, one(4, 4), one(0, 0))).toEqual({ kind: 'more', documents: 1 });
  expect(need(false, one(4, 4), blank)).toEqual({ kind: 'none', documents: 0 }); // cut into nothing: it is done
  expect(need(false, one(4, 3))).toEqual({ kind: 'more', documents: 1 });
  expect(need(true, one(4, 0), one(2, 2))).toEqual({ kind: 'again', documents: 1 });
});

test('each document says how far it is', () => {
  expect(documentState(one(4, 4), true)).toBe('done');
  expect(documentState(blank, false)).toBe('done');
  expect(documentState(one(4, 1), false)).toBe('part');
  expect(documentState(one(4, 0), false)).toBe('waiting');
  expect(documentState(one(4, 0), true)).toBe('stale');
});

test('time left follows the pace of this step alone, and is told after a second of it', () => {
  const embed = (done: number) => ({ step: 'embed', done, total: 1000 }) as const;
  const load = advance(null, { step: 'load', done: 5, total: 10 }, 0);
  const begun = advance(load, embed(400), 5000); // 400 were there already
  expect(begun.secondsLeft).toBeNull();
  expect(advance(begun, embed(450), 5900).secondsLeft).toBeNull();
  const later = advance(advance(begun, embed(450), 5900), embed(500), 7000);
  expect(later.secondsLeft).toBe(10); // 100 in two seconds, 500 to go
  expect(advance(later, embed(500), 9000).secondsLeft).toBe(20);
});

test('a link to a passage is read back as it was written; what cannot be a passage is none', () => {
  const link = documentLink({ documentId: 'a b', start: 12, end: 80 });
  expect(link).toBe('#/documents/a%20b?at=12-80');
  expect(spanOf('12-80')).toEqual({ start: 12, end: 80 });
  expect(documentLink({ documentId: '7' })).toBe('#/documents/7');
  for (const at of [null, '', '80-12', '5-5', '-3-5', '1-2-3', 'x', '1e3-2e3'])
    expect(spanOf(at), String(at)).toBeNull();
});
