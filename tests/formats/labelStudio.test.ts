// Label Studio: exports of comparisons and rankings, the small JSON, tasks, and what we write for it.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { writeLabelStudio } from '../../src/formats/labelStudio.ts';
import type { Judgement } from '../../src/records/feedback.ts';
import { anyJudgement, judgementsOf, problemOf, readLines, readText } from './itemLines.ts';

const data = { prompt: 'Who leads?', answer1: 'Anna.', answer2: 'Bob.' };
const pairwise = (selected: unknown, to_name: unknown = 'answer1,answer2') => ({
  id: 'x',
  from_name: 'comparison',
  to_name,
  type: 'pairwise',
  value: { selected },
});
const control = (from_name: string, value: object) => ({ from_name, to_name: 'prompt', value });
const annotation = (result: unknown, more: object = {}) => ({
  id: 7,
  completed_by: 3,
  result,
  was_cancelled: false,
  ground_truth: false,
  created_at: '2025-10-29T18:45:02.123456Z',
  updated_at: '2025-10-30T08:00:00.5Z',
  lead_time: 4.25,
  ...more,
});
const entry = (...annotations: unknown[]) => ({ id: 1, data, annotations, predictions: [], project: 2 });
const items = [
  { id: 'llm_1', title: 'One', body: 'A' },
  { id: 'llm_2', title: 'Two', body: 'B' },
  { id: 'llm_3', title: 'Three', body: 'C' },
];
const ranked = (ranker: object) => ({
  id: 1,
  data: { prompt: 'Who leads?', items },
  annotations: [annotation([{ from_name: 'rank', to_name: 'items', type: 'ranker', value: { ranker } }])],
});

describe('one annotation', () => {
  it.each<[string, object, Partial<Judgement>]>([
    ['left', entry(annotation([pairwise('left')])), { verdict: 'better', ranks: [1, 2] }],
    ['right', entry(annotation([pairwise('right')])), { verdict: 'better', ranks: [2, 1] }],
    ['sides the other way round', entry(annotation([pairwise('left', 'answer2,answer1')])), { ranks: [2, 1] }],
    ['sides as a list', entry(annotation([pairwise('left', ['answer2', 'answer1'])])), { ranks: [2, 1] }],
    ['sides of the interface alone', entry(annotation([pairwise('right', 'left_text,right_text')])), { ranks: [2, 1] }],
    ['numbered sides', entry(annotation([pairwise('left', 'txt-2,txt-1')])), { ranks: [2, 1] }],
    ['a tie', entry(annotation([control('verdict', { choices: ['Tie'] })])), { verdict: 'tie', ranks: [1, 1] }],
    ['both bad', entry(annotation([control('x', { choices: ['Both are bad', 'both bad'] })])), { verdict: 'bad' }],
    [
      'beside choices that do not compare',
      entry(annotation([control('hallucination', { choices: ['None', 'level 2'] }), pairwise('left')])),
      { verdict: 'better', ranks: [1, 2] },
    ],
    [
      'among choices that do not compare',
      entry(
        annotation([
          control('quality', { choices: ['level 2', 'None'] }),
          control('verdict', { choices: ['answer1'] }),
        ]),
      ),
      { verdict: 'better', ranks: [1, 2] },
    ],
    ['skipped', entry(annotation([], { was_cancelled: true })), { status: 'skipped', verdict: null, ranks: null }],
    [
      'with words',
      entry(
        annotation([pairwise('left'), control('why', { text: ['Said there.'] }), control('strength', { rating: 2 })]),
      ),
      { ranks: [1, 2], comment: 'Said there.', strength: 2 },
    ],
    [
      'by e-mail',
      entry(annotation([pairwise('left')], { completed_by: { id: 3, email: 'a@b.c' } })),
      { annotator: 'a@b.c' },
    ],
    ['by nobody', entry(annotation([pairwise('left')], { completed_by: null })), { annotator: 'anna' }],
    ['a ranking', ranked({ _: ['llm_2', 'llm_3', 'llm_1'] }), { responses: ['A', 'B', 'C'], ranks: [3, 1, 2] }],
    [
      'numbered buckets',
      ranked({ '1': ['llm_2'], '2': ['llm_1', 'llm_3'] }),
      { responses: ['A', 'B', 'C'], ranks: [2, 1, 2] },
    ],
  ])('%s', async (_, line, expected) => {
    const read = await readText(JSON.stringify([line]));
    expect([read.format, read.unit, read.problems]).toEqual(['labelStudio', 'entry', []]);
    expect(judgementsOf(read)).toHaveLength(1);
    expect(judgementsOf(read)[0]).toMatchObject({
      prompt: 'Who leads?',
      responses: ['Anna.', 'Bob.'],
      annotator: '3',
      timestamp: '2025-10-30T08:00:00',
      leadTime: 4.25,
      shown: null,
      ...expected,
    });
  });
});

