// What of the rows is shown: found by every word typed, by kind and side, and counted by length.
import { expect, test } from 'vitest';
import type { Demonstration, DemonstrationRow } from '../../src/records/demonstration.ts';
import { find, kindOf, spreadOf } from '../../src/state/rowView.ts';

const made = (id: string, row: DemonstrationRow, split: Demonstration['split'] = null): Demonstration => ({
  id,
  projectId: 'p',
  row,
  split,
  source: '',
  position: 0,
  createdAt: '',
  version: 1,
});
const list = [
  made('a', { prompt: 'Who leads Velmont?', completion: 'Anna.' }, 'train'),
  made('b', { text: 'Été à Velmont.' }, 'test'),
  made('c', {
    messages: [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'Where?' },
      { role: 'assistant', content: 'In Brivel.' },
    ],
  }),
];
const any = { words: '', kind: 'all', side: 'all' } as const;
const ids = (filter: Partial<Parameters<typeof find>[1]>): string =>
  find(list, { ...any, ...filter }, new Set(['b']))
    .map(({ id }) => id)
    .join('');

test.each([
  ['', 'abc'],
  ['velmont', 'ab'],
  ['VELMONT anna', 'a'],
  ['été', 'b'],
  ['brivel short', 'c'],
  ['velmont brivel', ''],
])('words "%s" find %s', (words, found) => expect(ids({ words })).toBe(found));

test('kind and side narrow what words find', () => {
  expect(list.map(({ row }) => kindOf(row))).toEqual(['prompt', 'text', 'messages']);
  expect([ids({ kind: 'text' }), ids({ kind: 'messages' }), ids({ kind: 'prompt', words: 'velmont' })]).toEqual([
    'b',
    'c',
    'a',
  ]);
  expect([ids({ side: 'test' }), ids({ side: 'train' }), ids({ side: 'test', words: 'anna' })]).toEqual([
    'b',
    'ac',
    '',
  ]);
});

test('without a filter the list itself is shown, not a copy', () => expect(find(list, any, new Set())).toBe(list));

test('lengths: every row is in a bin, the middle one is the median, and what is cut or lost is counted', () => {
  const lengths = [
    { tokens: 10, completion: 4 },
    { tokens: 20, completion: 4 }, // cut at 18: two of four tokens are left
    { tokens: 30, completion: 12 }, // the cut falls just before its first token
    { tokens: 40, completion: 4 },
    { tokens: 18, completion: 4 },
  ];
  const spread = spreadOf(lengths, 18);
  expect(spread).toMatchObject({ min: 10, median: 20, max: 40, cut: 3, lost: 2 });
  expect(spread?.bins.reduce((a, b) => a + b, 0)).toBe(5);
  expect([spread?.bins.at(-1), spread?.bins[0]]).toEqual([1, 0]);
  expect(spreadOf([], 18)).toBeNull();
});
