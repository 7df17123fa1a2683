// Documents of a page of the built site: added by the picker, listed, indexed.
import { fileURLToPath } from 'node:url';
import { expect, type Locator, type Page } from '@playwright/test';

/** A file of the readers' tests. */
export const fixture = (name: string): string =>
  fileURLToPath(new URL(`../retrieval/read/files/${name}`, import.meta.url));

export const listed = (page: Page): Locator =>
  page.getByRole('navigation', { name: 'Documents of this project' }).getByRole('link');

/** Adds files by the picker of the Documents page; what is there already stays. */
export async function add(page: Page, files: Parameters<Locator['setInputFiles']>[0]): Promise<void> {
  await page.getByRole('button', { name: /^Add (your first )?documents$/ }).click();
  await page.locator('input[type=file]:not([webkitdirectory])').first().setInputFiles(files);
}

/** The primary action of a project that is not indexed. */
export async function index(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Index \d/ }).click();
  await expect(page.getByText(/^Indexed \d+ document/)).toBeVisible({ timeout: 90_000 });
}
