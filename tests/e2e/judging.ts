// What the tests of judging do again and again.
import { readFile } from 'node:fs/promises';
import { expect, type Page } from '@playwright/test';

/** A line of feedback.jsonl, as far as tests look at it. */
export interface Line {
  id: string;
  prompt: string;
  responses: string[];
  status: string;
  verdict: string | null;
  ranks: number[] | null;
  strength: number | null;
  annotator_comment: string;
  tags: string[];
  edit: { response: number; text: string } | null;
  flagged: boolean;
  annotator: string;
  shown: number[];
  lead_time: number;
  timestamp: string;
}

export const ITEM = /#\/annotate\/[0-9a-f-]+(\?round=1)?$/;

/** The demo's forty tasks, by a link that a host gives out, and a name to judge under. */
export async function openTasks(page: Page, name: string): Promise<void> {
  await page.goto('/#/annotate?tasks=datasets/tasks.jsonl');
  await expect(page).toHaveURL(ITEM);
  const field = page.getByLabel('Your name, as it should stand beside your judgements');
  await field.fill(name);
  await field.press('Enter');
  await expect(field).toBeHidden();
}

export const judged = async (page: Page): Promise<number> =>
  Number(await page.getByRole('progressbar', { name: 'Judged so far' }).getAttribute('aria-valuenow'));

export const said = (page: Page, sentence: string) => expect(page.getByText(sentence, { exact: true })).toBeAttached();

/** Says it and waits until it is stored and the next one is there. */
export async function press(page: Page, key: string, sentence: string): Promise<void> {
  await page.keyboard.press(key);
  await said(page, sentence);
}

export async function savedFile(page: Page, start: () => Promise<unknown>): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), start()]);
  return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
}

export async function sentBack(page: Page): Promise<Line[]> {
  await page.goto('/#/annotate/items');
  const section = page.getByRole('region', { name: 'Send back' });
  const { name, text } = await savedFile(page, () => section.getByRole('button', { name: 'Download' }).click());
  expect(name).toMatch(/^feedback.*\.jsonl$/);
  return linesOf(text);
}

export const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** Which answer was said to be better, by where it stood. */
export function side({ verdict, ranks, shown }: Line): string | null {
  if (verdict !== 'better') return verdict;
  return ranks?.[shown[0] ?? 0] === 1 ? 'left' : 'right';
}
