// What the tests of Ask do again and again.
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

export const answers = (page: Page): Locator => page.getByTestId('answer');

export async function openDemo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open the demo project' }).first().click();
  await expect(page).toHaveURL(/#\/ask$/);
  await expect(page.getByLabel('Your question')).toBeVisible();
}

/** Keeps a pasted text as a document; on an empty page this makes a project, too. */
export async function paste(page: Page, text: string): Promise<void> {
  await page.getByPlaceholder('Paste a text here…').fill(text);
  await page.getByRole('button', { name: 'Keep this text' }).click();
  await expect(page.getByLabel('Your question')).toBeVisible();
}

/** Asks and waits until every answer is kept. */
export async function ask(page: Page, question: string): Promise<string[]> {
  await startAsking(page, question);
  return finished(page);
}

export async function startAsking(page: Page, question: string): Promise<void> {
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
  await expect(page).toHaveURL(/#\/ask\/[\w-]+$/);
  await expect(page.getByRole('heading', { name: question })).toBeVisible();
}

/** Looks at every frame: an answer of some seconds leaves no time for a leisurely poll. */
export async function firstWords(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    /\S+ \S+/.test(document.querySelector('article[aria-busy=true] [data-testid=answer]')?.textContent ?? ''),
  );
}

/** Nothing is under way any more: what there is, is kept. */
export async function finished(page: Page): Promise<string[]> {
  await expect(page.locator('article[aria-busy=false]')).toBeVisible({ timeout: 60_000 });
  await expect(answers(page).first()).toBeVisible();
  return answers(page).allInnerTexts();
}

/** Settings by their labels; numbers outside their range would be moved into it. */
export async function set(page: Page, settings: Record<string, number>): Promise<void> {
  await page.getByText('Settings', { exact: true }).last().click();
  for (const [name, value] of Object.entries(settings)) {
    const box = page.getByRole('spinbutton', { name, exact: true });
    await box.fill(String(value));
    await box.blur();
    await expect(box).toHaveValue(String(value));
  }
}

/** Collects every request of pages, workers and the service worker that leaves `origin`. */
export function strangers(context: BrowserContext, origin: string): string[] {
  const found: string[] = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (/^https?:$/.test(url.protocol) && url.origin !== origin) found.push(request.url());
  });
  return found;
}
