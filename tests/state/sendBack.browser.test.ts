// Send back: the file holds what the person who judges here has decided, and the page counts the same.
import { beforeEach, expect, test } from 'vitest';
import { NO_HEAD, type TaskFile } from '../../src/records/comparison.ts';
import { comparisons } from '../../src/state/comparisons.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { judging } from '../../src/state/judging.svelte.ts';
import { returnAddresses, sendBack } from '../../src/state/sendBack.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

const origin = { name: 'm', generationId: null, adapterId: null, seed: 1 };
const task = (question: string) => ({
  ...{ question, passages: [], prompt: question },
  responses: ['x', 'y'].map((text) => ({ text, origin, score: null })),
});

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await startWorkspace();
  await createProject('p');
  await comparisons.add(['A?', 'B?', 'C?'].map((question) => ({ task: task(question), source: { kind: 'written' } })));
});

test('one person’s decisions, counted and in the file; another’s and what is half typed are not', async () => {
  const [a, b, c] = comparisons.list.map(({ id }) => id);
  await judging.setAnnotator('Ann');
  judging.open(a ?? '');
  await judging.judge('tie');
  await judging.setAnnotator('Zoé / 2');
  judging.open(a ?? '');
  await judging.judge('better', [2, 1]);
  judging.open(b ?? '');
  await judging.skip();
  judging.open(c ?? '');
  await judging.setComment('half');
  await sendBack.count();
  expect(sendBack.contents).toEqual({ judged: 1, skipped: 1 });
  const file = await sendBack.file();
  expect(file.name).toBe('feedback-Zoé-2.jsonl');
  const lines = (await file.text()).trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ question, annotator, status, ranks }) => [question, annotator, status, ranks])).toEqual([
    ['A?', 'Zoé / 2', 'judged', [2, 1]],
    ['B?', 'Zoé / 2', 'skipped', null],
  ]);
});

test('each return address is shown once, and is a link only where a click is safe', () => {
  const file = (name: string, title: string, returnTo: string): TaskFile => ({
    ...{ id: name, projectId: 'p', name, sha256: name, tasks: 1, createdAt: '', version: 1 },
    head: { ...NO_HEAD, title, returnTo },
  });
  const shown = returnAddresses([
    file('a.jsonl', 'Which?', 'mailto:a@example.org'),
    file('b.jsonl', '', ' mailto:a@example.org '),
    file('c.jsonl', '', 'javascript:alert(1)'),
    file('d.jsonl', 'None', ''),
  ]);
  expect(shown).toEqual([
    { title: 'Which?', address: 'mailto:a@example.org', link: true },
    { title: 'c.jsonl', address: 'javascript:alert(1)', link: false },
  ]);
});
