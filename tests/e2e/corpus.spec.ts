// The corpus on the built site: real files in, cited passages out, taken along; bad files.
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobReader, TextWriter, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { expect, test } from '@playwright/test';
import { readFaiss } from '../../src/formats/faiss.ts';
import { add, fixture, index, listed } from './adding.ts';
import { answers, ask, strangers } from './asking.ts';

let folder = '';
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-corpus-'));
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

async function made(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

test('the journey: PDF, HTML, DOCX and Markdown in; the answer leads to its page; all is there after a reload and in the zip', async ({
  page,
  context,
  browser,
  baseURL,
}) => {
  const elsewhere = strangers(context, new URL(baseURL ?? '').origin);
  const html = await made(
    'harbour.html',
    '<!doctype html><meta charset="windows-1252"><title>Harbour</title><h1>The harbour</h1><script>alert(1)</script>' +
      '<p>The harbour of Ostrel was built by Ida Kremer.</p><p>&lt;img src=x onerror=alert(1)&gt; stands here as text.</p>',
  );
  const markdown = await made('mine.md', '# The mine\n\nThe mine of Tarnow was closed in 1954.\n');
  page.on('dialog', (dialog) => expect.soft(dialog.message()).toBe('no dialog'));
  await page.goto('/#/documents');
  await add(page, [fixture('report.pdf'), html, fixture('report.docx'), markdown]);
  await expect(listed(page)).toHaveCount(4);
  await index(page);

  await listed(page).filter({ hasText: 'harbour.html' }).click();
  await expect(page.getByText('<img src=x onerror=alert(1)> stands here as text.')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Search in all documents' }).fill('When did the Tarnow mine shut down?');
  await expect(page.locator('.search').getByText('The mine of Tarnow was closed in 1954.')).toBeVisible();

  await page.goto('/#/ask');
  const [answer] = await ask(page, 'What is the main supplier of Velmont Energy?');
  expect(answer).toContain('Nordal Steel');
  await answers(page).getByRole('link', { name: 'Nordal Steel' }).click();
  await expect(page).toHaveURL(/#\/documents\/[\w-]+\?at=\d+-\d+$/);
  await expect(page.getByRole('heading', { name: 'report.pdf' })).toBeVisible();
  await expect(page.locator('mark', { hasText: 'Nordal Steel' }).first()).toBeInViewport();
  await expect(page.getByRole('spinbutton', { name: 'Page' })).toHaveValue('3');

  await page.reload();
  await expect(page.locator('mark', { hasText: 'Nordal Steel' }).first()).toBeInViewport();
  await expect(listed(page)).toHaveCount(4);
  await expect(page.getByRole('button', { name: /^Index/ })).toHaveCount(0); // nothing is embedded again

  await page.getByText('Take it with you').click();
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export the corpus' }).click();
  const path = await made('corpus.zip', await readFile(await (await saved).path()));
  const zip = await readFile(path);
  const entries = await new ZipReader(new BlobReader(new Blob([zip]))).getEntries();
  const entry = (name: string) => {
    const found = entries.find(({ filename }) => filename === name);
    if (!found || found.directory) throw new Error(`the zip has no ${name}`);
    return found;
  };
  const pdf = await entry('data/documents/report.pdf').getData(new Uint8ArrayWriter());
  expect(Buffer.from(pdf).equals(await readFile(fixture('report.pdf')))).toBe(true);
  const metadata = JSON.parse(await entry('data/metadata.json').getData(new TextWriter())) as {
    chunks: { id: number; document: number; page: number | null; text: string }[];
    documents: { name: string }[];
  };
  const supplier = metadata.chunks.find(({ text }) => text.includes('is Nordal Steel'));
  expect(supplier?.page).toBe(3);
  expect(metadata.documents[supplier?.document ?? -1]?.name).toBe('report.pdf');
  const faiss = readFaiss(await entry('data/index.faiss').getData(new Uint8ArrayWriter()));
  expect([...faiss.ids].map(Number)).toEqual(metadata.chunks.map(({ id }) => id));
  expect(faiss.dim).toBe(512);
  expect(elsewhere).toEqual([]);

  const empty = await (await browser.newContext({ baseURL })).newPage(); // as another person: there is no project yet
  await empty.goto('/#/documents');
  await empty.getByText('Bring a corpus that was exported').click();
  await empty.getByLabel('Import such a zip…', { exact: true }).last().setInputFiles(path);
  await expect(listed(empty)).toHaveCount(4);
  await expect(empty.getByText(/^Imported 4 documents with \d+ vectors\.$/)).toBeVisible();
  await expect(empty.getByRole('button', { name: /^Index/ })).toHaveCount(0); // it came indexed
  await empty.context().close();
});

test('a broken, empty, locked, scanned and huge file each get their sentence, and the good one among them goes in', async ({
  page,
}) => {
  const huge = join(folder, 'huge.pdf');
  const handle = await open(huge, 'w');
  await handle.truncate(200_000_000);
  await handle.close();
  const whole = await readFile(fixture('report.pdf'));
  const files = [
    await made('broken.pdf', whole.subarray(0, 900)),
    await made('empty.txt', ''),
    fixture('encrypted.pdf'),
    fixture('scanned.pdf'),
    huge,
    await made('program.exe', 'MZ'),
    await made('good.md', 'The bridge of Orlen is 300 metres long.'),
    await made('again.txt', 'The bridge of Orlen is 300 metres long.'),
  ];
  await page.goto('/#/documents');
  await add(page, files);
  await expect(listed(page)).toHaveText([/good\.md/]);
  const problems = page.getByRole('region', { name: 'Being added' });
  for (const sentence of [
    '“broken.pdf” is damaged',
    '“empty.txt” holds no text',
    '“encrypted.pdf” is locked with a password',
    '“scanned.pdf” holds only pictures of text',
    '“huge.pdf” is too large',
    '“program.exe” is of a type that is not read here',
    '“again.txt” has the same text as “good.md”',
  ])
    await expect(problems.getByText(sentence)).toBeVisible();
});
