// What the tests of merging do again and again.
import { expect, type Page } from '@playwright/test';

export const number = (x: number): string => x.toLocaleString('en');
export const step = (page: Page, label: string) =>
  page.getByRole('region', { name: 'From judgements to preferences' }).getByRole('listitem').filter({ hasText: label });

export async function merge(page: Page, valid: number): Promise<void> {
  await page.getByRole('button', { name: `Merge ${number(valid)} judgements` }).click();
  await expect(page.getByText(/^[\d,]+ preferences stored\.$/).first()).toBeVisible({ timeout: 60_000 });
}

export async function show(page: Page, tab: RegExp): Promise<void> {
  await page.getByRole('tab', { name: tab }).click();
}
