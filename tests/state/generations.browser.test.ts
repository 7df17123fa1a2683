// What describes an answer comes after it: it changes the answers that are there and brings back none that is gone.
import { beforeEach, expect, test } from 'vitest';
import { defaultSampling } from '../../src/records/sampling.ts';
import type { Generation } from '../../src/records/generation.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { generations } from '../../src/state/generations.svelte.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

const answer = (id: string): Generation => ({
  ...{ id, projectId: 'p', askId: `ask-${id}`, question: 'Who?', passages: [], prompt: '', promptIds: [1] },
  ...{ cutTokens: 0, completionIds: [2], logprobs: [-1], text: 'Ann', finish: 'eos', sampling: defaultSampling() },
  ...{ modelId: 'm', modelSha256: 's', adapterId: null, device: '', evidence: null, tokensPerSecond: 1 },
  ...{ firstTokenMs: 1, createdAt: `2030-01-01T00:00:0${id}Z`, version: 1 },
});

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await generations.load('p');
});

test('a description changes the answers that are there, and brings back none that was removed', async () => {
  await generations.put(answer('1'), answer('2'));
  await generations.removeAsk('ask-1');
  await generations.replace({ ...answer('1'), device: 'late' }, { ...answer('2'), device: 'known' });
  const shown = generations.list.map(({ id, device }) => [id, device]);
  await generations.load('p');
  expect([shown, generations.list.map(({ id, device }) => [id, device])]).toEqual([[['2', 'known']], [['2', 'known']]]);
});
