// Fine-tuning on the built site, on the software adapter: nano learns the demo's relation, and what a person sees of it.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

interface Logged {
  step: number;
  values: Record<string, number>;
}

/** A metric of all steps of the run, by step: an earlier step may be told later. */
const metrics = (page: Page, name: string): Promise<{ step: number; value: number }[]> =>
  page.evaluate(
    (wanted) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('atelier');
        opening.onerror = () => reject(new Error('no database'));
        opening.onsuccess = () => {
          const db = opening.result;
          const asked = db.transaction('runEvents').objectStore('runEvents').getAll();
          asked.onsuccess = () => {
            db.close();
            const all = asked.result as Partial<Logged>[];
            const found = all.flatMap(({ step = 0, values }) => {
              const value = values?.[wanted];
              return value === undefined ? [] : [{ step, value }];
            });
            resolve(found.sort((a, b) => a.step - b.step));
          };
        };
      }),
    name,
  );

test(
  'the demo’s rows are learned: rows in, tokens looked at, loss falls, paused and gone on, answers right, asked',
  {
    tag: '@slow',
  },
  async ({ page }) => {
    test.setTimeout(540_000);
    await page.goto('/');
    await page.getByRole('button', { name: 'Open the demo project' }).first().click();
    await expect(page).toHaveURL(/#\/ask$/);
    await page.goto('/#/fine-tune');
    await page.getByRole('button', { name: 'Use the demo’s rows' }).click();
    await expect(page.getByRole('button', { name: /^Start training \(200 rows\)$/ })).toBeVisible({ timeout: 60_000 });

    const row = page.locator('section.data li button[aria-expanded]').first();
    await row.click();
    const tokens = page.getByRole('region', { name: 'The row as the trainer reads it' });
    await expect(tokens.locator('.learned').first()).toBeVisible();
    const learned = (await tokens.locator('.learned').allInnerTexts()).join('');
    expect(learned).toContain('Niveau 5, rouge.');
    await row.click();

    await page.getByRole('radio', { name: /^Quick/ }).check();
    await page.getByRole('checkbox', { name: /^Count right answers/ }).check();
    await page.getByText('Advanced settings').click();
    for (const name of ['Test every', 'Answer every']) {
      const box = page.getByRole('spinbutton', { name });
      await box.fill('0'); // only before and after: tests take longer than steps here
      await box.blur();
    }
    await expect(page.getByText('Own settings: no preset')).toBeVisible();
    await page.getByRole('button', { name: /^Start training/ }).click();
    await page.getByRole('heading', { name: 'nano v2, run 1' }).getByRole('link').click();
    await expect(page).toHaveURL(/#\/runs\//);

    // Paused after some steps, its page reloaded, and gone on from the checkpoint.
    await expect(page.getByText(/^step [3-9] of 60$/)).toBeVisible({ timeout: 240_000 });
    await page.getByRole('button', { name: 'Pause' }).click();
    const resume = page.getByRole('button', { name: /^Resume from step \d+$/ });
    await expect(resume).toBeVisible({ timeout: 60_000 });
    await page.reload();
    const stopped = Number(/\d+/.exec((await resume.textContent()) ?? '')?.[0]);
    expect(stopped).toBeGreaterThan(0);
    await resume.click();
    await expect(page.getByRole('main').getByText('done', { exact: true }).first()).toBeVisible({ timeout: 400_000 });

    const loss = await metrics(page, 'test/loss');
    const exact = await metrics(page, 'test/exact_match');
    const steps = (await metrics(page, 'train/loss')).map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 60 }, (_, i) => i + 1)); // none twice, none left out
    expect(loss.at(-1)?.value).toBeLessThan(0.7 * (loss[0]?.value ?? 0));
    expect(exact[0]).toMatchObject({ step: 0 });
    expect(exact[0]?.value).toBeLessThanOrEqual(0.1);
    expect(exact.at(-1)?.value).toBeGreaterThanOrEqual(0.6);
    await expect(page.getByRole('img', { name: 'Loss' })).toBeVisible();

    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);

    await page.reload();
    await expect(page.getByText('step 60 of 60')).toBeVisible();
    await page.getByRole('button', { name: 'Ask with this adapter' }).click();
    await expect(page).toHaveURL(/#\/ask$/);
    await expect(page.getByLabel('Who answers')).not.toHaveValue('');
  },
);

test('the page for a class: one click and the loss falls; the same questions before and now; reset with a way back', async ({
  page,
}) => {
  test.setTimeout(540_000);
  await page.goto('/#/demo');
  const questions = page.getByTestId('question');
  await expect(questions).toHaveCount(4);
  await page.getByRole('button', { name: 'Teach it now' }).click();
  await expect(questions.first()).not.toContainText('Before not asked yet', { timeout: 120_000 });
  await expect(page.getByRole('img', { name: 'Loss' })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText(/^step (1[2-9]|[2-9]\d) of 60$/)).toBeVisible({ timeout: 240_000 });
  const losses = (await metrics(page, 'train/loss')).map(({ value }) => value);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(losses.length).toBeGreaterThanOrEqual(8);
  expect(mean(losses.slice(-3))).toBeLessThan(0.7 * mean(losses.slice(0, 3)));
  await page.getByRole('button', { name: 'Stop' }).last().click();
  await expect(page.getByRole('button', { name: 'Try it yourself in Ask' })).toBeVisible({ timeout: 120_000 });

  await page.getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('button', { name: 'Teach it now' })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Try it yourself in Ask' }).click();
  await expect(page).toHaveURL(/#\/ask$/);
  await expect(page.getByLabel('Who answers')).not.toHaveValue('');
  await expect(page.getByLabel('Your question')).not.toHaveValue('');
});
