// The second lesson for a class on the built site: PPO is begun by one click, steps, is paused, and is reset with a way back.
import { expect, test } from '@playwright/test';

test(
  'one click and the model practises: reward and KL from the first steps, paused, reset, taken back',
  { tag: '@slow' },
  async ({ page }) => {
    test.setTimeout(300_000);
    await page.goto('/#/demo');
    await page.getByRole('button', { name: 'Prefer full sentences (PPO)' }).click();
    await expect(page).toHaveURL(/#\/demo\?lesson=ppo$/);
    await expect(page.getByTestId('question')).toHaveCount(4);
    await expect(page.getByText(/^step ([2-9]|1\d) of \d+$/)).toBeVisible({ timeout: 240_000 });
    await expect(page.getByRole('img', { name: 'Reward', exact: true })).toBeVisible();
    await expect(page.getByRole('img', { name: /^KL/ })).toBeVisible();
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByRole('button', { name: /^Resume from step/ })).toBeVisible({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect(page.getByRole('button', { name: 'Prefer full sentences (PPO)' })).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('button', { name: /^Resume from step/ })).toBeVisible();
  },
);
