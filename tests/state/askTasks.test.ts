// From Ask to the queue: what is compared is exactly what was answered, and the same answers are never two comparisons.
import { expect, test } from 'vitest';
import { validateTask } from '../../src/records/comparison.ts';
import type { Generation } from '../../src/records/generation.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { asksToJudge, taskOfAsk } from '../../src/state/askTasks.ts';

const passage = { documentId: 'd', documentName: 'Report', start: 3, end: 8, text: 'Anna.' };
const answer = (id: string, text: string, change: Partial<Generation> = {}): Generation => ({
  ...{ id, projectId: 'p', askId: 'ask', question: 'Who?', passages: [passage], promptIds: [1], cutTokens: 0 },
  ...{ prompt: 'Who?\n\nContext:\n[1] Anna.', completionIds: [2], logprobs: [-1], text, finish: 'eos' as const },
  ...{ sampling: { ...defaultSampling(), seed: 7 }, modelId: 'm', modelSha256: 's', adapterId: null, device: '' },
  ...{ evidence: null, tokensPerSecond: 1, firstTokenMs: 1, createdAt: '2030-01-01T00:00:00Z', version: 1, ...change },
});
const named = (adapterId: string | null): string => adapterId ?? 'base';

test('prompt, passages with their places, and origins are those of the answers', () => {
  const made = taskOfAsk([answer('1', 'Anna.'), answer('2', 'Bob.', { adapterId: 'a' })], named);
  expect(validateTask(made?.task)).toEqual(made?.task);
  expect(made?.source).toEqual({ kind: 'ask', askId: 'ask' });
  expect(made?.task).toEqual({
    question: 'Who?',
    passages: [{ text: 'Anna.', name: 'Report', place: { documentId: 'd', start: 3, end: 8 } }],
    prompt: 'Who?\n\nContext:\n[1] Anna.',
    responses: [
      { text: 'Anna.', origin: { name: 'base', generationId: '1', adapterId: null, seed: 7 }, score: null },
      { text: 'Bob.', origin: { name: 'a', generationId: '2', adapterId: 'a', seed: 7 }, score: null },
    ],
  });
});

test('answers that are alike, empty, broken off by an error or to another prompt are nothing to compare', () => {
  const first = answer('1', 'Anna.');
  for (const second of [
    answer('2', ' Anna.\n'),
    answer('2', '  '),
    answer('2', 'Bob.', { finish: 'error' }),
    answer('2', 'Bob.', { prompt: 'Who else?' }),
  ])
    expect(taskOfAsk([first, second], named)).toBeNull();
});

test('an asking is offered until its answers are in the queue, and again with a further answer', () => {
  const two = [answer('1', 'Anna.'), answer('2', 'Bob.')];
  const other = [answer('4', 'Yes.', { askId: 'other' }), answer('5', 'No.', { askId: 'other' })];
  const offered = asksToJudge([...two, ...other], [], named);
  expect(offered.map(({ task }) => task.responses.length)).toEqual([2, 2]);
  expect(asksToJudge([...two.toReversed(), ...other], offered, named)).toEqual([]);
  const third = asksToJudge([...two, answer('3', 'Carl.'), ...other], offered, named);
  expect(third.map(({ task }) => task.responses.length)).toEqual([3]);
});
