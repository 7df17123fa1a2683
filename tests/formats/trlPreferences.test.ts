// TRL's preferences: with a prompt and without, as text and as talk, and our own dataset_rlhf.jsonl with what it adds.
import { expect, it, test } from 'vitest';
import { judgementsOf, problemOf, readLines, readText } from './itemLines.ts';

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

it.each<[string, object, [string, string, string]]>([
  ['text', { prompt: 'The sky is', chosen: ' blue.', rejected: ' green.' }, ['The sky is', 'blue.', 'green.']],
  [
    'text without a prompt',
    { chosen: 'The sky is blue.', rejected: 'The sky is green.' },
    ['The sky is', 'blue.', 'green.'],
  ],
  ['whole words', { chosen: 'The sky is blue.', rejected: 'The sky is black.' }, ['The sky is', 'blue.', 'black.']],
  [
    'one of which goes on',
    { chosen: 'It is blue and so on', rejected: 'It is blue' },
    ['It is', 'blue and so on', 'blue'],
  ],
  ['one of which is longer', { chosen: 'The sky is', rejected: 'The sky isn’t' }, ['The sky', 'is', 'isn’t']],
  ['talk', { prompt: [user('Q')], chosen: [assistant('A')], rejected: [assistant('B')] }, ['Q', 'A', 'B']],
  [
    'talk without a prompt',
    { chosen: [user('Q'), assistant('A')], rejected: [user('Q'), assistant('B')] },
    ['Q', 'A', 'B'],
  ],
  [
    'talk of several turns',
    { prompt: [user('Q'), assistant('A'), user('R')], chosen: [assistant('C')], rejected: [assistant('D')] },
    ['User: Q\n\nAssistant: A\n\nUser: R', 'C', 'D'],
  ],
  [
    'talk in parts',
    { prompt: [{ role: 'user', content: [{ type: 'text', text: 'Q' }] }], chosen: 'A', rejected: 'B' },
    ['Q', 'A', 'B'],
  ],
])('%s', async (_, row, [prompt, chosen, rejected]) => {
  const read = await readLines(row);
  expect([read.format, read.problems]).toEqual(['trl', []]);
  const [judgement] = judgementsOf(read);
  expect(judgement?.prompt).toBe(prompt);
  expect(judgement).toMatchObject({
    responses: [chosen, rejected],
    verdict: 'better',
    ranks: [1, 2],
    status: 'judged',
  });
  expect(judgement).toMatchObject({ annotator: 'anna', shown: null, timestamp: '1970-01-01T00:00:00', comment: '' });
});

test('our own rows say who judged when and why, and which were ties', async () => {
  const row = {
    prompt: 'Who?\n\nContext:\n[1] Anna leads.',
    chosen: ' Anna.',
    rejected: ' Bob.',
    annotator_comment: 'Said there.',
    timestamp: '2025-10-29T18:45:02',
    annotators: ['Mia'],
    feedback_ids: ['c/0/Mia'],
    tags: ['faithful'],
    tie: true,
    margin: 2,
  };
  const [judgement] = judgementsOf(await readLines(row));
  expect(judgement).toMatchObject({
    question: 'Who?',
    passages: ['Anna leads.'],
    responses: ['Anna.', 'Bob.'],
    verdict: 'tie',
    ranks: [1, 1],
    annotator: 'Mia',
    comment: 'Said there.',
    timestamp: '2025-10-29T18:45:02',
    tags: ['faithful'],
    strength: 2,
  });
});

test('a margin of others is no strength, and several annotators are none in particular', async () => {
  const row = { prompt: 'Q', chosen: 'A', rejected: 'B', margin: 2, annotators: ['Mia', 'Leo'] };
  expect(judgementsOf(await readLines(row))[0]).toMatchObject({ strength: null, annotator: 'anna' });
});

test('the same row is the same judgement, twice in a file or in another with the same name; a different one is not', async () => {
  const row = { prompt: 'Q', chosen: ' A', rejected: ' B', source: 1 };
  const ids = judgementsOf(await readLines(row, { ...row, chosen: 'A', source: 2 }, { ...row, rejected: 'C' })).map(
    ({ id }) => id,
  );
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
  expect(judgementsOf(await readText(JSON.stringify(row), 'other.jsonl'))[0]?.id).not.toBe(ids[0]);
});

it.each<[string, object, string]>([
  [
    'no beginning in common',
    { chosen: 'Yes', rejected: 'No' },
    'chosen, rejected: must begin alike where there is no prompt',
  ],
  ['answers alike', { prompt: 'Q', chosen: ' A', rejected: 'A' }, 'responses: must differ from one another'],
  ['an empty prompt', { prompt: '', chosen: 'A', rejected: 'B' }, 'prompt: must not be empty'],
  ['an empty answer', { prompt: 'Q', chosen: '', rejected: 'B' }, 'chosen: must not be empty'],
  ['a number', { prompt: 'Q', chosen: 1, rejected: 'B' }, 'chosen: must be text, got 1.'],
  [
    'talk with a hole',
    { prompt: 'Q', chosen: [assistant('A'), null], rejected: 'B' },
    'chosen[1]: must be a turn, got null.',
  ],
  ['a bad time', { prompt: 'Q', chosen: 'A', rejected: 'B', timestamp: 7 }, 'timestamp: must be a time'],
])('%s is told, and lines around it are read', async (_, line, sentence) => {
  expect(await problemOf(line)).toContain(sentence);
});
