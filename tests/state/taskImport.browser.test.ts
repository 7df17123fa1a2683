// Links to tasks on the real site, worker and database: straight into the queue once, and back to where they are.
import { beforeEach, expect, test } from 'vitest';
import { comparisons } from '../../src/state/comparisons.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { taskImport } from '../../src/state/taskImport.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

const LINK = '/datasets/tasks.jsonl';
const questions = (): string[] => comparisons.list.map(({ question }) => question);

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await startWorkspace();
});

test('a first visitor gets a project with the title of the file, and its comparisons in their order', async () => {
  expect(await taskImport.openLink(LINK)).toBe(true);
  const [first, ...lines] = (await (await fetch(LINK)).text()).trim().split('\n');
  const { title } = JSON.parse(first ?? '') as { title: string };
  expect(projects.current?.name).toBe(title);
  expect(questions()).toEqual(lines.map((line) => (JSON.parse(line) as { prompt: string }).prompt.split('\n\n')[0]));
  expect(taskImport.link).toBeNull();
});

test('the link again opens what is there, from whatever project, and adds nothing', async () => {
  await taskImport.openLink(LINK);
  const [id, count] = [projects.current?.id, comparisons.list.length];
  await createProject('other');
  expect(comparisons.list).toEqual([]);
  await taskImport.openLink(LINK);
  expect([projects.current?.id, comparisons.list.length]).toEqual([id, count]);
  expect(projects.list).toHaveLength(2);
});

test('comparisons that were removed come again with the link, in their project and from another one', async () => {
  await taskImport.openLink(LINK);
  const count = comparisons.list.length;
  await comparisons.remove(comparisons.list.map(({ id }) => id));
  expect(await taskImport.openLink(LINK)).toBe(true);
  expect(comparisons.list).toHaveLength(count);
  await comparisons.remove(comparisons.list.map(({ id }) => id));
  const { id } = await createProject('other');
  expect(await taskImport.openLink(LINK)).toBe(true);
  expect([projects.current?.id, comparisons.list.length]).toEqual([id, count]);
});

test('a second link takes the place of the one under way, also while a file that is looked at is closed', async () => {
  const first = taskImport.openLink('/datasets/nothing.jsonl');
  const second = taskImport.openLink(LINK);
  taskImport.close();
  expect(await first).toBe(false);
  expect(await second).toBe(true);
  expect(taskImport.link).toBeNull();
  expect(comparisons.list.length).toBeGreaterThan(0);
});

test('with a project open, they come into it', async () => {
  const { id } = await createProject('mine');
  await taskImport.openLink(LINK);
  expect([projects.current?.id, projects.list.length]).toEqual([id, 1]);
  expect(comparisons.list.length).toBeGreaterThan(0);
});

test('what cannot be opened is said in a sentence, and no empty project is left', async () => {
  const said: string[] = [];
  for (const path of ['https://evil.example/t.jsonl', '/datasets/nothing.jsonl', '/datasets/index.json']) {
    expect(await taskImport.openLink(path)).toBe(false);
    said.push(taskImport.link?.problem ?? '');
  }
  expect(said[0]).toContain('evil.example');
  expect(said[1]).toContain('nothing.jsonl');
  expect(said[2]).toContain('index.json');
  expect(new Set(said).size).toBe(3);
  expect(projects.list).toEqual([]);
});
