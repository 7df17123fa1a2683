// Merging on the built site: the demo's feedback from the funnel to every file.
import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { mergeFeedback } from '../../src/curation/merge.ts';
import { readItems } from '../../src/formats/judgements.ts';
import { CONFLICTS, DEFAULT_POLICY, type MergePolicy } from '../../src/records/preference.ts';
import { savedFile } from './judging.ts';
import { merge, number, show, step } from './merging.ts';

const FEEDBACK = 'datasets/feedback.jsonl';

/** What Node makes of the demo's feedback; the unit tests say that it is right. */
async function expected(policy: Partial<MergePolicy> = {}) {
  const { items } = await readItems(new Blob([await readFile(FEEDBACK)]).stream(), { name: 'feedback.jsonl' });
  const judgements = items.flatMap((item) => item.judgements);
  const source = { fileId: 'f', name: 'feedback.jsonl', format: 'atelier' as const, judgements, invalid: [] };
  return mergeFeedback([source], { ...DEFAULT_POLICY, ...policy });
}

async function useDemo(page: Page): Promise<void> {
  await page.goto('/#/preferences');
  await page.getByRole('button', { name: 'Use the demo’s feedback' }).click();
  await expect(step(page, 'Judgements read from all sources')).toContainText('120');
}

test('the funnel shows what merging would do, and another policy redraws it at once', async ({ page }) => {
  await useDemo(page);
  const { funnel } = await expected();
  await expect(step(page, 'Valid')).toContainText(number(funnel.valid));
  await expect(step(page, 'Pairs of answers')).toContainText(number(funnel.pairs));
  await expect(step(page, 'Preferences')).toContainText(number(funnel.preferences));
  const skipped = page.getByRole('button', { name: '−4 skipped: show them' });
  await skipped.click();
  // each with a list of its two answers
  const lost = page.getByRole('group', { name: 'Lost: skipped' }).getByRole('listitem');
  await expect(lost.filter({ has: page.getByRole('list') })).toHaveCount(4);
  await skipped.click();
  const names = { majority: 'Majority', weighted: 'Weighted', latest: 'Latest', drop: 'Drop conflicts' };
  const seen = new Set<number>();
  for (const conflicts of CONFLICTS) {
    const { funnel: other } = await expected({ conflicts });
    await page.getByRole('radio', { name: names[conflicts] }).check();
    await expect(step(page, 'Preferences')).toContainText(number(other.preferences));
    seen.add(other.preferences);
  }
  expect(seen.size).toBeGreaterThan(1); // they do differ on the demo
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Drop conflicts' })).toBeChecked();
  await expect(page.getByText(/Never merged so far/)).toBeVisible(); // nothing was stored by looking
});

test('merged rows are excluded and rewritten by hand, and a new merge leaves that as it is', async ({ page }) => {
  const { funnel, preferences } = await expected();
  await useDemo(page);
  await merge(page, funnel.valid);
  await show(page, /^Rows/);
  const list = page.getByRole('region', { name: 'Preferences' });
  await expect(list.getByText(`1–20 of ${preferences.length}`)).toBeVisible();
  const row = (n: number) => list.getByRole('listitem').filter({ hasText: preferences[n]?.question ?? '' });
  await row(0).getByRole('button', { expanded: false }).click();
  await row(0).getByRole('button', { name: 'Exclude' }).click();
  await expect(row(0).getByText('excluded', { exact: true })).toBeVisible();
  await row(1).getByRole('button', { expanded: false }).first().click();
  await row(1).getByRole('button', { name: 'Edit' }).click();
  await row(1).getByLabel('Chosen').fill('By hand.');
  await row(1).getByRole('button', { name: 'Save' }).click();
  await expect(row(1).getByText('changed', { exact: true })).toBeVisible();

  await show(page, /^Merge/);
  await page.getByRole('radio', { name: 'Weighted' }).check();
  await expect(page.getByText(/Merging now|Merging now changes nothing/)).toBeVisible();
  await merge(page, funnel.valid);
  await page.reload();
  await show(page, /^Take away/);
  const download = page.getByRole('button', { name: 'Download dataset_rlhf.jsonl' });
  const { name, text } = await savedFile(page, () => download.click());
  expect(name).toBe('dataset_rlhf.jsonl');
  const rows = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
  const weighted = (await expected({ conflicts: 'weighted' })).preferences;
  expect(rows).toHaveLength(weighted.length - 1);
  expect(rows.filter((line) => line.id === preferences[0]?.id)).toEqual([]);
  expect(rows.find((line) => line.id === preferences[1]?.id)).toMatchObject({ chosen: 'By hand.', changed: true });
});

test('every file leaves with the first row that it should have', async ({ page }) => {
  const { funnel, preferences } = await expected();
  await useDemo(page);
  await merge(page, funnel.valid);
  await show(page, /^Take away/);
  const [first] = preferences;
  if (!first) throw new Error('the demo must make preferences, got none. Look at datasets/feedback.jsonl.');
  const { prompt, chosen, rejected } = first;
  const get = (label: string) =>
    savedFile(page, () => page.getByRole('button', { name: `Download ${label}`, exact: true }).click());
  const firstOf = async (label: string) => JSON.parse((await get(label)).text.split('\n')[0] ?? '') as unknown;
  const rlhf = (await firstOf('dataset_rlhf.jsonl')) as Record<string, unknown>;
  expect(Object.keys(rlhf).slice(0, 5)).toEqual(['prompt', 'chosen', 'rejected', 'annotator_comment', 'timestamp']);
  expect(rlhf).toMatchObject({ prompt, chosen, rejected, timestamp: first.timestamp, feedback_ids: first.feedbackIds });
  expect(await firstOf('TRL, conversational')).toMatchObject({
    prompt: [{ role: 'user', content: prompt }],
    chosen: [{ role: 'assistant', content: chosen }],
    rejected: [{ role: 'assistant', content: rejected }],
  });
  expect(await firstOf('TRL, KTO')).toEqual({ prompt, completion: chosen, label: true });
  expect(await firstOf('Rewritten answers')).toMatchObject({
    completion: expect.stringMatching(/\[\d\]\.$/),
  });
  expect((await get('CSV')).text).toMatch(/^prompt,chosen,rejected,annotator_comment,timestamp,/);
  expect((await get('Parquet')).text.slice(0, 4)).toBe('PAR1');
  expect((await get('train.jsonl and test.jsonl')).text.slice(0, 2)).toBe('PK');
  expect((await get('Argilla')).text.slice(0, 2)).toBe('PK');
  const tasks = JSON.parse((await get('Label Studio')).text) as unknown[];
  expect(tasks.length).toBeGreaterThan(0);
  expect((await get('Dataset card')).text).toMatch(/^---\n[\s\S]*\n---\n/);
});
