// The Documents page on the built site: chunks drawn live, indexing, search as one types, links to a passage, looks.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { add, fixture, index, listed } from './adding.ts';

const text = (name: string, content: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
const primary = (page: Page) => page.locator('header .action button').first();
const slider = (page: Page, name: RegExp) => page.getByRole('spinbutton', { name });

async function demo(page: Page): Promise<void> {
  await page.goto('./');
  await page.getByRole('button', { name: 'Open the demo project' }).click();
  await expect(page).toHaveURL(/#\/ask$/);
  await page.goto('./#/documents');
  await expect(listed(page)).toHaveCount(6);
}

async function set(page: Page, name: RegExp, value: number): Promise<void> {
  await slider(page, name).fill(String(value));
  await slider(page, name).press('Enter');
}

/** What is drawn: how many runs of each tint. */
const drawn = (page: Page) =>
  page.evaluate(() => ['even', 'odd', 'both'].map((tint) => document.querySelectorAll(`.text .${tint}`).length));

test('sliders redraw the chunks at once, one button applies them, and moving them back undoes it', async ({ page }) => {
  await demo(page);
  await listed(page).filter({ hasText: 'velmont' }).click();
  await expect.poll(() => drawn(page)).toEqual([15, 15, 0]);
  await set(page, /^Most sentences/, 3);
  await expect.poll(async () => (await drawn(page))[0]).toBeLessThan(10);
  await set(page, /^Overlap/, 24);
  await expect.poll(async () => (await drawn(page))[2]).toBeGreaterThan(3); // what two chunks share
  await page.reload(); // the sliders stay where they were
  await expect(slider(page, /^Overlap/)).toHaveValue('24');

  await expect(page.getByText('Paraphrases are matched in English only')).toBeVisible();
  await primary(page).click();
  await expect(page.getByText(/^Indexed 6 documents/)).toBeVisible({ timeout: 90_000 });
  await expect(primary(page)).toHaveText('Add documents');
  await expect(page.getByText('Paraphrases are matched in English only')).toHaveCount(0);

  await set(page, /^Overlap/, 0);
  await expect(primary(page)).toHaveText('Index again: settings changed');
  await page.getByRole('button', { name: 'Keep as it was' }).click();
  await expect(slider(page, /^Overlap/)).toHaveValue('24');
  await expect(primary(page)).toHaveText('Add documents');
});

test('search answers while one types, by words before indexing and by meaning after; a hit leads to its words', async ({
  page,
}) => {
  await demo(page);
  const box = page.getByRole('searchbox', { name: 'Search in all documents' });
  await box.pressSequentially('who is at the head of Velmont');
  const hits = page.locator('.search article');
  await expect(hits.first()).toBeVisible();
  await expect(page.getByText('By words only, because not everything is indexed yet.')).toBeVisible();
  await primary(page).click();
  await expect(page.getByText(/^Indexed 6 documents/)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText('By words only')).toHaveCount(0); // asked again by itself
  const hit = hits.filter({ hasText: 'is led by Anna Roux' });
  await expect(hit.locator('dd .number')).toHaveText([/^0\.\d\d$/, /^0\.\d\d$/, /^\d\.\d\d$/]);
  await hit.getByRole('link').click();
  await expect(page).toHaveURL(/\?at=\d+-\d+$/);
  await expect(page.locator('mark')).toHaveText('Velmont Energy is led by Anna Roux.');
  await expect(page.locator('mark')).toBeInViewport();
  await page.evaluate(() => scrollTo(0, 0));
  await hit.getByRole('link').click(); // the same address again still leads there
  await expect(page.locator('mark')).toBeInViewport();
  await page.reload();
  await expect(box).toHaveValue('who is at the head of Velmont');
  await expect(page.locator('mark')).toBeInViewport();
  await box.fill('');
  await expect(hits).toHaveCount(0);
});

test('one document can be searched alone; a text without words needs no indexing; what is deleted is not found', async ({
  page,
}) => {
  await page.goto('./#/documents');
  await add(page, [
    text('orlen.txt', 'The bridge of Orlen is 300 metres long.'),
    text('tarnow.txt', 'The bridge of Tarnow is 90 metres long.'),
    text('rule.md', '---'),
  ]);
  await expect(listed(page)).toHaveCount(3);
  await index(page);
  await expect(primary(page)).toHaveText('Add documents'); // nothing is left to do
  const hits = page.locator('.search article');
  await page.getByRole('searchbox', { name: 'Search in all documents' }).fill('How long is the bridge?');
  await expect(hits).toHaveCount(2);
  await listed(page).filter({ hasText: 'tarnow.txt' }).click();
  await page.getByRole('checkbox', { name: 'Only in this document' }).check();
  await expect(hits).toHaveText([/Tarnow is 90 metres/]);
  await listed(page).filter({ hasText: 'orlen.txt' }).click();
  await expect(hits).toHaveText([/Orlen is 300 metres/]);
  await page.getByRole('checkbox', { name: 'Only in this document' }).uncheck();
  await expect(hits).toHaveCount(2);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(hits).toHaveText([/Tarnow is 90 metres/]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(hits).toHaveCount(2);
});

test('pages of a PDF are numbered as they are read, and gone to', async ({ page }) => {
  await page.goto('./#/documents');
  await add(page, fixture('report.pdf'));
  const number = page.getByRole('spinbutton', { name: 'Page' });
  await expect(number).toHaveValue('1');
  await number.fill('4');
  await number.press('Enter');
  await expect(page.locator('[data-page="4"]')).toBeInViewport();
  await page.evaluate(() => scrollTo(0, 0));
  await expect(number).toHaveValue('1');
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page.locator('[data-page="2"]')).toBeInViewport();
});

test('a text of six megabytes opens at a passage near its end, and only what is near is drawn', async ({ page }) => {
  await page.goto('./#/documents');
  const line = (i: number): string => `Line ${i} says that the river of town ${i % 97} is long and slow in the summer.`;
  await add(page, text('large.txt', Array.from({ length: 90_000 }, (_, i) => line(i)).join('\n')));
  await expect(page.getByRole('heading', { level: 2, name: 'large.txt' })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(line(0))).toBeVisible();
  await page.evaluate(() => (location.hash += '?at=5000000-5000030'));
  await expect(page.locator('mark')).toBeInViewport();
  expect(await page.locator('.text .line').count()).toBeLessThan(2000);
});

test('files dropped anywhere and texts pasted anywhere are taken; what waits can be called off', async ({ page }) => {
  await page.goto('./#/documents');
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(['Dropped words.'], 'dropped.txt'));
    return transfer;
  });
  await page.dispatchEvent('h1', 'drop', { dataTransfer: data });
  await expect(page.getByRole('heading', { level: 2, name: 'dropped.txt' })).toBeVisible();
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'Pasted words.');
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  });
  await expect(page.getByLabel('Text', { exact: true })).toHaveValue('Pasted words.');
  await page.getByRole('button', { name: 'Close', exact: true }).click();

  await add(page, [fixture('report.pdf'), fixture('printed.pdf'), fixture('columns.pdf'), fixture('mixed.pdf')]);
  await page.getByRole('button', { name: 'Cancel all' }).click();
  await expect(page.getByText('you cancelled it').first()).toBeVisible();
});

