// Argilla: records nested and flattened, of one or several people, as 1.x left them, and what we write for it.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { writeArgilla } from '../../src/formats/argilla.ts';
import type { Judgement } from '../../src/records/feedback.ts';
import { anyJudgement, judgementsOf, problemOf, readLines, readText } from './itemLines.ts';

const fields = { prompt: 'Who leads?', context: 'Anna leads.', 'response-1': 'Anna.', 'response-2': 'Bob.' };
const nested = (responses: object, more: object = {}): object => ({
  id: 'r1',
  fields,
  metadata: {},
  suggestions: { preference: { value: 'response-2', score: 0.7, agent: 'model' } },
  responses,
  vectors: {},
  _server_id: '5f1c',
  ...more,
});
const said = (value: unknown, user_id: string | null = 'u1', status: string | null = 'submitted') => ({
  value,
  user_id,
  status,
});
const ranking = (first: number, second: number) => [
  { rank: first, value: 'response-1' },
  { rank: second, value: 'response-2' },
];

describe('one person’s answer', () => {
  it.each<[string, object, Partial<Judgement>]>([
    ['a label', nested({ preference: [said('response-2')] }), { verdict: 'better', ranks: [2, 1] }],
    ['a label without a status', nested({ preference: [{ value: 'response-1', user_id: 'u1' }] }), { ranks: [1, 2] }],
    ['a label that ends alike', nested({ preference: [said('2')] }), { verdict: 'better', ranks: [2, 1] }],
    [
      'among questions that do not compare',
      nested({
        quality: [said('level 2')],
        issues: [said('none')],
        labels: [said(['factual', 'short'])],
        preference: [said('response-1')],
      }),
      { verdict: 'better', ranks: [1, 2] },
    ],
    ['a tie', nested({ preference: [said('Tie')] }), { verdict: 'tie', ranks: [1, 1] }],
    ['both bad', nested({ preference: [said('both_bad')] }), { verdict: 'bad', ranks: [1, 1] }],
    ['names in order', nested({ order: [said(['response-2', 'response-1'])] }), { verdict: 'better', ranks: [2, 1] }],
    ['ranks', nested({ order: [said(ranking(1, 2))] }), { verdict: 'better', ranks: [1, 2] }],
    ['equal ranks', nested({ order: [said(ranking(1, 1))] }), { verdict: 'tie', ranks: [1, 1] }],
    [
      'discarded',
      nested({ preference: [said(null, 'u1', 'discarded')] }),
      { status: 'skipped', verdict: null, ranks: null },
    ],
    [
      'a comment and a strength',
      nested({ strength: [said(3)], comment: [said('Said there.')], preference: [said('response-1')] }),
      { ranks: [1, 2], comment: 'Said there.', strength: 3 },
    ],
    [
      'flattened',
      {
        id: 'r1',
        ...fields,
        'order.responses': [ranking(2, 1)],
        'order.responses.users': ['u1'],
        'order.responses.status': ['submitted'],
        'order.suggestion': null,
        'order.suggestion.score': null,
        _server_id: null,
      },
      { verdict: 'better', ranks: [2, 1] },
    ],
    [
      'a 1.x hub dataset',
      {
        ...fields,
        order: [{ user_id: 'u1', value: ranking(1, 2), status: 'submitted' }],
        'order-suggestion': null,
        'order-suggestion-metadata': { type: null, score: null, agent: null },
        external_id: null,
        metadata: '{}',
      },
      { verdict: 'better', ranks: [1, 2] },
    ],
    [
      'a 1.x record',
      { fields, responses: [{ user_id: 'u1', status: 'submitted', values: { order: { value: ranking(2, 1) } } }] },
      { verdict: 'better', ranks: [2, 1] },
    ],
  ])('%s', async (_, line, expected) => {
    const read = await readLines(line);
    expect([read.format, read.problems]).toEqual(['argilla', []]);
    expect(judgementsOf(read)).toHaveLength(1);
    expect(judgementsOf(read)[0]).toMatchObject({
      prompt: 'Who leads?\n\nContext:\nAnna leads.',
      question: 'Who leads?',
      passages: ['Anna leads.'],
      responses: ['Anna.', 'Bob.'],
      annotator: 'u1',
      shown: null,
      ...expected,
    });
  });
});

test('every person counts, drafts do not, and one answer that says nothing does not spoil the others', async () => {
  const answers = [
    said('response-1', 'u1'),
    said('response-2', 'u2'),
    said('response-1', 'u3', 'draft'),
    said('off topic', 'u4'),
  ];
  const read = await readLines(nested({ preference: answers }));
  expect(judgementsOf(read).map(({ annotator, ranks }) => [annotator, ranks])).toEqual([
    ['u1', [1, 2]],
    ['u2', [2, 1]],
  ]);
  expect(read.problems).toEqual([
    {
      line: 1,
      problem:
        'responses: must name response-1 or response-2, tie or both bad, got "off topic". Map the label to one of them.',
    },
  ]);
});

