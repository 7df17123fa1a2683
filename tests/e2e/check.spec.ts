// The device page on the software adapter: every kernel right, a report that can be pasted, a device that comes back.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

test('every kernel is right on this adapter, and the report says so', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/#/check');
  await page.getByRole('button', { name: 'Check this device' }).click();
  const verdict = page.getByTestId('verdict');
  await expect(verdict).toBeVisible({ timeout: 100_000 });
  await expect(verdict).toHaveText(/^All \d+ kernels compute right on this device\.$/);

  const rows = page.getByRole('region', { name: 'Numbers' }).getByRole('row');
  const kernels = Number((await verdict.innerText()).match(/\d+/)?.[0]);
  await expect(rows).toHaveCount(kernels + 1);
  await expect(page.getByRole('region', { name: 'Speed' })).toContainText('tokens/s');

  await page.getByRole('button', { name: 'Copy the report' }).click();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain(`- Kernels: all ${kernels} right`);
  for (const part of ['Browser', 'Adapter', 'Limits', 'Features', 'Numerics gate', 'Bench'])
    expect(report).toContain(`## ${part}`);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as JSON' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('atelier-device.json');

  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
});

test('the device comes back after it was lost on purpose', async ({ page }) => {
  await page.goto('/#/check');
  await page.getByRole('button', { name: 'Lose the device on purpose' }).click();
  await expect(page.getByTestId('back')).toHaveText(/^Lost and back after [\d.]+ s\./, { timeout: 60_000 });
});
