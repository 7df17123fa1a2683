// Two thousand pages on the built site: the page stays alive while they are read, drawn and cut.
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { factOf, makePdf } from '../retrieval/read/manyPages.ts';
import { add, listed } from './adding.ts';

test.use({ trace: 'off' }); // a trace copies the whole page after every step, on the thread that is measured

/** On the disk, as a person has it: bytes that are handed over would be decoded on the page. */
async function pdf(name: string, pages: number): Promise<string> {
  const path = test.info().outputPath(name);
  await writeFile(path, makePdf(pages));
  return path;
}

test('two thousand pages come in while the page stays alive: no task over 200 ms, and one can be cancelled', async ({
  page,
}) => {
  test.setTimeout(240_000);
  const book = await pdf('book.pdf', 2000);
  const other = await pdf('other.pdf', 1990);
  await page.goto('/#/documents');
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask'],
    });
  });
  await add(page, [other, book]);
  await page.getByRole('button', { name: 'Do not add “other.pdf”' }).click();
  await expect(page.getByText('“other.pdf” was not added: you cancelled it.')).toBeVisible();
  await expect(page.getByText(/^page [\d,]+ of 2,000/)).toBeVisible();
  await expect(listed(page)).toHaveText([/book\.pdf/], { timeout: 180_000 });
  await listed(page).first().click();
  await expect(page.getByText(factOf(1))).toBeVisible();
  await expect(page.locator('.text .odd').first()).toBeVisible({ timeout: 30_000 }); // its chunks are cut and drawn
  const longest = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { seen: number[] }).seen));
  test.info().annotations.push({ type: 'longest task', description: `${Math.round(longest)} ms` });
  expect(longest).toBeLessThanOrEqual(200);
});
