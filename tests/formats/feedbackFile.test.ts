// feedback.jsonl: what is written is read back exactly, what is missing is filled in, what is wrong is told in words.
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { writeFeedback } from '../../src/formats/feedbackFile.ts';
import { validateTask } from '../../src/records/comparison.ts';
import { anyJudgement, judgementsOf, problemOf, readLines, readText } from './itemLines.ts';

const LINE = {
  id: 'c1/0/Anna',
  prompt: 'Who leads?\n\nContext:\n[1] Anna leads.',
  question: 'Who leads?',
  passages: ['Anna leads.'],
  responses: ['Anna.', 'Bob.'],
  origins: [
    { name: 'base', generation_id: 'g1', adapter_id: null, seed: 1 },
    { name: null, generation_id: null, adapter_id: 'a2', seed: null },
  ],
  status: 'judged',
  verdict: 'better',
  ranks: [1, 2],
  strength: 2,
  annotator_comment: 'It is said there.',
  tags: ['faithful'],
  edit: { response: 0, text: 'Anna does.' },
  flagged: true,
  annotator: 'Anna',
  round: 1,
  shown: [1, 0],
  lead_time: 12.5,
  timestamp: '2025-10-29T18:45:02',
  added_by_a_later_version: { any: 'thing' },
};

test('a line is the judgement that it describes', async () => {
  const { format, unit, problems, items } = await readLines(LINE);
  expect([format, unit, problems]).toEqual(['atelier', 'line', []]);
  expect(items).toEqual([
    {
      line: 1,
      task: {
        question: 'Who leads?',
        passages: [{ text: 'Anna leads.', name: '', place: null }],
        prompt: LINE.prompt,
        responses: [
          { text: 'Anna.', origin: { name: 'base', generationId: 'g1', adapterId: null, seed: 1 }, score: null },
          { text: 'Bob.', origin: { name: null, generationId: null, adapterId: 'a2', seed: null }, score: null },
        ],
      },
      judgements: [
        {
          id: 'c1/0/Anna',
          question: 'Who leads?',
          passages: ['Anna leads.'],
          prompt: LINE.prompt,
          responses: ['Anna.', 'Bob.'],
          origins: [
            { name: 'base', generationId: 'g1', adapterId: null, seed: 1 },
            { name: null, generationId: null, adapterId: 'a2', seed: null },
          ],
          status: 'judged',
          verdict: 'better',
          ranks: [1, 2],
          strength: 2,
          comment: 'It is said there.',
          tags: ['faithful'],
          edit: { response: 0, text: 'Anna does.' },
          flagged: true,
          annotator: 'Anna',
          round: 1,
          shown: [1, 0],
          leadTime: 12.5,
          timestamp: '2025-10-29T18:45:02',
        },
      ],
    },
  ]);
});

test('whatever is written comes back the same, character for character, and can be judged again', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyJudgement(), { maxLength: 4 }),
      fc.integer({ min: 1, max: 200 }),
      async (given, size) => {
        const read = await readText([...writeFeedback(given)].join(''), 'x.jsonl', size);
        expect(read.problems).toEqual([]);
        const whole = JSON.stringify(given).replaceAll('\\ud800', '\ufffd'); // half a pair is no text to Python's readers
        expect(judgementsOf(read)).toEqual(JSON.parse(whole));
        for (const { task } of read.items) expect(validateTask(task)).toEqual(task);
      },
    ),
    { numRuns: 150 },
  );
});

test('a line written by hand needs a prompt, answers and a verdict; the file names who judged', async () => {
  const hand = { prompt: 'Q\n\nContext:\n[1] A.\n[2] B.', responses: ['Yes', 'No'], verdict: 'tie' };
  const first = await readText(JSON.stringify(hand), 'from/anna.lee.jsonl');
  const [judgement] = judgementsOf(first);
  expect(judgement).toMatchObject({
    question: 'Q',
    passages: ['A.', 'B.'],
    status: 'judged',
    ranks: [1, 1],
    annotator: 'anna.lee',
    round: 0,
    shown: null,
    leadTime: null,
    timestamp: '1970-01-01T00:00:00',
  });
  expect(judgement?.id).toMatch(/^[0-9a-f]{16}$/);
  expect(judgementsOf(await readText(`\n${JSON.stringify(hand)}`, 'anna.lee.jsonl'))[0]?.id).toBe(judgement?.id);
  expect(judgementsOf(await readText(JSON.stringify(hand), 'bob.jsonl'))[0]?.id).not.toBe(judgement?.id);
});

