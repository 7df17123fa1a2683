// A reward model on the built site, on the software adapter: preferences in, a few steps, its verdict, a text and the queue
// scored, and the queue in the order of what teaches most.
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { ITEM, openTasks } from './judging.ts';

/** Of the demo's preferences: as many as this adapter trains and tests on within a minute. */
const PAIRS = 60;
const FILE = 'datasets/dataset_rlhf.jsonl';

test.use({ serviceWorkers: 'block' }); // or the shortened file would not be served

interface Stored {
  responses: { score: number | null }[];
  question: string;
}
/** The rows of a store, as they lie in the database. */
const stored = <T>(page: Page, store: string): Promise<T[]> =>
  page.evaluate(
    (name) =>
      new Promise<T[]>((resolve, reject) => {
        const opening = indexedDB.open('atelier');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const db = opening.result;
          const asked = db.transaction(name).objectStore(name).getAll();
          asked.onsuccess = () => {
            db.close();
            resolve(asked.result as T[]);
          };
        };
      }),
    store,
  );

async function set(page: Page, name: string, value: string): Promise<void> {
  const box = page.getByRole('spinbutton', { name, exact: true });
  await box.fill(value);
  await box.blur();
}

test(
  'preferences → a reward model and its verdict → a text scored → the queue scored, most informative first',
  { tag: '@slow' },
  async ({ page }) => {
    test.setTimeout(300_000);
    const lines = (await readFile(FILE, 'utf8')).split('\n').slice(0, PAIRS);
    await page.route(`**/${FILE}`, (route) => route.fulfill({ body: lines.join('\n') }));
    await openTasks(page, 'Ana');
    await page.goto('/#/annotate/items');
    await page.getByText('Settings of this queue').click();
    await expect(page.getByText(/no comparison has any yet/)).toBeVisible();
    await page.getByRole('link', { name: 'Score them in Reward' }).click();
    await expect(page).toHaveURL(/#\/reward\?tab=score$/);

    await page.getByRole('button', { name: 'Use the demo’s preferences' }).click();
    await expect(page.getByText(/^\d+ pairs to train on, \d+ kept for the test\.$/)).toBeVisible({ timeout: 60_000 });
    await set(page, 'Steps', '6');
    await set(page, 'Batch', '4');
    await page.getByText('Advanced settings').click();
    await set(page, 'Test every', '0');
    await page.getByRole('button', { name: /^Train the reward model on \d+ pairs$/ }).click();
    await expect(page.getByRole('region', { name: 'Does it agree with people?' })).toBeVisible({ timeout: 240_000 });
    await expect(page.getByText(/^Agrees with people on \d+% of \d+ unseen pairs \(\d+–\d+\)$/)).toBeVisible();
    await expect(page.getByTestId('gate')).toHaveText(/^(Passed|Unproven|Length alone)/);
    const [quality] = await stored<{ pairs: unknown[]; trained: number }>(page, 'rewardQualities');
    expect((quality?.pairs.length ?? 0) + (quality?.trained ?? 0)).toBe(PAIRS);

    const { prompt, chosen, rejected } = JSON.parse(lines[0] ?? '') as Record<string, string>;
    await page.getByLabel('Question, with its passages where it has some').fill(prompt ?? '');
    await page.getByLabel('Answer', { exact: true }).fill(chosen ?? '');
    await page.getByLabel('Another answer (optional)').fill(rejected ?? '');
    await page.getByRole('button', { name: 'Score', exact: true }).click();
    await expect(page.getByTestId('score')).toHaveCount(2, { timeout: 60_000 });
    await expect(page.getByTestId('score').first()).toHaveText(/Score -?\d+\.\d\d .*standard deviations/);

    await page.getByRole('button', { name: 'Score 40 comparisons' }).click();
    await expect(page.getByTestId('scored-by')).toHaveText(/^All comparisons were scored by “.*reward model 1”/, {
      timeout: 240_000,
    });
    const scored = await stored<Stored>(page, 'comparisons');
    const scores = scored.flatMap(({ responses }) => responses.map(({ score }) => score));
    expect(scores.every((score) => typeof score === 'number')).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(10); // it tells answers apart

    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);

    await page.getByRole('button', { name: 'Judge the most informative first' }).click();
    await expect(page).toHaveURL(ITEM);
    await page.goto('/#/annotate/items');
    const gap = ({ responses }: Stored): number => {
      const [best = 0, second = 0] = responses.map(({ score }) => score ?? 0).sort((a, b) => b - a);
      return best - second;
    };
    const [first] = [...scored].sort((a, b) => gap(a) - gap(b));
    await expect(page.getByRole('main').getByRole('listitem').first()).toContainText(first?.question ?? 'none');
  },
);
