// Files of tasks through the data worker: looked into, taken in whole or not at all, each comparison once.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import { readItems } from '../../src/formats/judgements.ts';
import { OPEN, type Feedback } from '../../src/records/feedback.ts';
import { comparisonsKey, type ComparisonsMark } from '../../src/storage/comparisons.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import { piecesOf } from '../../src/storage/files.ts';

let data: Connection<DataApi>;
let db: Database;

beforeEach(async () => {
  await deleteDatabase();
  db = await openDatabase();
  for (const id of ['p', 'q'])
    await write(db, ['projects'], (tx) =>
      tx.objectStore('projects').put({ id, name: id, demo: false, createdAt: '2026-01-01', version: 1 }),
    );
  data = connectData();
});
afterEach(() => {
  data.terminate();
  db.close();
});

const HEAD = { atelier_tasks: 1, title: 'Which?', return_to: 'mailto:a@example.org', guidelines: '', tags: [] };
const line = (prompt: string, ...responses: string[]): string => JSON.stringify({ prompt, responses });
const file = (...lines: string[]): File => new File([lines.join('\n')], 'tasks.jsonl');
const target = { projectId: 'p', createdAt: '2026-01-02' };
const questions = async (): Promise<string[]> => {
  const rows = await db.getAllFromIndex('comparisons', 'byProject', 'p');
  return rows.sort((a, b) => a.position - b.position).map(({ question }) => question);
};

test('good lines come in their order, bad ones are told by their numbers and cost nothing else', async () => {
  const made = file(JSON.stringify(HEAD), line('A?', 'x', 'y'), '{broken', line('B?', 'x'), line('C?', 'x', 'y', 'z'));
  const preview = await data.api.previewTasks(made, 'p');
  expect(preview).toMatchObject({ format: 'tasks', count: 2, there: 0, known: null, head: { title: 'Which?' } });
  expect(preview.tasks.map(({ question }) => question)).toEqual(['A?', 'C?']);
  expect(preview.problems.map((problem) => problem.line)).toEqual([3, 4]);
  expect(await questions()).toEqual([]); // a look keeps nothing

  const came = await data.api.importTasks(made, target);
  expect([came.ids.length, came.known, came.refused]).toEqual([2, 0, 2]);
  expect(await questions()).toEqual(['A?', 'C?']);
  expect((await db.getAll('taskFiles')).map(({ head, name }) => [name, head.returnTo])).toEqual([
    ['tasks.jsonl', 'mailto:a@example.org'],
  ]);
});

test('the same file again, the same tasks in another file, and the same answers in another order add nothing', async () => {
  const made = file(line('A?', 'x', 'y'), line('B?', 'x', 'y'));
  await data.api.importTasks(made, target);
  expect((await data.api.previewTasks(made, 'p')).known?.name).toBe('tasks.jsonl');
  expect((await data.api.previewTasks(made, 'q')).elsewhere?.projectId).toBe('p');
  const again = await data.api.importTasks(made, target);
  const other = await data.api.importTasks(
    new File([[line('A?', 'y', ' x'), line('C?', 'x', 'y'), line('C?', 'y', 'x')].join('\n')], 'other.jsonl'),
    target,
  );
  expect([again.ids.length, again.known]).toEqual([0, 2]);
  expect([other.ids.length, other.known]).toEqual([1, 2]);
  expect(await questions()).toEqual(['A?', 'B?', 'C?']);
  expect(await db.count('taskFiles')).toBe(2);
});

test('two tabs that take the same file in at once have it once', async () => {
  const made = file(...Array.from({ length: 50 }, (_, i) => line(`${i}?`, 'x', 'y')));
  const other = connectData();
  await Promise.all([data.api.importTasks(made, target), other.api.importTasks(made, target)]);
  other.terminate();
  expect([await db.count('comparisons'), await db.count('taskFiles')]).toEqual([50, 1]);
});

test('an import that is killed has left all of it or nothing, and can be done again', async () => {
  const count = 2000;
  const made = file(...Array.from({ length: count }, (_, i) => line(`${i}?`, 'x', 'y')));
  const seen = new Set<number>();
  for (const after of [0, 30, 60, 120, 240, 480, 960]) {
    const killed = connectData();
    const under = killed.api.importTasks(made, target).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, after));
    killed.terminate();
    await under;
    const [rows, files, mark] = await Promise.all([
      db.count('comparisons'),
      db.count('taskFiles'),
      db.get('settings', comparisonsKey('p')) as Promise<ComparisonsMark | undefined>,
    ]);
    expect([rows, files, mark?.next ?? 0]).toEqual(rows === 0 ? [0, 0, 0] : [count, 1, count]);
    seen.add(rows);
  }
  expect(seen.has(0)).toBe(true); // it was killed in time at least once
  await data.api.importTasks(made, target);
  expect(await db.count('comparisons')).toBe(count);
});

test('what goes back is the feedback of one person, decided, in the order of the queue, and reads as it was', async () => {
  await data.api.importTasks(file(line('A?', 'x', 'y'), line('B?', 'x', 'y'), line('C?', '<b>x</b>', 'y')), target);
  const rows = (await db.getAll('comparisons')).sort((a, b) => b.position - a.position);
  const judged = (comparisonId: string, annotator: string, change: Partial<Feedback>): Feedback => ({
    ...OPEN,
    ...{ id: `${comparisonId}/0/${annotator}`, projectId: 'p', comparisonId, round: 0, annotator, shown: [1, 0] },
    ...{ leadTime: 2, createdAt: '2026-01-03T10:00:00.000Z', decidedAt: '2026-01-03T10:00:09.500Z', history: [] },
    ...{ version: 1, ...change },
  });
  const better = { status: 'judged' as const, verdict: 'better' as const, ranks: [2, 1], comment: 'Clear.\nShort.' };
  await write(db, ['feedback'], async (tx) => {
    const store = tx.objectStore('feedback');
    const [c, b, a] = rows.map(({ id }) => id);
    await store.put(judged(c ?? '', 'Zoé', better));
    await store.put(judged(b ?? '', 'Zoé', { comment: 'half typed' }));
    await store.put(judged(a ?? '', 'Zoé', { status: 'skipped' }));
    await store.put(judged(a ?? '', 'Ann', better));
  });
  const read = async (annotator: string | null) =>
    readItems(piecesOf(await data.api.exportFeedback('p', annotator, null)), { name: 'feedback.jsonl' });
  const own = await read('Zoé');
  expect([own.format, own.problems]).toEqual(['atelier', []]);
  expect(own.items.map(({ task, judgements }) => [task.question, judgements[0]?.status])).toEqual([
    ['A?', 'skipped'],
    ['C?', 'judged'],
  ]);
  expect(own.items[1]?.judgements[0]).toMatchObject({
    ...{ annotator: 'Zoé', ranks: [2, 1], comment: 'Clear.\nShort.', responses: ['<b>x</b>', 'y'], shown: [1, 0] },
    ...{ timestamp: '2026-01-03T10:00:09', leadTime: 2 },
  });
  expect((await read(null)).items).toHaveLength(3);
});
