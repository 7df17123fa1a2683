// The frame on the built site: addresses, projects, documents, looks, keyboard, phone.
import { expect, test, type Page } from '@playwright/test';

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });

/** One page for the whole file would hide what a fresh visit shows: each test has its own. */
async function visit(page: Page, address = '#/'): Promise<void> {
  await page.goto(`./${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

async function makeProject(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Project: / }).click();
  await page.getByRole('button', { name: 'New project' }).last().click();
  await page.getByLabel('Name of the new project').fill(name);
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('button', { name: `Project: ${name}.` })).toBeVisible();
  await expect(page).toHaveURL(/#\/documents$/); // whoever goes elsewhere sooner is led here all the same
}

async function paste(page: Page, title: string, text: string): Promise<void> {
  await page.getByRole('button', { name: /Add (your first )?documents/ }).click();
  await page.getByLabel('Text', { exact: true }).fill(text);
  await page.getByLabel(/^Title/).fill(title);
  await page.getByRole('button', { name: 'Add this text' }).click();
  await expect(page.getByRole('heading', { level: 2, name: title })).toBeVisible();
}

test('every address opens its page, with a title, and an unknown one says so', async ({ page }) => {
  const pages = {
    '#/': 'The whole alignment workshop in one browser tab.',
    '#/documents': 'Documents',
    '#/fine-tune': 'Fine-tune',
    '#/annotate': 'Annotate',
    '#/preferences': 'Preferences',
    '#/reward': 'Reward',
    '#/align': 'Align',
    '#/evaluate': 'Evaluate',
    '#/monitor': 'Monitor',
    '#/demo': 'Watch a model learn',
    '#/models': 'Models',
    '#/project': 'Project',
    '#/settings': 'Settings',
    '#/nowhere/at/all': 'No such page',
  };
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await visit(page);
  for (const [address, title] of Object.entries(pages)) {
    await page.evaluate((hash) => (location.hash = hash), address);
    await expect(heading(page, title)).toBeVisible();
    await expect(page).toHaveTitle(new RegExp(`${title}.*Atelier`));
  }
  await visit(page, '#/models'); // a deep link on a fresh load
  await expect(heading(page, 'Models')).toBeVisible();
  expect(problems).toEqual([]);
});

test('a stage that is not built says so and shows the file it will leave', async ({ page }) => {
  await visit(page, '#/evaluate');
  await expect(page.getByText('Not built yet', { exact: true })).toBeVisible();
  await expect(page.getByText('reports/*.json')).toBeVisible();
});

test('back returns to the page, its place and the document that was open', async ({ page }) => {
  await visit(page, '#/documents');
  await paste(page, 'Long', Array.from({ length: 200 }, (_, i) => `Line ${i}.`).join('\n'));
  await page.evaluate(() => scrollTo(0, 900));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(900);
  const address = page.url();
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(heading(page, 'Settings')).toBeVisible();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await expect(page.locator('main')).toBeFocused();
  await page.goBack();
  await expect(page.getByRole('heading', { level: 2, name: 'Long' })).toBeVisible();
  expect(page.url()).toBe(address);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(900);
});

test('language and theme are chosen once and survive a reload', async ({ page }) => {
  await visit(page, '#/settings');
  const paper = (): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await page.getByRole('radio', { name: 'Dark' }).check();
  await page.getByRole('radio', { name: 'Français' }).check();
  await expect(heading(page, 'Réglages')).toBeVisible();
  const dark = await paper();
  expect(dark).not.toBe(light);
  await page.reload();
  await expect(heading(page, 'Réglages')).toBeVisible();
  expect(await page.locator('html').getAttribute('lang')).toBe('fr');
  expect(await paper()).toBe(dark);
});

test('projects are made, renamed, switched, deleted and taken back', async ({ page }) => {
  await visit(page);
  await makeProject(page, 'First');
  await paste(page, 'Note', 'Velmont Energy was founded in 1987.');
  await makeProject(page, 'Second');
  await expect(page.getByText('Nothing here yet')).toBeVisible();

  const menu = page.getByRole('button', { name: /^Project: / });
  await menu.click();
  await page.getByRole('button', { name: 'Rename “First”' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Renamed');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Renamed', exact: true }).click();
  await expect(menu).toHaveAccessibleName(/^Project: Renamed\./);
  await expect(page.getByRole('link', { name: /^Note/ })).toBeVisible();

  await menu.click();
  await page.getByRole('button', { name: 'Delete “Renamed”' }).click();
  await expect(menu).toHaveAccessibleName(/^Project: Second\./);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(menu).toHaveAccessibleName(/^Project: Renamed\./);
  await page.reload();
  await expect(page.getByRole('link', { name: /^Note/ })).toBeVisible();
});

test('files are added once, refused in words, filtered, deleted and taken back', async ({ page }) => {
  await visit(page, '#/documents');
  await page.getByRole('button', { name: 'Add your first documents' }).click();
  const good = { name: 'good.md', mimeType: 'text/markdown', buffer: Buffer.from('# Title\n\nA fact.') };
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .first()
    .setInputFiles([
      good,
      { ...good, name: 'twin.md' },
      { name: 'image.txt', mimeType: 'text/plain', buffer: Buffer.from([0x89, 0x50, 0, 1]) },
      { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    ]);
  await expect(page.getByText('“twin.md” has the same text as “good.md”, which is already here.')).toBeVisible();
  await expect(page.getByText('“image.txt” is not text but binary data.')).toBeVisible();
  await expect(page.getByText('“empty.txt” holds no text.')).toBeVisible();
  await page.getByRole('button', { name: 'Put these messages away' }).click();
  await expect(page.getByText('“empty.txt” holds no text.')).toHaveCount(0);

  await page.getByLabel('Filter by name').fill('absent');
  await expect(page.getByText('No document has this name.')).toBeVisible();
  await page.getByLabel('Filter by name').fill('GOOD');
  await expect(page.getByRole('link', { name: /^good\.md/ })).toBeVisible();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Nothing here yet')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('link', { name: /^good\.md/ })).toBeVisible();
});

test('half-typed text survives a reload', async ({ page }) => {
  await visit(page, '#/documents');
  await page.getByRole('button', { name: 'Add your first documents' }).click();
  await page.getByLabel('Text', { exact: true }).fill('half a sent');
  await page.reload();
  await page.getByRole('button', { name: 'Add your first documents' }).click();
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue('half a sent');
});

test('the demo opens with its documents, and comes back whole after one was deleted', async ({ page }) => {
  await visit(page);
  await page.getByRole('button', { name: 'Open the demo project' }).click();
  await expect(page).toHaveURL(/#\/ask$/);
  await visit(page, '#/documents');
  await expect(page.getByText('6 documents', { exact: true })).toBeVisible();
  await page.getByRole('link', { name: /^velmont-energy/ }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('5 documents', { exact: true })).toBeVisible();
  await visit(page, '#/project');
  await page.getByRole('button', { name: 'Restore the demo’s documents' }).click();
  await expect(page.getByText('Restored 1 document.')).toBeVisible();
});

test('erase everything waits for the undo, then leaves nothing, even when the tab was closed meanwhile', async ({
  page,
}) => {
  await visit(page);
  await makeProject(page, 'Secret');
  await visit(page, '#/settings');
  const erase = page.getByRole('button', { name: 'Erase everything on this device' });
  await erase.click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Project: Secret.' })).toBeVisible();
  await erase.click();
  await page.reload(); // the ten seconds are not over: the undo is still there
  await expect(page.getByText('Everything will be erased.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Project: Secret.' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(erase).toBeEnabled();
  await erase.click();
  await page.evaluate(() => localStorage.setItem('atelier:erasing', '"2026-01-01T00:00:00.000Z"'));
  await page.reload();
  await expect(heading(page, 'The whole alignment workshop')).toBeVisible();
  await expect(page.getByText('No project yet.')).toBeVisible();
  expect(await page.evaluate(() => localStorage.length)).toBe(0);
});

test('erase everything ends the reading of files: nothing holds the page, and nothing of them stays', async ({
  page,
}) => {
  const held: string[] = [];
  page.on('dialog', (dialog) => {
    held.push(dialog.type());
    void dialog.accept();
  });
  await visit(page, '#/documents');
  await page
    .locator('input[type=file]:not([webkitdirectory])')
    .first()
    .evaluate((input: HTMLInputElement) => {
      const data = new DataTransfer();
      for (let file = 0; file < 30; file++) {
        const lines = Array.from({ length: 300_000 }, (_, i) => `${file};${i};some value ${i}`);
        data.items.add(new File([lines.join('\n')], `${file}.csv`));
      }
      input.files = data.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    });
  const stored = (): Promise<number> =>
    page.evaluate(async () => {
      let entries = 0;
      for await (const _ of (await navigator.storage.getDirectory()).keys()) entries++;
      return entries;
    });
  await expect.poll(stored).toBeGreaterThan(0); // the first is kept, the others are being read
  await visit(page, '#/settings');
  await page.getByRole('button', { name: 'Erase everything on this device' }).click();
  const toast = page.getByRole('listitem').filter({ hasText: 'Everything will be erased.' });
  await toast.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByText('No project yet.')).toBeVisible();
  await page.waitForTimeout(1000); // time in which a thread that was left would write
  expect([await stored(), held]).toEqual([0, []]);
});

test('keyboard alone: skip link, palette, keys of the page, dialogs that close', async ({ page }) => {
  await visit(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the page' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
  expect(new URL(page.url()).hash).not.toBe('#page');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('docu');
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Documents')).toBeVisible();

  await page.keyboard.press('Shift+?');
  await expect(page.getByRole('dialog', { name: 'Keys of this page' })).toContainText('Add documents');
  await page.keyboard.press('n'); // rests while the dialog covers the page
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page.getByLabel('Text', { exact: true })).toHaveCount(0);
  await page.keyboard.press('n');
  await page.getByLabel('Text', { exact: true }).focus();
  await page.keyboard.type('n?');
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue('n?');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('theme dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('no page is wider than the screen, and the sheet leads everywhere', async ({ page }) => {
    await visit(page, '#/documents');
    await paste(page, 'a-very-long-name-without-any-space-in-it-that-would-not-fit-on-a-phone.txt', 'x'.repeat(300));
    const names = ['', 'documents', 'preferences', 'reward', 'models', 'project', 'settings', 'nowhere'];
    for (const name of names) {
      await visit(page, `#/${name}`);
      const extra = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(extra, name).toBeLessThanOrEqual(0);
    }
    await page.getByRole('button', { name: 'All pages' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Models' }).click();
    await expect(heading(page, 'Models')).toBeVisible();
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
});
