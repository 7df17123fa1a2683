// Send back: the file holds what the person who judges here has decided, and the page counts the same.
import { beforeEach, expect, test } from 'vitest';
import { NO_HEAD, type TaskFile } from '../../src/records/comparison.ts';
import { comparisons } from '../../src/state/comparisons.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { judging } from '../../src/state/judging.svelte.ts';
import { parcelsOf, sendBack } from '../../src/state/sendBack.svelte.ts';
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
  const [all, ...others] = sendBack.parcels;
  expect([all?.taskFileId, all?.judged, all?.skipped, others]).toEqual([null, 1, 1, []]);
  const file = await sendBack.file(all ?? { taskFileId: null, name: '' });
  expect(file.name).toBe('feedback-Zoé-2.jsonl');
  const lines = (await file.text()).trim().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ question, annotator, status, ranks }) => [question, annotator, status, ranks])).toEqual([
    ['A?', 'Zoé / 2', 'judged', [2, 1]],
    ['B?', 'Zoé / 2', 'skipped', null],
  ]);
});

const file = (name: string, title: string, returnTo: string): TaskFile => ({
  ...{ id: name, projectId: 'p', name, sha256: name, tasks: 1, createdAt: '', version: 1 },
  head: { ...NO_HEAD, title, returnTo },
});

test('a publisher gets what was said of its own tasks, and nothing of another’s or of one’s own hand', async () => {
  const of = (taskFileId: string) => ({ kind: 'file' as const, taskFileId, line: 1 });
  await comparisons.add([
    { task: task('Of a?'), source: of('a.jsonl') },
    { task: task('Of b?'), source: of('b.jsonl') },
  ]);
  await judging.setAnnotator('Ann');
  for (const { id } of comparisons.list) {
    judging.open(id);
    await judging.judge('tie');
  }
  const blob = await sendBack.file({ taskFileId: 'a.jsonl', name: 'f.jsonl' });
  const lines = (await blob.text()).trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { question: string }).question)).toEqual(['Of a?']);
});

test('each file with comparisons left has its address, a link only where a click is safe; everything has none', () => {
  const one = { judged: 1, skipped: 0 };
  const files = [
    file('a.jsonl', 'Which?', ' mailto:a@example.org '),
    file('c.jsonl', '', 'javascript:alert(1)'),
    file('gone.jsonl', 'Gone', 'mailto:g@example.org'),
  ];
  const counts = new Map([
    ['a.jsonl', one],
    [null, one],
  ]);
  const shown = parcelsOf(files, new Set(['a.jsonl', 'c.jsonl']), counts, 'Ann');
  expect(shown.map(({ title, address, link, name, judged }) => [title, address, link, name, judged])).toEqual([
    ['Which?', 'mailto:a@example.org', true, 'feedback-a-Ann.jsonl', 1],
    ['c.jsonl', 'javascript:alert(1)', false, 'feedback-c-Ann.jsonl', 0],
    ['', '', false, 'feedback-Ann.jsonl', 2],
  ]);
  expect(parcelsOf(files, new Set(['a.jsonl']), new Map([['a.jsonl', one]]), '')).toHaveLength(1);
});
