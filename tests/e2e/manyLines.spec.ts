// A hundred thousand lines of feedback on the built site: read, merged and taken away while the page stays alive.
import { writeFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { savedFile } from './judging.ts';
import { merge, number, show, step } from './merging.ts';

test.use({ trace: 'off' }); // a trace copies the whole page after every step, on the thread that is measured

const PAIRS = 49_950; // judged by two people; then 90 lines once more, and 10 that are broken
const line = (i: number): string => {
  const pair = Math.floor(i / 2);
  const kind = i % 2 === 0 && pair % 10 !== 7 ? 0 : pair % 10;
  const verdict = kind === 7 ? 'bad' : kind === 5 ? 'tie' : 'better';
  return JSON.stringify({
    id: `${pair}/0/${i % 2 ? 'Ben' : 'Ann'}`,
    prompt: `Who leads project ${pair}?\n\nContext:\n[1] Project ${pair} is led by Anna Roux.`,
    responses: [`Anna Roux leads project ${pair} [1].`, 'Nobody.'],
    status: 'judged',
    verdict,
    ranks: verdict !== 'better' ? [1, 1] : kind === 3 ? [2, 1] : [1, 2],
    annotator: i % 2 ? 'Ben' : 'Ann',
    shown: i % 4 < 2 ? [0, 1] : [1, 0],
    timestamp: new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString().slice(0, 19),
  });
};

test('a hundred thousand lines come in, merge and leave with exact counts while the page stays alive: no task over 200 ms', async ({
  page,
}) => {
  test.setTimeout(180_000);
  const lines = Array.from({ length: 2 * PAIRS }, (_, i) => line(i));
  const path = test.info().outputPath('feedback.jsonl');
  const broken = Array.from({ length: 10 }, (_, i) => `{"prompt": ${i}`);
  await writeFile(path, [...lines, ...lines.slice(0, 90), ...broken].join('\n'));
  await page.goto('/#/preferences');
  await page.getByRole('button', { name: 'Use the demo’s feedback' }).waitFor();
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask'],
    });
  });
  await page.locator('input[type=file]').first().setInputFiles(path);
  await expect(step(page, 'Judgements read from all sources')).toContainText('99,990', { timeout: 60_000 });
  const bad = 2 * (PAIRS / 10);
  await expect(step(page, 'Valid')).toContainText(number(2 * PAIRS - bad));
  await expect(page.getByText('10 lines could not be read')).toBeVisible();
  await expect(page.getByRole('button', { name: '−90 duplicates: show them' })).toBeVisible();
  await expect(page.getByRole('button', { name: `−${number(PAIRS / 10)} in conflict: show them` })).toBeVisible();
  const preferences = PAIRS - PAIRS / 10 - PAIRS / 10;
  await expect(step(page, 'Preferences')).toContainText(number(preferences));
  await merge(page, 2 * PAIRS - bad);
  await show(page, /^Rows/);
  const list = page.getByRole('region', { name: 'Preferences' });
  await expect(list.getByText(`1–20 of ${number(preferences)}`)).toBeVisible({ timeout: 30_000 });
  await list.getByRole('searchbox').fill('project 49949');
  await expect(list.getByText('1–1 of 1')).toBeVisible({ timeout: 30_000 });
  await show(page, /^Take away/);
  const download = page.getByRole('button', { name: 'Download dataset_rlhf.jsonl' });
  const { text } = await savedFile(page, () => download.click());
  const rows = text.trimEnd().split('\n');
  expect(rows).toHaveLength(preferences);
  expect(JSON.parse(rows[0] ?? '')).toMatchObject({
    chosen: 'Anna Roux leads project 0 [1].',
    annotators: ['Ann', 'Ben'],
  });
  expect(new Set(rows.map((row) => (JSON.parse(row) as { prompt: string }).prompt)).size).toBe(preferences);
  const longestTask = () => page.evaluate(() => Math.max(0, ...(globalThis as unknown as { seen: number[] }).seen));
  const longest = await longestTask();
  test.info().annotations.push({ type: 'longest task', description: `${Math.round(longest)} ms` });
  expect(longest).toBeLessThanOrEqual(200);
  // And it would have been seen: in a task of the page, since what the driver itself evaluates is none.
  await page.evaluate(() => {
    setTimeout(() => {
      const end = performance.now() + 250;
      while (performance.now() < end);
    });
  });
  await expect.poll(longestTask).toBeGreaterThan(200);
});
