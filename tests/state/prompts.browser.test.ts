// Prompts: brought from files and from what the project has, each once, removed with a way back, kept over a reload.
import { beforeEach, expect, test } from 'vitest';
import { keptForLooking } from '../../src/records/prompt.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { demonstrations } from '../../src/state/demonstrations.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { answerOf, fixedPrompts, prompts } from '../../src/state/prompts.svelte.ts';
import { createProject, openProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { readPrompts } from '../../src/storage/prompts.ts';

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  localStorage.clear();
  await startWorkspace();
  await createProject('P');
});

const file = (...lines: unknown[]): File =>
  new File([lines.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')], 'my.jsonl');
const shown = (): string[] => prompts.list.map(({ prompt }) => prompt);
/** As another start of the studio reads them. */
async function stored(): Promise<string[]> {
  const rows = await readPrompts(await connection.open(), projects.current?.id ?? '');
  expect(rows).toEqual(prompts.list);
  return shown();
}

test('lines of a file keep their order and answers; what is no prompt is told by its line', async () => {
  const came = await prompts.addFile(
    file({ prompt: 'A?', answer: 'a' }, 'no line', { prompt: 'B?' }, { prompt: 'A?' }),
  );
  expect(came.added).toHaveLength(2);
  expect(came.problems.map(({ line }) => line)).toEqual([2]);
  expect(await stored()).toEqual(['A?', 'B?']);
  expect(prompts.list.map(({ answer, source }) => [answer, source])).toEqual([
    ['a', 'my.jsonl'],
    [null, 'my.jsonl'],
  ]);
  expect(prompts.answered).toBe(1);
  expect((await prompts.addFile(file({ prompt: 'B?' }))).added).toEqual([]);
});

test('what is removed comes back to its place', async () => {
  await prompts.addFile(file({ prompt: 'A?' }, { prompt: 'B?' }, { prompt: 'C?' }));
  const gone = await prompts.remove([prompts.list[1]?.id ?? '']);
  expect(await stored()).toEqual(['A?', 'C?']);
  await prompts.restore(gone);
  expect(await stored()).toEqual(['A?', 'B?', 'C?']);
});

test('demonstrations give their prompts once, and short completions as answers; what is there is no longer offered', async () => {
  await demonstrations.add({ prompt: 'Level?', completion: 'Level 5, red.' });
  await demonstrations.add({ prompt: 'Level?', completion: 'Level 6, red.' });
  await demonstrations.add({ text: 'A plain text has no prompt.' });
  expect(prompts.offers.demonstrations).toEqual([{ prompt: 'Level?', answer: 'Level 5, red' }]);
  await prompts.take('demonstrations');
  expect(prompts.list).toMatchObject([{ prompt: 'Level?', answer: 'Level 5, red', source: 'demonstrations' }]);
  expect(prompts.offers.demonstrations).toEqual([]);
});

test('preferences give the prompts that were judged, but not those that a person left out', async () => {
  const projectId = projects.current?.id ?? '';
  const row = (id: string, prompt: string) => ({
    ...{ projectId, id, pair: `pair ${id}`, prompt, question: prompt, chosen: 'a', rejected: 'b', comment: '' },
    ...{ timestamp: '2025-01-01T00:00:00', feedbackIds: [], annotators: [], tags: [], agreement: 1, margin: null },
    ...{ votes: { chosen: 1, rejected: 0, ties: 0 }, tie: false, edited: false, version: 1 },
  });
  await connection.write(['preferences', 'preferenceEdits'], (tx) =>
    Promise.all([
      tx.objectStore('preferences').put(row('1', 'Kept?')),
      tx.objectStore('preferences').put(row('2', 'Kept?')),
      tx.objectStore('preferences').put(row('3', 'Left out?')),
      tx
        .objectStore('preferenceEdits')
        .put({ projectId, id: 'pair 3', excluded: true, editedAt: '2025-01-01T00:00:00.000Z' }),
    ]),
  );
  await prompts.look();
  expect(prompts.offers.preferences).toEqual([{ prompt: 'Kept?' }]);
});

test('a long completion is one way to say it, not what every right answer contains', () => {
  expect(answerOf('Bern.')).toBe('Bern');
  expect(answerOf('')).toBeUndefined();
  expect(answerOf(null)).toBeUndefined();
  expect(answerOf('one two three four five six seven eight nine ten eleven twelve thirteen')).toBeUndefined();
});

test('the fixed prompts of a run are those that the trainer keeps, with what is known of their answers', () => {
  const list = Array.from({ length: 9 }, (_, i) => ({ prompt: `Question ${i}?`, answer: i % 2 ? `${i}` : null }));
  const settings = { seed: 7, testPrompts: 4 };
  const kept = keptForLooking(list, settings);
  expect(fixedPrompts(list, settings)).toEqual(
    list.filter((_, i) => kept.has(i)).map(({ prompt, answer }) => ({ prompt, expected: answer })),
  );
});

test('another project has prompts of its own', async () => {
  const first = projects.current?.id ?? '';
  await prompts.addFile(file({ prompt: 'A?' }));
  await createProject('Q');
  expect(shown()).toEqual([]);
  await openProject(first);
  expect(shown()).toEqual(['A?']);
});
