// Judging on the built site: a sitting by keyboard alone, and nothing lost whatever happens between two keys.
import { readFileSync } from 'node:fs';
import { chromium, expect, test, type BrowserContext, type Page } from '@playwright/test';
import { findChromium } from '../../scripts/chromium.mjs';
import { strangers } from './asking.ts';
import { ITEM, judged, linesOf, openTasks, press, said, savedFile, sentBack, side } from './judging.ts';

const prompts = readFileSync('datasets/tasks.jsonl', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => (JSON.parse(line) as { prompt: string }).prompt);

const question = (n: number): string => (prompts[n - 1] ?? '').split('\n\n')[0] ?? '';
const onItem = (page: Page, n: number) =>
  expect(page.getByRole('heading', { level: 1, name: question(n), exact: true })).toBeVisible();

async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.textContent?.trim() === wanted, name)) return;
  }
  throw new Error(`tabTo: the keyboard must reach "${name}", got nowhere in 60 steps. Look at the order of focus.`);
}

test('a whole sitting by keyboard alone, from the empty page to the file that is sent back', async ({ page }) => {
  await page.goto('/#/annotate');
  await expect(page.getByRole('heading', { name: 'Which answer is better?' })).toBeVisible();
  await tabTo(page, 'Compare the demo’s answers');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Your name, as it should stand beside your judgements')).toBeFocused();
  await page.keyboard.type('Ann');
  await page.keyboard.press('Enter');
  await onItem(page, 1);

  await press(page, 'ArrowLeft', 'Left is better. 1 of 40.');
  await press(page, 'ArrowDown', 'Tie. 2 of 40.');
  await press(page, 'ArrowUp', 'Both bad. 3 of 40.');
  await onItem(page, 4);
  await page.keyboard.press('3');
  await expect(page.getByRole('button', { name: 'by far' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('4');
  await expect(page.getByRole('button', { name: 'wrong fact' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('c');
  await page.keyboard.type('It is s 1 2 c z u said there.'); // letters that are keys elsewhere
  await page.keyboard.press('Escape');
  await press(page, 'ArrowRight', 'Right is better. 4 of 40.');
  await onItem(page, 5);
  await page.keyboard.press('e');
  await page.keyboard.press('End');
  await page.keyboard.type(' Indeed.');
  await page.keyboard.press('Escape');
  await press(page, 'ArrowLeft', 'Left is better. 5 of 40.');
  await onItem(page, 6);
  await page.keyboard.press('f');
  await expect(page.getByRole('button', { name: 'Take the flag away' })).toBeVisible();
  await press(page, 's', 'Skipped. 6 of 40.');
  await press(page, 'ArrowLeft', 'Left is better. 7 of 40.');
  await press(page, 'u', 'Undone.');
  await onItem(page, 7);
  expect(await judged(page)).toBe(6);
  await press(page, 'Shift+U', 'Done again.');
  expect(await judged(page)).toBe(7);
  await onItem(page, 7);
  for (let n = 6; n >= 3; n--) {
    await page.keyboard.press('p');
    await onItem(page, n);
  }
  await press(page, 'ArrowRight', 'Right is better. 7 of 40.'); // revised: both were bad
  for (let n = 8; n <= 40; n++) {
    await onItem(page, n);
    await press(
      page,
      n % 2 ? 'ArrowLeft' : 'ArrowRight',
      n === 40 ? 'All judged' : `${n % 2 ? 'Left' : 'Right'} is better. ${n} of 40.`,
    );
  }
  await expect(page.getByRole('heading', { name: 'All judged' })).toBeFocused();
  await expect(page.getByText('39 judgements, 1 skipped, 1 flagged.')).toBeVisible();
  await expect(page.getByText('mailto:feedback@example.org')).toBeVisible();
  await tabTo(page, 'Download');
  const { name, text } = await savedFile(page, () => page.keyboard.press('Enter'));
  expect(name).toMatch(/^feedback.*\.jsonl$/);
  const lines = linesOf(text);
  expect(lines.map((line) => line.prompt).sort()).toEqual([...prompts].sort());
  const at = (n: number) => lines.find((line) => line.prompt === prompts[n - 1]);
  const sides = prompts.map((_, i) =>
    at(i + 1)?.status === 'skipped' ? 'skipped' : side(at(i + 1) as (typeof lines)[0]),
  );
  const rest = Array.from({ length: 33 }, (_, i) => (i % 2 ? 'left' : 'right'));
  expect(sides).toEqual(['left', 'tie', 'right', 'right', 'left', 'skipped', 'left', ...rest]);
  const fourth = { strength: 3, tags: ['wrong fact'], annotator_comment: 'It is s 1 2 c z u said there.' };
  expect(at(4)).toMatchObject(fourth);
  const fifth = at(5);
  const first = fifth?.shown[0] ?? 0;
  expect(fifth?.edit).toEqual({ response: first, text: `${fifth?.responses[first]} Indeed.` });
  expect(lines.filter((line) => line.flagged)).toEqual([at(6)]);
  expect(lines.filter((line) => line.strength !== null || line.tags.length || line.annotator_comment)).toEqual([at(4)]);
  for (const line of lines) {
    expect(line.annotator).toBe('Ann');
    expect(line.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  }
  expect(lines.reduce((seconds, line) => seconds + line.lead_time, 0)).toBeGreaterThan(0);
});

test('a reload keeps a half-written comment, and undo goes behind it', async ({ page }) => {
  await openTasks(page, 'Ann');
  await press(page, 'ArrowLeft', 'Left is better. 1 of 40.');
  await press(page, 'ArrowDown', 'Tie. 2 of 40.');
  await onItem(page, 3);
  await page.keyboard.press('c');
  await page.keyboard.type('half a thou');
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('half a thou');
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('half a thou');
  await onItem(page, 3);
  await press(page, 'u', 'Undone.');
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('');
  await page.keyboard.press('u');
  await onItem(page, 2);
  expect(await judged(page)).toBe(1);
  await page.reload();
  await onItem(page, 2); // a key pressed before the page stands is nobody's
  await page.keyboard.press('Shift+U');
  await expect.poll(() => judged(page)).toBe(2);
  await page.keyboard.press('Shift+U');
  await onItem(page, 3);
  await expect(page.getByRole('textbox', { name: 'Comment' })).toHaveValue('half a thou');
});

test('two tabs judge in turn: no judgement is lost and none is there twice', async ({ page, context }) => {
  await openTasks(page, 'Ann');
  const other = await context.newPage();
  await other.goto('/#/annotate');
  await expect(other).toHaveURL(ITEM);
  const wanted = new Map<string, string>();
  const keys = { ArrowLeft: 'left', ArrowRight: 'right', ArrowDown: 'tie', ArrowUp: 'bad' } as const;
  const names = Object.keys(keys) as (keyof typeof keys)[];
  for (let turn = 0; turn < 16; turn++) {
    const tab = turn % 2 ? other : page;
    const before = tab.url();
    const key = names[(turn * 7) % 4] ?? 'ArrowLeft';
    await tab.keyboard.press(key);
    await expect(tab).not.toHaveURL(before);
    wanted.set(/annotate\/([^?]+)/.exec(before)?.[1] ?? '', keys[key]);
  }
  const both = await Promise.all([sentBack(page), sentBack(other)]);
  for (const lines of both) {
    expect(new Set(lines.map((line) => line.id)).size).toBe(lines.length);
    const found = new Map(lines.map((line) => [line.id.split('/')[0] ?? '', side(line) ?? '']));
    expect([...found].sort()).toEqual([...wanted].sort());
  }
  expect(wanted.size).toBeGreaterThanOrEqual(8); // where both sat before the same pair, the later verdict stands
});

/** As the system kills it: no event is fired, nothing is asked. */
async function kill(page: Page): Promise<void> {
  const gone = page.waitForEvent('crash');
  const session = await page.context().newCDPSession(page);
  void session.send('Page.crash').catch(() => undefined); // nobody is left to answer
  await gone;
  await page.close();
}

test('the tab is killed between every two actions, and each time all of them are there', async ({ page, context }) => {
  await openTasks(page, 'Ann');
  const comment = (tab: Page) => tab.getByRole('textbox', { name: 'Comment' });
  const pressed = (tab: Page, name: string) =>
    expect(tab.getByRole('button', { name })).toHaveAttribute('aria-pressed', 'true');
  const atItem = (n: number, done: number) => async (tab: Page) => {
    await onItem(tab, n);
    expect(await judged(tab)).toBe(done);
  };
  // [what is done, what must be there: at once, and in a new tab after this one was killed]
  const script: [(tab: Page) => Promise<unknown>, (tab: Page) => Promise<unknown>][] = [
    [(tab) => tab.keyboard.press('ArrowLeft'), atItem(2, 1)],
    [(tab) => tab.keyboard.press('2'), (tab) => pressed(tab, 'clearly')],
    [(tab) => tab.keyboard.press('5'), (tab) => pressed(tab, 'no source')],
    [(tab) => comment(tab).pressSequentially('Half'), (tab) => expect(comment(tab)).toHaveValue('Half')],
    [
      (tab) => tab.keyboard.press('f'),
      (tab) => expect(tab.getByRole('button', { name: 'Take the flag away' })).toBeVisible(),
    ],
    [(tab) => tab.keyboard.press('ArrowLeft'), atItem(3, 2)],
    [(tab) => tab.keyboard.press('s'), atItem(4, 3)],
    [(tab) => tab.keyboard.press('ArrowRight'), atItem(5, 4)],
    [(tab) => tab.keyboard.press('u'), atItem(4, 3)],
    [(tab) => tab.keyboard.press('ArrowUp'), atItem(5, 4)],
  ];
  let tab = page;
  for (const [act, there] of script) {
    await act(tab);
    await there(tab);
    await tab.waitForTimeout(150); // a hand that lets go of the key
    await kill(tab);
    tab = await context.newPage();
    await tab.goto('/#/annotate');
    await expect(tab).toHaveURL(ITEM);
    await there(tab);
  }
  const lines = await sentBack(tab);
  const byPrompt = prompts.slice(0, 4).map((prompt) => lines.find((line) => line.prompt === prompt));
  expect(lines).toHaveLength(4);
  expect(byPrompt.map((line) => line && (side(line) ?? line.status))).toEqual(['left', 'left', 'skipped', 'bad']);
  const second = { strength: 2, tags: ['no source'], annotator_comment: 'Half', flagged: true };
  expect(byPrompt[1]).toMatchObject(second);
});

test('a link of this site opens its tasks once; of another site it is refused without a request', async ({
  page,
  context,
  baseURL,
}) => {
  const asked = strangers(context, new URL(baseURL ?? '').origin);
  await openTasks(page, 'Ann');
  await press(page, 'ArrowLeft', 'Left is better. 1 of 40.');
  await page.goto('/#/annotate?tasks=datasets/tasks.jsonl');
  await expect(page).toHaveURL(ITEM);
  expect(await judged(page)).toBe(1);
  await expect(page.getByText('1 of 40', { exact: true })).toBeVisible();
  await page.goto('/#/annotate?tasks=https://elsewhere.example/tasks.jsonl');
  await expect(
    page.getByText(
      /^Comparisons are opened from this site alone, and https:\/\/elsewhere\.example\/tasks\.jsonl is not on it\./,
    ),
  ).toBeVisible();
  await page.goto('/#/annotate?tasks=datasets/never.jsonl');
  await expect(page.getByText(/datasets\/never\.jsonl (is not there|holds nothing to judge)/)).toBeVisible();
  expect(asked).toEqual([]);
});

test('two links divide a file: each comparison is in one of the parts', async ({ browser, baseURL }) => {
  let all = 0;
  for (const part of [1, 2]) {
    const page = await (await browser.newContext({ baseURL })).newPage();
    await page.goto(`/#/annotate?tasks=datasets/tasks.jsonl&part=${part}/2&overlap=0`);
    await expect(page).toHaveURL(ITEM);
    const progress = page.getByText(/^0 of \d+$/).first();
    await expect(progress).not.toHaveText('0 of 40');
    all += Number((await progress.textContent())?.split(' of ')[1]);
    await page.context().close();
  }
  expect(all).toBe(40);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

  async function drag(page: Page, context: BrowserContext, dx: number, dy: number): Promise<void> {
    const box = await page.getByRole('article', { name: 'Left answer' }).boundingBox();
    const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + 40];
    const session = await context.newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', share: number) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: x + dx * share, y: y + dy * share }],
      });
    await touch('touchStart', 0);
    for (let step = 1; step <= 8; step++) await touch('touchMove', step / 8);
    await touch('touchEnd', 1);
    await session.detach();
  }

  test('a swipe judges, a scroll does not, and nothing is wider than the screen', async ({ page, context }) => {
    await openTasks(page, 'Ann');
    await drag(page, context, 10, -200);
    expect(await judged(page)).toBe(0);
    await page.evaluate(() => scrollTo(0, 0));
    await drag(page, context, 170, 10);
    await said(page, 'Right is better. 1 of 40.');
    await drag(page, context, -170, 10);
    await said(page, 'Left is better. 2 of 40.');
    await page.waitForTimeout(400); // sooner, the browser takes it for a part of the gesture before
    await page.getByRole('button', { name: 'Both bad' }).tap();
    await said(page, 'Both bad. 3 of 40.');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    const lines = await sentBack(page);
    expect(lines.map(side).sort()).toEqual(['bad', 'left', 'right']);
  });
});

test('markup and script in answers are text, wherever they are shown', async ({ page, context, baseURL }) => {
  const asked = strangers(context, new URL(baseURL ?? '').origin);
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const evil =
    '<img src="https://evil.example/x" onerror="alert(1)"><script>alert(2)</script> [a](javascript:alert(3))';
  const task = {
    prompt: `${evil}?`,
    context: [`${evil} in a passage.`],
    responses: [`${evil} one`, `${evil} <b>two</b>`],
  };
  await page.goto('/#/annotate/add');
  await page.getByRole('tab', { name: 'File' }).click();
  const buffer = Buffer.from(
    `${JSON.stringify({ atelier_tasks: 1, title: evil, return_to: 'javascript:alert(4)', guidelines: evil })}\n${JSON.stringify(task)}\nnot json\n`,
  );
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({ name: 'evil.jsonl', mimeType: 'application/jsonl', buffer });
  await page.getByRole('button', { name: /^(Add|Take in) 1 comparison/ }).click();
  await page.goto('/#/annotate');
  await expect(page).toHaveURL(ITEM);
  await expect(page.getByRole('article', { name: 'Left answer' })).toContainText(evil);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${evil}?`);
  await page.getByRole('button', { name: 'Without a name' }).click();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('heading', { name: 'All judged' })).toBeVisible();
  await expect(page.locator('a[href^="javascript:"]')).toHaveCount(0);
  await page.goto('/#/annotate/items');
  await expect(page.getByText('javascript:alert(4)')).toBeVisible();
  await page.goto('/#/preferences');
  await page.getByRole('button', { name: 'Merge 1 judgement' }).click();
  await page.goto('/#/preferences?tab=rows');
  await page
    .getByRole('button', { name: /img src/ })
    .first()
    .click();
  await expect(page.locator('main img, main script')).toHaveCount(0);
  expect({ dialogs, asked }).toEqual({ dialogs: [], asked: [] });
});

test('without WebGPU people judge and merge', async ({ baseURL }) => {
  const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ baseURL });
    await openTasks(page, 'Ann');
    expect(await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) ?? null)).toBeNull();
    await press(page, 'ArrowLeft', 'Left is better. 1 of 40.');
    await press(page, 'ArrowRight', 'Right is better. 2 of 40.');
    await page.goto('/#/preferences');
    await page.getByRole('button', { name: 'Merge 2 judgements' }).click();
    await expect(page.getByText('2 preferences stored.')).toBeVisible();
  } finally {
    await browser.close();
  }
});
