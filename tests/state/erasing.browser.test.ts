// "Erase everything" happens only after its undo was on screen for its time, however often a tab starts meanwhile.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connection } from '../../src/state/connection.svelte.ts';
import { erasing } from '../../src/state/erasing.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { toasts } from '../../src/state/toasts.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

const KEY = 'atelier:erasing';
const LOCK = 'atelier-erasing';
const wantedAgo = (seconds: number): void =>
  localStorage.setItem(KEY, JSON.stringify(new Date(Date.now() - seconds * 1000).toISOString()));
const wanted = (): string => JSON.parse(localStorage.getItem(KEY) ?? '""') as string;
const undo = (): void => toasts.list.at(-1)?.action?.run();
const undoShown = (): Promise<void> => expect.poll(() => toasts.list.length).toBe(1);
const settled = (): Promise<void> => expect.poll(() => erasing.waiting).toBe(false);

/** Another tab that shows the undo; call what it returns when that tab goes. */
function otherTab(): Promise<() => void> {
  return new Promise((shown) => {
    void navigator.locks.request(LOCK, () => new Promise<void>((close) => shown(close)));
  });
}

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  localStorage.clear();
  await startWorkspace();
  await createProject('Kept');
});
afterEach(async () => {
  localStorage.clear();
  undo();
  await settled();
});

test('a start while it can still be undone shows the undo again and keeps everything', async () => {
  wantedAgo(5);
  await startWorkspace();
  await undoShown();
  expect(projects.current?.name).toBe('Kept');
  expect(Date.now() - Date.parse(wanted())).toBeLessThan(4000); // a reload at this moment has its own ten seconds
  undo();
  await settled();
  expect(wanted()).toBe('');
});

test('it is due once its time is over, not before, and not while an open tab shows the undo', async () => {
  expect(await erasing.isDue()).toBe(false);
  wantedAgo(9);
  expect(await erasing.isDue()).toBe(false);
  wantedAgo(11);
  expect(await erasing.isDue()).toBe(true);
  const close = await otherTab(); // its pointer rests on the message
  expect(await erasing.isDue()).toBe(false);
  close();
});

test('one tab counts: the next takes over only if the first went without an undo', async () => {
  const close = await otherTab();
  wantedAgo(3);
  erasing.resume();
  expect([erasing.waiting, toasts.list.length]).toEqual([true, 0]);
  localStorage.setItem(KEY, '""');
  close();
  await settled();
  expect(toasts.list).toEqual([]);

  const closeAgain = await otherTab();
  wantedAgo(3);
  erasing.resume();
  closeAgain();
  await undoShown();
});