test('people without an id are told apart, and called by the file', async () => {
  const read = await readLines(nested({ preference: [said('response-1', null), said('tie', null)] }));
  expect(judgementsOf(read).map(({ annotator }) => annotator)).toEqual(['anna', 'anna 2']);
});

test('a record that nobody has answered is a task', async () => {
  const read = await readLines({
    fields: { instruction: 'Q', completion_b: 'B', completion_a: 'A', completion_model: 'x' },
  });
  expect(read.items[0]?.task).toMatchObject({ prompt: 'Q', responses: [{ text: 'B' }, { text: 'A' }] });
  expect(read.items[0]?.judgements).toEqual([]);
});

test('an answer that was changed since is the same judgement', async () => {
  const [before] = judgementsOf(await readLines(nested({ preference: [said('response-1')] })));
  const [after] = judgementsOf(await readLines(nested({ preference: [said('response-2')] })));
  expect(after?.id).toBe(before?.id);
});

it.each<[string, object, string]>([
  [
    'a rank for a stranger',
    nested({ q: [said([...ranking(1, 2), { rank: 3, value: 'other' }])] }),
    'q: must name response-1, response-2, got "other".',
  ],
  [
    'an answer twice',
    nested({ q: [said(['response-1', 'response-1'])] }),
    'q: must rank every answer once, got "response-1 twice".',
  ],
  ['a rank of 0', nested({ q: [said(ranking(0, 1))] }), 'q: must have whole ranks from 1, got 0.'],
  ['no prompt', { fields: { 'response-1': 'A', 'response-2': 'B' } }, 'prompt: must be text, got nothing.'],
  ['one answer', { fields: { prompt: 'Q', 'response-1': 'A' } }, 'answers: must be at least two, got 1.'],
  [
    'hollow parents',
    { fields: { __proto__: null, prompt: 'Q' }, responses: { constructor: [said('x')] } },
    'answers: must be',
  ],
])('%s is told, and lines around it are read', async (_, line, sentence) => {
  expect(await problemOf(line)).toContain(sentence);
});

/** What Argilla has words for: two answers at a time, who, what, how much, why. */
const kept = ({ prompt, responses, annotator, round, status, verdict, ranks, comment, strength }: Judgement) => ({
  prompt,
  responses,
  annotator,
  round,
  status,
  verdict,
  ranks: ranks && (verdict === 'better' ? ranks.map((rank) => (rank === Math.min(...ranks) ? 1 : 2)) : ranks),
  comment: comment.trim() === '' ? '' : comment,
  strength,
});

test('what is written for Argilla comes back: every pair, every person, every word of theirs', async () => {
  const pairwise = anyJudgement({ most: 2 })
    .filter(({ annotator }) => annotator.trim() !== '')
    .map((given) => ({ ...given, question: 'Q', prompt: `Q\n\nContext:\n${given.prompt}`, round: given.round % 2 }));
  await fc.assert(
    fc.asyncProperty(fc.array(pairwise, { maxLength: 4 }), async (given) => {
      const read = await readText(writeArgilla([...given, ...given]).records, 'argilla_records.json');
      expect(read.problems).toEqual([]);
      const sorted = (all: readonly Judgement[]): string[] => all.map((one) => JSON.stringify(kept(one))).sort();
      expect(sorted(judgementsOf(read))).toEqual(sorted([...given, ...given]));
      expect(new Set(judgementsOf(read).map(({ id }) => id)).size).toBe(given.length * 2);
    }),
    { numRuns: 100 },
  );
});

test('a ranking leaves as its pairs, and the settings ask for what the records answer', async () => {
  const [ranked] = judgementsOf(
    await readLines({
      prompt: 'Q',
      responses: ['A', 'B', 'C'],
      verdict: 'better',
      ranks: [2, 1, 2],
      annotator: 'Anna',
    }),
  );
  const { records, settings } = writeArgilla(ranked ? [ranked] : []);
  const found = judgementsOf(await readText(records)).map(({ responses, ranks }) => [responses, ranks]);
  expect(found).toEqual([
    [
      ['A', 'B'],
      [2, 1],
    ],
    [
      ['A', 'C'],
      [1, 1],
    ],
    [
      ['B', 'C'],
      [1, 2],
    ],
  ]);
  const form = JSON.parse(settings) as Record<'fields' | 'questions', { name: string }[]>;
  const [record] = JSON.parse(records) as { fields: object; responses: object }[];
  const names = (of: { name: string }[]): string[] => of.map(({ name }) => name);
  expect(names(form.fields)).toEqual(expect.arrayContaining(Object.keys(record?.fields ?? {})));
  expect(names(form.questions)).toEqual(expect.arrayContaining(Object.keys(record?.responses ?? {})));
});
