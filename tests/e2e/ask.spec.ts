// Asking on the built site, on the software adapter: the proof of the first light, and what must not go wrong on the way.
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { chromium, expect, test } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.mjs';
import { answers, ask, finished, firstWords, openDemo, paste, set, startAsking, strangers } from './asking.ts';
import { staticHost } from './static-server.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
/** Asked about these, the model counts in circles until it is cut: long enough to stop it, or to lose the device. */
const NUMBERS = `${Array.from({ length: 40 }, (_, i) => i + 1).join(' ')}.`;
const COUNT = 'Copy the text.';
const DROUGHT = 'Why did Velmont Energy lose money?';

test('the journey: ask, lose the server, reload, ask and read, reload, find it; nothing leaves the site', async ({
  browser,
}) => {
  const host = await staticHost(dist, '/atelier/');
  const context = await browser.newContext();
  const elsewhere = strangers(context, new URL(host.url).origin);
  try {
    const page = await context.newPage();
    await page.goto(host.url);
    await page.waitForFunction(() => crossOriginIsolated && navigator.serviceWorker.controller);
    await openDemo(page);
    expect(await ask(page, DROUGHT)).toEqual([expect.stringContaining('drought')]);
    await expect(page.getByTestId('passage').getByRole('link', { name: 'drought' })).toBeVisible();

    await host.close();
    await page.reload();
    const [answer] = await ask(page, 'What is the capital of Narvonia?');
    expect(answer?.trim()).not.toBe('');
    await expect(page.getByTestId('passage').first()).toContainText('Narvonia');
    await page.getByText('Show the prompt').click();
    await expect(page.getByRole('region', { name: 'The prompt, token by token' })).toContainText(
      'What is the capital of Narvonia?',
    );

    await page.reload();
    await expect(answers(page)).toHaveText([answer ?? '']);
    await page.goto(`${host.url}#/ask`);
    await page.getByRole('link', { name: DROUGHT }).click();
    await expect(answers(page)).toContainText('drought');
    expect(elsewhere).toEqual([]);
  } finally {
    await context.close();
    await host.close().catch(() => undefined); // closed above, unless the test failed before
  }
});

test('the device destroyed in the middle of an answer: it comes back, says so, and the words are the same', async ({
  page,
}) => {
  await page.goto('/#/check'); // its code is here before it is needed in a hurry
  await expect(page.getByRole('button', { name: 'Lose the device on purpose' })).toBeVisible();
  await page.goto('/#/ask');
  await paste(page, NUMBERS);
  await set(page, { 'Longest answer': 256 });
  const [undisturbed] = await ask(page, COUNT);
  await expect(page.getByText('cut at its longest length')).toBeVisible();

  await startAsking(page, COUNT);
  await firstWords(page);
  const address = page.url();
  await page.evaluate(() => (location.hash = '#/check'));
  await page.getByRole('button', { name: 'Lose the device on purpose' }).click();
  await expect(page.getByTestId('back')).toBeVisible({ timeout: 60_000 });
  await page.goto(address);
  const [disturbed] = await finished(page);
  await expect(page.getByText('The GPU was reset while this was answered')).toBeVisible();
  expect(disturbed).toBe(undisturbed);
});

test('a stopped answer is kept as far as it came', async ({ page }) => {
  await page.goto('/#/ask');
  await paste(page, NUMBERS);
  await set(page, { 'Longest answer': 256 });
  const [whole = ''] = await ask(page, COUNT);
  await startAsking(page, COUNT);
  await firstWords(page);
  await page.keyboard.press('Escape');
  const [part = ''] = await finished(page);
  await expect(page.getByText('stopped by you')).toBeVisible();
  expect(part.length).toBeGreaterThan(0);
  expect(part.length).toBeLessThan(whole.length);
  expect(whole.startsWith(part.trimEnd())).toBe(true);
  await page.reload();
  await expect(answers(page)).toHaveText([part]);
});

test('two answers differ in their words, a further one joins them, all are kept and can be deleted and taken back', async ({
  page,
}) => {
  await page.goto('/');
  await openDemo(page);
  await set(page, { Temperature: 2, 'Longest answer': 24 });
  await page.getByLabel('Two answers').check();
  const two = await ask(page, DROUGHT);
  expect(new Set(two).size).toBe(2);
  await page.getByRole('button', { name: 'Another answer' }).click();
  await expect(answers(page)).toHaveCount(3);
  const three = await finished(page);
  expect(three.slice(0, 2)).toEqual(two);
  await page.reload();
  await expect(answers(page)).toHaveText(three);

  await page.getByRole('button', { name: `Delete “${DROUGHT}” and its answers` }).click();
  await expect(answers(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(answers(page)).toHaveText(three);
});

test('a pasted text is asked and kept; a wrong file, a long question and half-typed words are handled in words', async ({
  page,
}) => {
  await page.goto('/#/ask');
  await page.locator('input[type=file]').setInputFiles({
    name: 'report.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.7'),
  });
  await expect(page.getByText('“report.pdf” is damaged.')).toBeVisible();
  await paste(page, 'Ostrel was founded in 1931. Ostrel is led by Ida Munk.');
  await page.getByLabel('Your question').fill('Who leads Ostrel?');
  await page.reload();
  await expect(page.getByLabel('Your question')).toHaveValue('Who leads Ostrel?');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await finished(page);
  const passages = page.getByTestId('passage').locator('.text');
  await expect(passages.filter({ hasText: /^\s*Ostrel is led by Ida Munk\.\s*$/ })).toBeVisible();

  await page.getByText('Settings', { exact: true }).last().click();
  await page.getByLabel('Whole texts when they fit').check();
  await ask(page, 'Who leads Ostrel?');
  await expect(passages).toHaveText(['Ostrel was founded in 1931. Ostrel is led by Ida Munk.']);

  await startAsking(page, 'What of this? '.repeat(200).trim());
  await expect(page.getByRole('alert')).toContainText('The answer could not be finished.');
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('two answers can be read by everyone: no serious violation in light and dark, no sideways scroll on a phone', async ({
  page,
}) => {
  await page.goto('/');
  await openDemo(page);
  await page.getByLabel('Two answers').check();
  await ask(page, DROUGHT);
  await page.getByText('Show the prompt').click();
  await expect(page.getByRole('region', { name: 'The prompt, token by token' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([]);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.goto('/#/ask/never-asked');
  await expect(page.getByText('This question is not in the open project.')).toBeVisible();
});

test('without WebGPU the passages are found, and the page says what would help', async ({ baseURL }) => {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ baseURL });
    await page.goto('/');
    await openDemo(page);
    await startAsking(page, DROUGHT);
    await expect(page.getByTestId('passage').first()).toContainText('Velmont');
    await expect(page.getByText('These are the passages for your question.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Find passages' })).toBeVisible();
    await page.getByRole('link', { name: 'What is missing here' }).click();
    await page.getByRole('button', { name: 'Check this device' }).click();
    await expect(page.getByText('No WebGPU here')).toBeVisible();
  } finally {
    await browser.close();
  }
});
