// No page of the product has a fault that assistive tools can find, in light and in dark, empty and with the demo in it.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { openTasks, press } from './judging.ts';

const PAGES = [
  ...['', 'documents', 'ask', 'fine-tune', 'annotate', 'preferences', 'reward', 'align', 'evaluate', 'monitor'],
  ...['runs/none', 'demo', 'models', 'project', 'settings', 'check', 'nowhere'],
];
const FULL = [
  ...['annotate/items', 'annotate/add', 'annotate/none', 'preferences'],
  ...['preferences?tab=merge&loss=bad', 'preferences?tab=rows', 'preferences?tab=leave'],
];

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe finds nothing on any page in ${colorScheme}`, async ({ browser, baseURL }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce', baseURL });
    const page = await context.newPage();
    const faults: string[] = [];
    const look = async (where: string): Promise<void> => {
      const axe = new AxeBuilder({ page });
      // Only colours differ between the two: the rest is looked at once.
      const { violations } = await (colorScheme === 'dark' ? axe.withRules(['color-contrast']) : axe).analyze();
      for (const { id, nodes } of violations) faults.push(`${where}: ${id} ${nodes[0]?.html.slice(0, 200)}`);
    };
    const visit = async (name: string): Promise<void> => {
      await page.goto(`/#/${name}`);
      await settled(page);
      await look(`#/${name}`);
    };
    for (const name of PAGES) await visit(name);

    await openTasks(page, 'Ann');
    await look('a comparison');
    await press(page, 'ArrowLeft', 'Left is better. 1 of 40.');
    await press(page, 'ArrowRight', 'Right is better. 2 of 40.');
    await press(page, 'ArrowUp', 'Both bad. 3 of 40.');
    await page.keyboard.press('e');
    await look('an answer that is edited');
    await page.keyboard.press('Escape');
    await page.keyboard.press('p');
    await settled(page);
    await look('a comparison that was judged');
    await page.goto('/#/preferences');
    await page.getByRole('button', { name: 'Merge 2 judgements' }).click();
    await page.getByText(/preferences stored\.$/).first().waitFor(); // prettier-ignore
    for (const name of FULL) await visit(name);
    await page.getByRole('button', { name: /^Project: / }).click();
    await look('the project menu');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await look('the palette');
    expect(faults).toEqual([]);
  });

/** What is shown is no longer loading. */
async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor({ timeout: 15_000 });
  await page.evaluate(() => new Promise((done) => setTimeout(done, 250)));
}

test('a comparison on a phone has no fault either', async ({ browser, baseURL }) => {
  const viewport = { width: 390, height: 844 };
  const context = await browser.newContext({ viewport, hasTouch: true, isMobile: true, baseURL });
  const page = await context.newPage();
  await openTasks(page, 'Ann');
  await press(page, 'ArrowLeft', 'Left is better. 1 of 40.');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
});

test('messages, of an error too, are a list without fault that is read aloud', async ({ page }) => {
  await page.goto('/');
  const text = 'Disk: must have room, got none.';
  await page.evaluate((said) => setTimeout(() => Promise.reject(new Error(said))), text);
  await expect(page.getByRole('alert')).toContainText(text);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)).toEqual([]);
});
