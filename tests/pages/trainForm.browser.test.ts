// The settings of a run: what fits counts while it is typed, what does not is named and keeps a run from starting.
import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';
import Settings from '../../src/pages/fine-tune/Settings.svelte';
import { connection } from '../../src/state/connection.svelte.ts';
import { trainSettings } from '../../src/state/trainSettings.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

let page: Record<string, unknown>;
beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  localStorage.clear();
  await startWorkspace();
  await createProject('P');
  document.body.replaceChildren();
  page = mount(Settings, { target: document.body });
  await tick();
});
afterEach(() => unmount(page));

const radio = (value: string): HTMLInputElement =>
  document.querySelector<HTMLInputElement>(`input[value="${value}"]`) as HTMLInputElement;
const marked = (): (string | undefined)[] =>
  [...document.querySelectorAll<HTMLInputElement>('.presets input:checked')].map(({ value }) => value);
function batch(): HTMLInputElement {
  const label = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === 'Batch');
  return label?.control as HTMLInputElement;
}
async function type(value: string, finished: boolean): Promise<void> {
  batch().focus();
  batch().value = value;
  batch().dispatchEvent(new Event('input', { bubbles: true }));
  if (finished) {
    batch().dispatchEvent(new Event('change', { bubbles: true }));
    batch().blur();
  }
  await tick();
}

test('a number that fits is taken while it is typed, half a number is not called wrong', async () => {
  await type('2', false);
  expect(trainSettings.config.batch).toBe(2);
  await type('', false);
  expect(trainSettings.wrong).toEqual([]);
  expect(trainSettings.config.batch).toBe(2);
});

test('a wrong field unmarks the preset, stays as typed, and the preset can be chosen again', async () => {
  radio('quick').click();
  await tick();
  expect(marked()).toEqual(['quick']);
  const before = batch().value;
  await type('0.5', true);
  expect(trainSettings.wrong).toEqual(['batch']);
  expect(batch().value).toBe('0.5');
  expect(marked()).toEqual([]);
  radio('quick').click();
  await tick();
  expect(trainSettings.wrong).toEqual([]);
  expect(batch().value).toBe(before);
  expect(marked()).toEqual(['quick']);
  await type('3', true);
  expect(marked()).toEqual([]);
  radio('quick').click();
  await tick();
  expect([marked(), batch().value]).toEqual([['quick'], before]);
});
