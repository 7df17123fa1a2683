// The rows on the page: what is learned of a row is told by words and marks, a file is shown before it is taken, edits stay.
import { mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';
import Data from '../../src/pages/fine-tune/data/Data.svelte';
import { NANO } from '../../src/records/baseModel.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { demonstrations } from '../../src/state/demonstrations.svelte.ts';
import { rowImport } from '../../src/state/rowImport.svelte.ts';
import { trainSettings } from '../../src/state/trainSettings.svelte.ts';
import { createProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';

let page: Record<string, unknown>;
beforeEach(async () => {
  rowImport.close();
  await connection.close();
  await deleteDatabase();
  localStorage.clear();
  await startWorkspace();
  await createProject('P');
  document.body.replaceChildren();
  page = mount(Data, { target: document.body });
});
afterEach(() => unmount(page));

const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
const texts = (selector: string): string[] => all(selector).map(({ textContent }) => textContent.trim());
function press(name: string | RegExp): void {
  const button = all('button').find(({ textContent }) =>
    typeof name === 'string' ? textContent.trim() === name : name.test(textContent),
  );
  if (!button) throw new Error(`no button ${name}`);
  button.click();
}
async function type(label: string, value: string): Promise<void> {
  const field = all('label').find(({ textContent }) => textContent === label) as HTMLLabelElement;
  const control = field.control as HTMLTextAreaElement;
  control.value = value;
  control.dispatchEvent(new Event('input', { bubbles: true }));
  await tick();
}

test('of a row the answer and its end are marked as learned, the question is not, and what is too long is struck through', async () => {
  await demonstrations.add({ prompt: 'Who leads Velmont?', completion: 'Anna leads it.' });
  await expect.poll(() => all('.rows li').length).toBe(1);
  (all('.rows li > button')[0] as HTMLButtonElement).click();
  await expect.poll(() => all('.tokens span').length, { timeout: 20_000 }).toBeGreaterThan(5);
  const learned = (): string => all('.tokens .learned').map(({ textContent }) => textContent).join(''); // prettier-ignore
  expect(learned()).toMatch(/^\s*Anna leads it\.<\|eos\|>$/);
  expect(texts('.tokens .special')).toContain('<|user|>');
  const count = all('.tokens span').length;
  expect(document.body.textContent).toContain(`${count} tokens, ${all('.tokens .learned').length} of them learned`);
  expect(texts('.facts')[0]).toContain(`${count} tokens`);

  trainSettings.set({ maxLength: count - 2 });
  await tick();
  expect(texts('.tokens .cut')).toHaveLength(2);
  expect(learned()).not.toContain('eos');
  expect(document.body.textContent).toContain('2 tokens are cut from the end');
  expect(texts('section[aria-label="Lengths"]')[0]).toContain(`1 row is longer than ${count - 2} tokens`);
  trainSettings.set({ maxLength: 4 });
  await tick();
  expect(document.body.textContent).toContain('Nothing of this row is left to learn');
  expect(texts('section[aria-label="Lengths"]')[0]).toContain('Of 1 row nothing is left to learn.');

  const { contextLength } = NANO;
  trainSettings.set({ maxLength: 8 * contextLength }); // the model holds no more than it does
  await demonstrations.add({ prompt: 'Who?', completion: 'Anna. '.repeat(contextLength) });
  await expect
    .poll(() => texts('section[aria-label="Lengths"]')[0], { timeout: 20_000 })
    .toContain(`1 row is longer than ${contextLength.toLocaleString('en')} tokens`);
});

test('pasted rows are shown with their problems, and taken only then', async () => {
  press('Import a file');
  await tick();
  await type(
    'Or paste rows, one JSON object a line',
    '{"instruction":"Who?","output":"Anna."}\n{"instruction":"x"}\noops',
  );
  press('Look at them');
  await expect.poll(() => texts('.problems li'), { timeout: 20_000 }).toHaveLength(2);
  expect(texts('.problems b')).toEqual(['line 2', 'line 3']);
  expect(document.body.textContent).toContain('Alpaca');
  expect(demonstrations.list).toEqual([]);
  press('Import 1 row');
  await expect
    .poll(() => demonstrations.list.map(({ row }) => row), { timeout: 20_000 })
    .toEqual([{ prompt: 'Who?', completion: 'Anna.' }]);
});

test('a row is written, edited in its place, found by its words and deleted', async () => {
  press('Write a row');
  await tick();
  press('Save');
  await tick();
  expect(texts('[role=alert]')).toEqual(['Write this before saving.', 'Write this before saving.']);
  await type('Prompt', 'Where?');
  await type('Completion', 'In Brivel.');
  press('Save');
  await expect.poll(() => texts('.rows .said')).toEqual(['→ In Brivel.']);
  await demonstrations.add({ text: 'Another.' });

  (all('.rows li > button')[0] as HTMLButtonElement).click();
  await tick();
  press('Edit');
  await tick();
  await type('Completion', 'In Velmont.');
  press('Save');
  await expect.poll(() => texts('.rows .said')).toEqual(['→ In Velmont.', 'Another.']);

  await type('Search the rows', 'velmont');
  await expect.poll(() => texts('.rows .said')).toEqual(['→ In Velmont.']);
  press(/^\s*Delete 1 row\s*$/);
  await expect.poll(() => demonstrations.list.map(({ row }) => row)).toEqual([{ text: 'Another.' }]);
});