test('the small JSON has its labels beside the data', async () => {
  const read = await readLines({
    ...data,
    id: 1,
    comparison: [{ selected: 'right' }],
    comment: 'Said there.',
    annotator: 4,
    annotation_id: 23670,
    created_at: '2024-03-29T05:39:54.721157Z',
    updated_at: '2024-03-29T05:52:32.001770Z',
    lead_time: 37.426,
  });
  expect(read.problems).toEqual([]);
  expect(judgementsOf(read)[0]).toMatchObject({
    ranks: [2, 1],
    comment: 'Said there.',
    annotator: '4',
    timestamp: '2024-03-29T05:52:32',
    leadTime: 37.426,
  });
});

it.each<[string, object]>([
  ['plain', data],
  ['under data', { data }],
  ['with predictions', { data, predictions: [{ model_version: 'm', result: [pairwise('left')] }] }],
])('tasks, %s, are tasks', async (_, line) => {
  const read = await readLines(line);
  expect([read.format, read.problems, judgementsOf(read)]).toEqual(['labelStudio', [], []]);
  expect(read.items[0]?.task).toMatchObject({ prompt: 'Who leads?', responses: [{ text: 'Anna.' }, { text: 'Bob.' }] });
});

test('the names of the comparison say which fields are compared', async () => {
  const line = {
    data: { question: 'Q', base: 'A', tuned: 'B' },
    annotations: [annotation([pairwise('right', 'tuned,base')])],
  };
  expect(judgementsOf(await readLines(line))[0]).toMatchObject({ responses: ['A', 'B'], ranks: [1, 2] });
});

test('every annotation counts, and one that says nothing does not spoil the others', async () => {
  const given = [
    annotation([pairwise('left')], { id: 1 }),
    annotation([], { id: 2 }),
    null,
    annotation([pairwise('right')], { id: 3 }),
  ];
  const read = await readLines(entry(...given));
  expect(judgementsOf(read).map(({ ranks }) => ranks)).toEqual([
    [1, 2],
    [2, 1],
  ]);
  expect(read.problems.map(({ problem }) => problem)).toEqual([
    'result: must say which answer is better, got "nothing". Annotate it again.',
    'annotations[2]: must be an object, got null. Write it between braces.',
  ]);
});

it.each<[string, object, string]>([
  ['no answers', { data: { prompt: 'Q' } }, 'answers: must be at least two, got 0.'],
  ['no prompt', { data: { answer1: 'A', answer2: 'B' } }, 'prompt: must be text, got nothing.'],
  ['annotations that are no list', { data, annotations: 'none' }, 'annotations: must be a list, got "none".'],
  [
    'an unknown side',
    entry(annotation([pairwise('middle')])),
    'result: must say which answer is better, got "other labels".',
  ],
  ['one side twice', entry(annotation([pairwise('left', 'answer1,answer1')])), 'to_name: must name both answers'],
  [
    'buckets without a number',
    ranked({ best: ['llm_1'], worst: ['llm_2', 'llm_3'] }),
    'ranker: must be one list or numbered',
  ],
  ['half a ranking', ranked({ _: ['llm_1', 'llm_2'] }), 'ranker: must rank every answer, got "none for answer llm_3".'],
  ['a bad time', entry(annotation([pairwise('left')], { updated_at: 'now' })), 'updated_at: must be a time'],
])('%s is told, and lines around it are read', async (_, line, sentence) => {
  expect(await problemOf(line)).toContain(sentence);
});

/** What Label Studio has words for. */
const kept = ({
  prompt,
  responses,
  annotator,
  status,
  verdict,
  ranks,
  comment,
  strength,
  leadTime,
  timestamp,
}: Judgement) => ({
  prompt,
  responses,
  annotator,
  status,
  verdict,
  ranks: ranks && (verdict === 'better' ? ranks.map((rank) => (rank === Math.min(...ranks) ? 1 : 2)) : ranks),
  comment: comment.trim() === '' ? '' : comment,
  strength,
  leadTime: leadTime === null ? null : leadTime + 0,
  timestamp,
});

test('what is written for Label Studio comes back: every pair, every person, every word of theirs', async () => {
  const pairs = anyJudgement({ most: 2 })
    .filter(({ annotator }) => annotator.trim() !== '')
    .map((given) => ({ ...given, question: 'Q', prompt: `Q\n\nContext:\n${given.prompt}` }));
  await fc.assert(
    fc.asyncProperty(fc.array(pairs, { maxLength: 4 }), async (given) => {
      const read = await readText(writeLabelStudio([...given, ...given]), 'label_studio.json');
      expect(read.problems).toEqual([]);
      const sorted = (all: readonly Judgement[]): string[] => all.map((one) => JSON.stringify(kept(one))).sort();
      expect(sorted(judgementsOf(read))).toEqual(sorted([...given, ...given]));
      expect(new Set(judgementsOf(read).map(({ id }) => id)).size).toBe(given.length * 2);
    }),
    { numRuns: 100 },
  );
});
