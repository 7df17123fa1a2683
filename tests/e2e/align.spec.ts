// Alignment on the built site, on the software adapter: nano practises on the demo's prompts for two rules, paused and gone on.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

async function set(page: Page, name: string, value: string): Promise<void> {
  const box = page.getByRole('spinbutton', { name, exact: true });
  await box.fill(value);
  await box.blur();
}

async function faults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' ')}`);
}

test(
  'prompts in, two rules tried, reward and KL from the first step, paused, reloaded, gone on, asked with what it left',
  { tag: '@slow' },
  async ({ page }) => {
    test.setTimeout(420_000);
    await page.goto('/');
    await page.getByRole('button', { name: 'Open the demo project' }).first().click();
    await expect(page).toHaveURL(/#\/ask$/);
    await page.goto('/#/align');
    await expect(page.getByRole('link', { name: 'Add prompts to practise on' })).toBeVisible();
    await page.getByRole('button', { name: 'Use the demo’s prompts' }).click();
    await expect(page.getByText('240 prompts, 240 with a known answer')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('button', { name: 'Choose a reward model or add a rule' })).toBeVisible();

    const rules = page.getByRole('group', { name: 'Add a rule' });
    await rules.getByRole('button', { name: 'Whole sentence' }).click();
    await rules.getByRole('button', { name: 'Contains' }).click();
    await page.getByRole('button', { name: 'Finish rule 2 first' }).click();
    await page.keyboard.type('['); // where the button leads
    await page.getByLabel('Answer to try').fill('He returned the black knife [1].');
    await expect(page.getByText('Total 2.00')).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Remove the rule “Contains”' }).click();
    await rules.getByRole('button', { name: 'Right answer' }).click();
    await page.getByLabel('Answer to try').fill('no sentence');
    await expect(page.getByText('Total 0.00')).toBeVisible({ timeout: 60_000 });

    await page.getByText('Advanced settings').click();
    for (const [name, value] of [
      ['Steps', '3'],
      ['Answers of a step', '4'],
      ['Longest answer', '8'],
      ['Passes over a step', '1'],
      ['Fixed prompts', '2'],
      ['Look every', '0'],
      ['Save every', '1'],
    ] as const)
      await set(page, name, value);
    expect(await faults(page)).toEqual([]);
    await page.reload(); // half-made settings survive
    await expect(page.getByRole('spinbutton', { name: 'Answers of a step' })).toHaveValue('4');
    await page.getByRole('button', { name: 'Align with 240 prompts' }).click();

    const runs = page.getByRole('region', { name: 'Runs' });
    await expect(runs.getByRole('img', { name: 'Reward' })).toBeVisible({ timeout: 300_000 });
    await expect(runs.getByRole('img', { name: /^KL/ })).toBeVisible();
    await runs.getByRole('button', { name: 'Pause' }).click();
    const resume = page.getByRole('button', { name: /^Resume from step \d$/ });
    await expect(resume).toBeVisible({ timeout: 120_000 });
    await page.reload();
    await expect(runs.getByRole('img', { name: 'Reward' })).toBeVisible();
    await resume.click();
    await expect(runs.getByText('step 3 of 3')).toBeVisible({ timeout: 300_000 });
    await runs.getByRole('button', { name: 'Ask with it' }).click({ timeout: 60_000 });
    await expect(page).toHaveURL(/#\/ask$/);
    await expect(page.getByLabel('Who answers')).not.toHaveValue('');
  },
);

test('prompts are searched, removed with a way back, and fit a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto('/#/align');
  await page.getByRole('button', { name: 'Use the demo’s prompts' }).click();
  const count = page.getByText(/^\d+ prompts?, \d+ with a known answer$/);
  await expect(count).toContainText('240 prompts', { timeout: 60_000 });
  await page.getByLabel('Search the prompts').fill('houston farms return');
  await expect(page.getByText('1 of 240')).toBeVisible();
  await page.getByRole('button', { name: 'Remove “Which thing did Houston Farms return?”' }).click();
  await expect(count).toContainText('239 prompts');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(count).toContainText('240 prompts');
  for (const tab of ['prompts', 'settings', 'runs']) {
    await page.goto(`/#/align?tab=${tab}`);
    await page.locator('main h1').waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }
});
