// Answers that can be checked, on the built site: words lead to where they stand; passages are pinned, left out, asked again.
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { answers, ask, finished, openDemo, startAsking, strangers } from './asking.ts';
import { staticHost } from './static-server.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const WHO = 'Who runs Velmont Energy?';
const passages = (page: Page): Locator => page.getByTestId('passage');

test('a question in other words finds its sentence; the words of the answer open the document where they stand', async ({
  browser,
}) => {
  const host = await staticHost(dist, '/atelier/');
  const context = await browser.newContext();
  const elsewhere = strangers(context, new URL(host.url).origin);
  try {
    const page = await context.newPage();
    await page.goto(host.url);
    await page.waitForFunction(() => crossOriginIsolated && navigator.serviceWorker.controller);
    await openDemo(page);
    const [answer] = await ask(page, WHO);
    expect(answer).toContain('Anna Roux');
    const source = passages(page).filter({ hasText: 'is led by Anna Roux' });
    await expect(source).toBeVisible();
    await expect(page.getByText('Found by words only')).toHaveCount(0);

    const cited = answers(page).getByRole('link', { name: 'Anna Roux' });
    const stands = source.getByRole('link', { name: 'Anna Roux' });
    await cited.hover();
    await expect(stands).toHaveClass(/\bon\b/);
    await page.getByLabel('Your question').hover();
    await expect(stands).not.toHaveClass(/\bon\b/);
    await stands.focus();
    await expect(cited).toHaveClass(/\bon\b/);
    await cited.focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/#\/documents\/[\w-]+\?at=\d+-\d+$/);
    await expect(page.locator('mark').filter({ hasText: 'Anna Roux' }).first()).toBeInViewport();

    await page.goBack();
    await page.reload();
    await expect(answers(page).getByRole('link', { name: 'Anna Roux' })).toBeVisible();
    expect(elsewhere).toEqual([]);
  } finally {
    await context.close();
    await host.close();
  }
});

test('a passage is pinned and one is left out: the next asking has the first and not the second, also after a reload', async ({
  page,
}) => {
  await page.goto('/');
  await openDemo(page);
  await ask(page, WHO);
  const [first = '', second = ''] = await passages(page).locator('.text').allInnerTexts();
  await passages(page).nth(0).getByRole('button', { name: 'Leave it out' }).click();
  await passages(page).nth(1).getByRole('button', { name: 'Pin' }).click();
  await page.getByRole('button', { name: 'Ask again with these passages' }).click();
  await expect(page.getByText('1 passage left out by you.')).toBeVisible();
  await finished(page);
  await expect(page.getByRole('heading', { name: WHO })).toBeVisible();
  await expect(passages(page)).toHaveCount(3);
  await expect(passages(page).first()).toContainText(second);
  await expect(passages(page).filter({ hasText: first })).toHaveCount(0);

  await page.reload();
  await expect(page.getByText('1 passage left out by you.')).toBeVisible();
  const pinned = page.getByRole('region', { name: 'Pinned' });
  await expect(pinned).toContainText(second);
  await ask(page, 'What is the capital of Narvonia?');
  await expect(passages(page).first()).toContainText(second);
  await page.getByRole('button', { name: 'Scores' }).click();
  await expect(passages(page).first()).toContainText('Kept by you, not looked for.');
  await expect(passages(page).last().locator('dt')).toHaveText(['meaning', 'words', 'together']);
  await pinned.getByRole('button', { name: /^Unpin/ }).click();
  await expect(pinned).toHaveCount(0);
});

test('the index is waited for, or not: then words alone find the passages, and the page says so', async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({ baseURL, serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/models/use-lite/onnx/**', async (route) => {
      await held;
      await route.continue().catch(() => undefined); // the page may be gone
    });
    await page.goto('/');
    await openDemo(page);
    await startAsking(page, WHO);
    await expect(page.getByText('Your texts are indexed once')).toBeVisible();
    await page.getByRole('button', { name: 'Answer by words only now' }).click();
    await finished(page);
    await expect(page.getByText('Found by words only')).toBeVisible();
    await page.reload();
    await expect(page.getByText('Found by words only')).toBeVisible();
    release();
    await ask(page, WHO);
    await expect(page.getByText('Found by words only')).toHaveCount(0);
  } finally {
    await context.close();
  }
});

test('answers with their passages can be read by everyone, and by a finger', async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    baseURL,
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  try {
    const page = await context.newPage();
    await page.goto('/');
    await openDemo(page);
    await ask(page, WHO);
    await passages(page).nth(1).getByRole('button', { name: 'Pin' }).tap();
    await page.getByRole('button', { name: 'Scores' }).tap();
    const cited = answers(page).getByRole('link').first();
    const address = page.url();
    await cited.tap();
    expect(page.url()).toBe(address); // lights up
    await expect(passages(page).locator('a.on').first()).toBeInViewport();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
    }
    await cited.tap();
    await expect(page).toHaveURL(/#\/documents\//);
  } finally {
    await context.close();
  }
});