test('an embedder comes as a folder, makes the index stale, and can be removed and taken back', async ({
  page,
  request,
}, info) => {
  const files = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
  const { mkdir, writeFile } = await import('node:fs/promises');
  const folder = info.outputPath('copy-of-use-lite');
  await mkdir(`${folder}/onnx`, { recursive: true });
  for (const file of files)
    await writeFile(`${folder}/${file}`, await (await request.get(`models/use-lite/${file}`)).body());

  await demo(page);
  await primary(page).click();
  await expect(page.getByText(/^Indexed 6 documents/)).toBeVisible({ timeout: 90_000 });
  await page.getByText(/^Embedder ·/).click();
  await page.locator('input[type=file][webkitdirectory]').first().setInputFiles(folder);
  await expect(page.getByRole('radio', { name: /^copy-of-use-lite/ })).toBeChecked({ timeout: 30_000 });
  await expect(primary(page)).toHaveText('Index again: settings changed');
  await page.getByRole('button', { name: 'Remove “copy-of-use-lite” from this device' }).click();
  await expect(page.getByRole('radio', { name: /^Universal Sentence Encoder lite/ })).toBeChecked();
  await expect(primary(page)).toHaveText('Add documents');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('radio', { name: /^copy-of-use-lite/ })).toBeChecked();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`assistive tools find no serious fault in ${colorScheme}`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await demo(page);
    await listed(page).first().click();
    await set(page, /^Most sentences/, 3);
    await set(page, /^Overlap/, 24);
    await page.getByRole('searchbox', { name: 'Search in all documents' }).fill('Velmont');
    await page.locator('.search article a').first().click();
    await expect(page.locator('mark').first()).toBeVisible();
    for (const fold of await page.locator('.search .folds summary').all()) await fold.click();
    await page.getByRole('button', { name: 'Add documents' }).click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
    await context.close();
  });
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  test('one thing at a time: search and list, or the document, which leads back', async ({ page }) => {
    await demo(page);
    await page.getByRole('searchbox', { name: 'Search in all documents' }).fill('Velmont');
    await page.locator('.search article a').first().click();
    await expect(page.locator('mark').first()).toBeInViewport();
    await expect(page.getByRole('searchbox', { name: 'Search in all documents' })).toBeHidden();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.locator('a.back').click();
    await expect(page.locator('.search article').first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