it.each([
  ['2025-10-29T18:45:02', '2025-10-29T18:45:02'],
  ['2025-10-29T18:45:02Z', '2025-10-29T18:45:02'],
  ['2025-10-29 18:45', '2025-10-29T18:45:00'],
  ['2025-10-29', '2025-10-29T00:00:00'],
  ['2025-10-29T18:45:02.999999+02:00', '2025-10-29T16:45:02'],
  ['2025-10-29T18:45:02-0530', '2025-10-30T00:15:02'],
  ['2025-10-29T18:45:02+02', '2025-10-29T16:45:02'],
])('the time %s is %s in UTC', async (given, utc) => {
  const read = await readLines({ ...LINE, timestamp: given });
  expect(judgementsOf(read)[0]?.timestamp).toBe(utc);
});

it.each<[string, object, string]>([
  ['an empty prompt', { prompt: ' ' }, 'prompt: must not be empty, got " ".'],
  ['a prompt that is no text', { prompt: { toString: 1 } }, 'prompt: must be text, got an object.'],
  ['one response', { responses: ['Anna.'] }, 'responses: must be at least two, got 1.'],
  ['responses alike', { responses: ['Anna.', ' Anna. '] }, 'responses: must differ from one another, got "two alike".'],
  ['an empty response', { responses: ['Anna.', ''] }, 'responses[1]: must not be empty, got "".'],
  ['a response that is no text', { responses: ['Anna.', 3] }, 'responses[1]: must be text, got 3.'],
  ['an open state', { status: 'open' }, 'status: must be judged or skipped, got "open".'],
  ['an unknown verdict', { verdict: 'left' }, 'verdict: must be better, tie, bad, got "left".'],
  ['too few ranks', { ranks: [1] }, 'ranks: must be one for each of the 2 answers, got 1.'],
  ['equal ranks of a better', { ranks: [1, 1] }, 'ranks: must differ, got "1, 1".'],
  ['different ranks of a tie', { verdict: 'tie' }, 'ranks: must be equal, got "1, 2".'],
  ['a rank below 1', { ranks: [0, 1] }, 'ranks: must be whole numbers from 1, got 0.'],
  ['a broken rank', { ranks: [1.5, 1] }, 'ranks[0]: must be a whole number, got 1.5.'],
  ['a rank that is no number', { ranks: [{}, 1] }, 'ranks[0]: must be a number, got an object.'],
  ['no ranks', { ranks: null }, 'ranks: must be a list, got null.'],
  ['a strength of 4', { strength: 4 }, 'strength: must be 1, 2 or 3, got 4.'],
  ['tags that are no texts', { tags: ['a', 1] }, 'tags[1]: must be text, got 1.'],
  ['an edit of a third response', { edit: { response: 2, text: '' } }, 'edit.response: must be below 2, got 2.'],
  ['an order with a response twice', { shown: [0, 0] }, 'shown: must be the numbers 0 to 1 in some order, got "0, 0".'],
  ['a lead time below zero', { lead_time: -1 }, 'lead_time: must lie between 0 and Infinity, got -1.'],
  [
    'a day that is none',
    { timestamp: '2025-02-30T00:00:00' },
    'timestamp: must be a time as in "2025-10-29T18:45:02",',
  ],
  [
    'a time that is none',
    { timestamp: 'yesterday' },
    'timestamp: must be a time as in "2025-10-29T18:45:02", got "yester',
  ],
  ['origins for one response', { origins: [{}] }, 'origins: must be one for each of the 2 responses, got 1.'],
])('%s is told, and lines around it are read', async (_, wrong, sentence) => {
  expect(await problemOf({ ...LINE, ...wrong })).toContain(sentence);
});
