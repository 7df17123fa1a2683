// The judging page by keys: blind until it is judged, text as text, several answers ranked, typing never lost.
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';
import Annotate from '../../src/pages/annotate/Annotate.svelte';
import Keyboard from '../../src/pages/frame/Keyboard.svelte';
import { UNKNOWN_ORIGIN } from '../../src/records/comparison.ts';
import { comparisons } from '../../src/state/comparisons.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { judging } from '../../src/state/judging.svelte.ts';
import { language } from '../../src/state/language.svelte.ts';
import { router } from '../../src/state/router.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { addComparisons } from '../../src/storage/comparisons.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { deleteAllFiles } from '../../src/storage/files.ts';

const ORIGIN = 'secret-model';
let target: HTMLElement;
let end = (): void => undefined;

async function show(...answers: string[][]): Promise<void> {
  await comparisons.add(
    answers.map((texts, i) => ({
      id: `c${i}`,
      source: { kind: 'written' as const },
      task: {
        question: `Question ${i}?`,
        passages: [],
        prompt: `Question ${i}?`,
        responses: texts.map((text) => ({ text, origin: { ...UNKNOWN_ORIGIN, name: ORIGIN }, score: null })),
      },
    })),
  );
  target = document.body.appendChild(document.createElement('main'));
  const [page, keyboard] = [mount(Annotate, { target }), mount(Keyboard, { target })];
  flushSync();
  end = () => {
    void unmount(page);
    void unmount(keyboard);
    target.remove();
  };
  await expect.poll(() => target.querySelector('h1')?.textContent).toBe('Question 0?');
}

const press = (key: string, on: EventTarget = document.body): boolean =>
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
const title = (): string | undefined => target.querySelector('h1')?.textContent;
const of = (id: string) => judging.feedbackOf({ comparisonId: id, round: 0 });

beforeEach(async () => {
  language.value = 'en';
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  localStorage.clear();
  router.replace('/annotate');
  await startWorkspace();
  await createProject('P');
  await judging.setAnnotator('Ada');
});
afterEach(() => end());

test('a verdict by key goes on to the next, is said, and is undone; who wrote an answer is nowhere before it', async () => {
  await show(['one', 'two'], ['three', 'four']);
  expect(target.innerHTML).not.toContain(ORIGIN);
  press('ArrowRight');
  await expect.poll(title).toBe('Question 1?');
  expect(target.querySelector('[role=status]')?.textContent).toBe('Right is better. 1 of 2.');
  expect(target.innerHTML).not.toContain(ORIGIN);
  const shown = of('c0')?.shown ?? [];
  expect(of('c0')?.ranks?.[shown[1] ?? -1]).toBe(1);
  expect(of('c0')?.ranks?.[shown[0] ?? -1]).toBe(2);
  press('p');
  await expect.poll(title).toBe('Question 0?');
  await expect.poll(() => target.innerHTML.includes(ORIGIN)).toBe(true);
  press('u');
  await expect.poll(() => of('c0')?.status).toBe('open');
  await expect.poll(() => target.innerHTML.includes(ORIGIN)).toBe(false);
});

test('a key pressed before the next item is seen counts for what was shown, never for the unseen one', async () => {
  await show(['one', 'two'], ['three', 'four'], ['five', 'six']);
  press('ArrowDown');
  press('ArrowUp');
  await expect.poll(title).toBe('Question 1?');
  await expect.poll(() => of('c0')?.verdict).toBe('bad');
  await new Promise((done) => setTimeout(done, 100));
  expect([of('c1'), of('c2'), title()]).toEqual([null, null, 'Question 1?']);
});

test('the last verdict leads to the end of the queue, and from there undo leads back', async () => {
  await show(['one', 'two'], ['three', 'four']);
  press('ArrowDown');
  await expect.poll(title).toBe('Question 1?');
  press('ArrowUp');
  await expect.poll(title).toBe('All judged');
  const undo = [...target.querySelectorAll('button')].find((button) => button.textContent.trim() === 'Undo');
  undo?.click();
  await expect.poll(title).toBe('Question 1?');
  expect(of('c1')?.status).toBe('open');
});

test('a key held down judges once', async () => {
  await show(['one', 'two'], ['three', 'four']);
  press('ArrowDown');
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', repeat: true, bubbles: true }));
  await expect.poll(title).toBe('Question 1?');
  await new Promise((done) => setTimeout(done, 100));
  expect(title()).toBe('Question 1?');
});

test('several answers are ranked by their numbers; what has none is last', async () => {
  await show(['a', 'b', 'c', 'd'], ['three', 'four']);
  press('Enter'); // nothing is ranked yet
  press('3');
  press('1');
  await expect.poll(() => of('c0')?.choosing).toHaveLength(2); // a ranking that is not finished is kept, too
  press('Enter');
  await expect.poll(title).toBe('Question 1?');
  const { ranks, shown } = of('c0') ?? {};
  expect(shown?.map((response) => ranks?.[response])).toEqual([2, 3, 1, 3]);
});

test('markup in answers stands as text', async () => {
  await show(['<img src=x onerror=alert(1)><b>bold</b>', 'plain'], ['three', 'four']);
  expect(target.querySelector('article img, article b')).toBeNull();
  expect(target.textContent).toContain('<img src=x onerror=alert(1)><b>bold</b>');
});

test('a comment typed faster than it is written is whole, in its field and on the disk', async () => {
  await show(['one', 'two'], ['three', 'four']);
  press('c');
  const field = target.querySelector<HTMLTextAreaElement>('[data-comment]');
  expect(document.activeElement).toBe(field);
  if (!field) return;
  for (const letter of 'because it says where') {
    field.value += letter;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    if (letter === ' ') await new Promise((done) => setTimeout(done, 5));
  }
  await expect.poll(() => of('c0')?.comment).toBe('because it says where');
  expect(field.value).toBe('because it says where');
  press('Escape', field);
  expect(document.activeElement?.classList.contains('sitting')).toBe(true);
  expect(title()).toBe('Question 0?');
});

test('what arrives from another tab while a comment is typed leaves the field, the focus and the verdict alone', async () => {
  await show(['one', 'two'], ['three', 'four']);
  press('c');
  const field = target.querySelector<HTMLTextAreaElement>('[data-comment]');
  if (!field) throw new Error('no field');
  field.value = 'because';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await expect.poll(() => of('c0')?.comment).toBe('because');
  const [known] = comparisons.list;
  if (!known) throw new Error('no comparison');
  await addComparisons(await connection.open(), known.projectId, [{ ...known, id: 'c9' }]);
  await comparisons.load(known.projectId);
  flushSync();
  expect(comparisons.list).toHaveLength(3);
  expect(document.activeElement).toBe(field);
  expect(field.isConnected && field.value).toBe('because');
  for (const key of 's f x'.split(' ')) press(key, document.activeElement ?? document.body);
  await new Promise((done) => setTimeout(done, 50));
  expect(of('c0')).toMatchObject({ status: 'open', flagged: false });
});
