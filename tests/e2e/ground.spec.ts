// The built site as hosts get it: sizes, nothing inline, its first load, a sub-path without headers, then no host at all.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { staticHost } from './static-server.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));
const MIB = 1024 * 1024;
const FIRST_LOAD_KB = 250;

async function files(): Promise<string[]> {
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Markup that the policy would refuse: in pages, and in the templates within scripts. */
function inlineParts(name: string, text: string): string[] {
  const found = [/<[a-z][\w-]*(?:\s[^<>`]*)?\s(?:style|on[a-z]+)=["'][^"'$]/g];
  if (name.endsWith('.html')) found.push(/<script(?![^>]*\ssrc=)[^>]*>/g, /<style\b/g);
  return found.flatMap((pattern) => [...text.matchAll(pattern)].map(([part]) => `${name}: ${part}`));
}

test('every file stays below the 25 MiB that static hosts allow', async () => {
  const sizes = await Promise.all((await files()).map(async (path) => ({ path, bytes: (await stat(path)).size })));
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.filter(({ bytes }) => bytes >= 25 * MIB)).toEqual([]);
});

test('nothing inline in pages and scripts', async () => {
  // pdf.js keeps a picture for drawing pages, which nothing here does: only their text is read.
  const texts = (await files()).filter((path) => /\.(html|js)$/.test(path) && !/assets\/pdf-[\w-]+\.js$/.test(path));
  const found = await Promise.all(texts.map(async (path) => inlineParts(path, await readFile(path, 'utf8'))));
  expect(found.flat()).toEqual([]);
  expect(inlineParts('a.js', 'x(`<p class="a" style="color:red">`)')).toHaveLength(1);
  expect(inlineParts('a.html', '<button onclick="go()">')).toHaveLength(1);
  expect(inlineParts('a.html', '<script>go()</script><script src="a.js"></script>')).toHaveLength(1);
});

test.describe('the first visit', () => {
  test.use({ serviceWorkers: 'block' });
  test(`fetches at most ${FIRST_LOAD_KB} kB of page, scripts and styles (gzip)`, async ({ page }) => {
    const host = await staticHost(dist);
    try {
      await page.goto(host.url, { waitUntil: 'networkidle' });
      const names = [...new Set(host.log.map((path) => (path === '/' ? '/index.html' : path)))];
      const code = names.filter((path) => /\.(html|js|css)$/.test(path));
      const sizes = await Promise.all(code.map(async (path) => gzipSync(await readFile(join(dist, path))).length));
      const kilobytes = sizes.reduce((sum, bytes) => sum + bytes, 0) / 1000;
      console.log(`[first load] ${kilobytes.toFixed(1)} kB gzip in ${code.length} files`);
      expect(kilobytes).toBeGreaterThan(1);
      expect(kilobytes).toBeLessThanOrEqual(FIRST_LOAD_KB);
    } finally {
      await host.close();
    }
  });
});

test('works from a sub-path of a host without headers, then without the host', async ({ page, context }) => {
  const host = await staticHost(dist, '/pages/atelier/');
  const foreign: string[] = [];
  const complaints: string[] = [];
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (!/^(data|blob):$/.test(protocol) && origin !== new URL(host.url).origin) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  try {
    await page.goto(host.url);
    await page.waitForFunction(() => crossOriginIsolated && navigator.serviceWorker.controller);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(host.log.filter((path) => !path.startsWith('/pages/atelier/'))).toEqual([]);
    const model = 'models/nano/model.safetensors';
    const kept = () =>
      page.evaluate((at) => caches.match(new URL(at, document.baseURI), { ignoreSearch: true }).then(Boolean), model);
    await expect.poll(kept).toBe(true);
    await host.close();
    const asked = host.log.length;
    await page.reload();
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.goto(`${host.url}#/settings`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect(await page.evaluate(async (at) => (await (await fetch(at)).blob()).size, model)).toBeGreaterThan(MIB);
    expect(host.log.length).toBe(asked);
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
  } finally {
    await host.close().catch(() => undefined);
  }
});

test('a file that is not there is a 404, not the page', async ({ page }) => {
  await page.goto('./');
  expect(await page.evaluate(async () => (await fetch('models/none/config.json')).status)).toBe(404);
});
