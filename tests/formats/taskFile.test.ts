// Files of tasks: the head, the answers and where they come from, questions with and without passages, and what is no task.
import { expect, it, test } from 'vitest';
import { validateTask, type Task } from '../../src/records/comparison.ts';
import { problemOf, readLines, readText } from './itemLines.ts';

const responses = ['Anna.', 'Bob.'];
const taskOf = async (line: object): Promise<Task | undefined> => (await readLines(line)).items[0]?.task;

test('the first line may say what is asked, and where the feedback should go', async () => {
  const head = { atelier_tasks: 1, title: 'T', return_to: 'mailto:a@example.org', guidelines: 'G', tags: ['x'] };
  const read = await readLines(head, { prompt: 'Q', responses });
  expect([read.format, read.problems, read.items.length]).toEqual(['tasks', [], 1]);
  expect(read.items[0]?.line).toBe(2);
  expect(read.head).toEqual({ title: 'T', returnTo: 'mailto:a@example.org', guidelines: 'G', tags: ['x'] });
  expect((await readLines({ atelier_tasks: 1 })).head).toEqual({ title: '', returnTo: '', guidelines: '', tags: [] });
});

test('of files that were joined, the first head speaks', async () => {
  const read = await readLines(
    { atelier_tasks: 1, title: 'A' },
    { prompt: 'Q', responses },
    { atelier_tasks: 1, title: 'B' },
  );
  expect([read.head.title, read.items.length, read.problems]).toEqual(['A', 1, []]);
});

test('answers are texts, or say which model wrote them and how they were scored', async () => {
  const task = await taskOf({
    prompt: 'Q',
    responses: ['Anna.', { text: 'Bob.', model: 'base', score: -1.5 }, { text: 'C' }],
  });
  expect(task?.responses).toEqual([
    { text: 'Anna.', origin: { name: null, generationId: null, adapterId: null, seed: null }, score: null },
    { text: 'Bob.', origin: { name: 'base', generationId: null, adapterId: null, seed: null }, score: -1.5 },
    { text: 'C', origin: { name: null, generationId: null, adapterId: null, seed: null }, score: null },
  ]);
});

it.each<[string, object, string, string[], string]>([
  ['nothing', { prompt: 'Q' }, 'Q', [], 'Q'],
  ['a question', { question: 'Q' }, 'Q', [], 'Q'],
  ['an empty context', { prompt: 'Q', context: ' ' }, 'Q', [], 'Q'],
  ['a list', { prompt: 'Q', context: ['A\nb.', 'C.'] }, 'Q', ['A\nb.', 'C.'], 'Q\n\nContext:\n[1] A b.\n[2] C.'],
  ['named passages', { prompt: 'Q', context: [{ text: 'A.', title: 'D' }] }, 'Q', ['A.'], 'Q\n\nContext:\n[1] A.'],
  ['a text, as it is', { prompt: 'Q', context: 'A  b.' }, 'Q', ['A  b.'], 'Q\n\nContext:\nA  b.'],
  [
    'a prompt with its passages',
    { prompt: 'Q\n\nContext:\n[1] A.\n[2] B.' },
    'Q',
    ['A.', 'B.'],
    'Q\n\nContext:\n[1] A.\n[2] B.',
  ],
  [
    'both: the prompt stays what the model read',
    { prompt: 'Q\n\nContext:\n[1] A.', context: ['A. And more.'] },
    'Q',
    ['A. And more.'],
    'Q\n\nContext:\n[1] A.',
  ],
])('a question and its passages from %s', async (_, given, question, passages, prompt) => {
  const task = await taskOf({ ...given, responses });
  expect([task?.question, task?.passages.map(({ text }) => text), task?.prompt]).toEqual([question, passages, prompt]);
  expect(validateTask(task)).toEqual(task);
});

test('a file may be one list', async () => {
  const read = await readText(
    JSON.stringify(
      [
        { prompt: 'Q', responses },
        { prompt: 'R', responses },
      ],
      null,
      2,
    ),
  );
  expect([read.unit, read.format, read.items.map(({ line }) => line), read.problems]).toEqual([
    'entry',
    'tasks',
    [1, 2],
    [],
  ]);
});

it.each<[string, unknown, string]>([
  ['a head of a later version', { atelier_tasks: 2 }, 'atelier_tasks: must be 1, got 2.'],
  ['no answers', { prompt: 'Q', responses: null }, 'responses: must be a list, got null.'],
  ['one answer', { prompt: 'Q', responses: ['A'] }, 'responses: must be at least two, got 1.'],
  ['answers alike', { prompt: 'Q', responses: ['A', { text: 'A ' }] }, 'responses: must differ from one another'],
  ['an answer of no text', { prompt: 'Q', responses: ['A', null] }, 'responses[1]: must be text, got null.'],
  [
    'a score in words',
    { prompt: 'Q', responses: ['A', { text: 'B', score: 'high' }] },
    'responses[1].score: must be a number',
  ],
  ['no prompt', { responses }, 'prompt: must be text, got nothing.'],
  ['only passages', { prompt: '\n\nContext:\nA.', responses }, 'question: must not be empty'],
  ['a passage of no text', { prompt: 'Q', context: [1], responses }, 'context[0]: must be text, got 1.'],
  [
    'too many answers',
    { prompt: 'Q', responses: Array.from({ length: 101 }, (_, i) => `${i}`) },
    'must be at most 100, got 101.',
  ],
])('%s is told, and lines around it are read', async (_, line, sentence) => {
  expect(await problemOf(line)).toContain(sentence);
});
