// The service worker on plain hosts: isolation, policy in workers, offline use, updates. On a site of a few lines.
import { copyFile, cp, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { build } from 'vite';
import { siteHeaders } from '../../tools/headers.ts';
import { policy } from '../../tools/policy-plugin.ts';
import { serviceWorker } from '../../tools/sw-plugin.ts';
import type { Fixture } from './fixture/main.ts';
import { staticHost, type StaticHost } from './static-server.ts';

declare const fixture: Fixture;

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const MODEL = 'models/tiny/model.bin';
let folder = '';
let host: StaticHost;

/** Builds the small site; its model file's content is the version, too. */
async function buildSite(version: string): Promise<string> {
  const publicDir = join(folder, `public-${version}`);
  const outDir = join(folder, `dist-${version}`);
  await mkdir(join(publicDir, 'models/tiny'), { recursive: true });
  await writeFile(join(publicDir, MODEL), `weights ${version}`);
  await build({
    configFile: false,
    root: path('fixture'),
    base: './',
    publicDir,
    logLevel: 'error',
    define: { __VERSION__: JSON.stringify(version) },
    worker: { format: 'es' },
    plugins: [policy(), serviceWorker(path('../../workers/sw/sw.ts'), siteHeaders())],
    build: { outDir, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  });
  return outDir;
}

/** Opens the site and waits until it is isolated and the worker is in charge. */
async function open(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(host.url);
  await page.waitForFunction(
    () => crossOriginIsolated && navigator.serviceWorker?.controller && 'fixture' in globalThis,
  );
  return page;
}

const shells = (page: Page) =>
  page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith('atelier-shell')).length);

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-static-'));
  await buildSite('one');
  await buildSite('two');
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));
test.beforeEach(async () => {
  host = await staticHost(join(folder, 'dist-one'), '/some/where/');
});
test.afterEach(() => host.close());

test('a host without headers under a sub-path: isolated after one reload, the policy binds workers', async ({
  context,
}) => {
  const elsewhere = await staticHost(join(folder, 'dist-one'), '/', { 'Access-Control-Allow-Origin': '*' });
  try {
    let loads = 0;
    context.on('page', (page) => page.on('load', () => loads++));
    const page = await open(context);
    await page.waitForLoadState('load');
    expect(loads).toBe(2);
    const url = `${elsewhere.url}${MODEL}`;
    expect(await page.evaluate((at) => fixture.fetchInWorker(at), url)).toBe('blocked');
    expect(await page.evaluate((at) => fetch(at).catch(() => 'blocked'), url)).toBe('blocked');
    expect(elsewhere.log).toEqual([]);
    expect(await page.evaluate((at) => fixture.fetchInWorker(at), `${host.url}${MODEL}`)).toBe('answered 200');
  } finally {
    await elsewhere.close();
  }
});

test('a page at work is not reloaded to become isolated; its next load is', async ({ page }) => {
  let loads = 0;
  page.on('load', () => loads++);
  await page.goto(`${host.url}#busy`);
  await page.waitForFunction(() => navigator.serviceWorker.controller && 'fixture' in globalThis);
  await expect.poll(() => page.evaluate(() => fixture.text('./').then(({ status }) => status))).toBe(200);
  await page.waitForTimeout(500); // time for a reload that must not come
  expect([loads, await page.evaluate(() => crossOriginIsolated)]).toEqual([1, false]);
  await page.reload();
  await page.waitForFunction(() => crossOriginIsolated);
});

test('erased, nothing of this site is left on the device, and what another site on the host keeps stays', async ({
  context,
}) => {
  const page = await open(context);
  expect(await page.evaluate(() => fixture.keepOffline(['models/']))).toBe(true);
  const other = `atelier-files ${new URL('/other/', host.url).href}`;
  await page.evaluate((name) => caches.open(name), other);
  expect(await page.evaluate(() => caches.keys())).toHaveLength(3);
  await page.evaluate(() => fixture.removeServiceWorker());
  expect(await page.evaluate(() => caches.keys())).toEqual([other]);
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
});

test('a host that sends the headers: isolated at once, no reload', async ({ page }) => {
  await host.close();
  host = await staticHost(join(folder, 'dist-one'), '/', siteHeaders());
  let loads = 0;
  page.on('load', () => loads++);
  await page.goto(host.url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(loads).toBe(1);
});

test('offline once loaded: the page, a late chunk, a kept model whole and in part', async ({ context }) => {
  const page = await open(context);
  expect(host.log.filter((asked) => asked.endsWith('.bin'))).toEqual([]); // the shell alone comes first
  expect(await page.evaluate(() => fixture.keepOffline(['models/']))).toBe(true);
  await host.close();
  const asked = host.log.length;
  await page.reload();
  await page.waitForFunction(() => 'fixture' in globalThis);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(() => fixture.late())).toBe('late one');
  expect(await page.evaluate((model) => fixture.text(model), MODEL)).toMatchObject({
    status: 200,
    text: 'weights one',
  });
  const part = (range: string) =>
    page.evaluate(([model, bytes]) => fixture.text(model, { range: bytes }), [MODEL, range] as const);
  expect(await part('bytes=2-4')).toEqual({ status: 206, text: 'igh', range: 'bytes 2-4/11' });
  expect(await part('bytes=-3')).toEqual({ status: 206, text: 'one', range: 'bytes 8-10/11' });
  expect(await part('bytes=8-99')).toEqual({ status: 206, text: 'one', range: 'bytes 8-10/11' });
  expect(await part('bytes=40-')).toMatchObject({ status: 416 });
  const missing = (file: string) => page.evaluate((at) => fixture.text(at).catch(() => 'unreachable'), file);
  expect(await missing('models/tiny/optional.json')).toMatchObject({ status: 404 }); // not in a folder that the site has
  expect(await missing('models/other/config.json')).toBe('unreachable');
  expect(host.log.length).toBe(asked);
});

test('a missing file is never kept', async ({ context }) => {
  const page = await open(context);
  host.missing.add(MODEL);
  expect(await page.evaluate((model) => fixture.text(model), MODEL)).toMatchObject({ status: 404 });
  host.missing.clear();
  expect(await page.evaluate((model) => fixture.text(model), MODEL)).toMatchObject({
    status: 200,
    text: 'weights one',
  });
});

test('a new version waits until it is applied; other pages keep the one they run', async ({ context }) => {
  const [first, second] = [await open(context), await open(context)];
  expect(await first.evaluate(() => fixture.keepOffline(['models/']))).toBe(true);
  host.root = join(folder, 'dist-two');
  await first.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  await first.waitForFunction(() => fixture.apply !== undefined);
  await second.waitForFunction(() => fixture.apply !== undefined);
  await first.reload();
  await first.waitForFunction(() => fixture.apply !== undefined);
  expect(await first.evaluate(() => fixture.version)).toBe('one');

  await first.evaluate(() => fixture.apply?.());
  await first.waitForFunction(() => 'fixture' in globalThis && fixture.version === 'two');
  expect(await first.evaluate(() => fixture.late())).toBe('late two');
  expect(await first.evaluate((model) => fixture.text(model), MODEL)).toMatchObject({ text: 'weights two' });
  expect(await second.evaluate(() => fixture.version)).toBe('one');
  expect(await second.evaluate(() => fixture.late())).toBe('late one'); // the host has it no more
  expect(await shells(first)).toBe(2);

  await second.close();
  await first.reload();
  await expect.poll(() => shells(first)).toBe(1);
  expect(await first.evaluate(() => fixture.version)).toBe('two');
});

test('a deployment that has spread only in part is not taken for the new version', async ({ context }) => {
  const page = await open(context);
  const half = join(folder, 'dist-half');
  await cp(join(folder, 'dist-two'), half, { recursive: true });
  await copyFile(join(folder, 'dist-one/index.html'), join(half, 'index.html'));
  await copyFile(join(folder, 'dist-one', MODEL), join(half, MODEL));
  host.root = half;
  /** What becomes of the new worker once it has tried to install. */
  const update = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const next = new Promise<ServiceWorker | null>((found) =>
        registration.addEventListener('updatefound', () => found(registration.installing), { once: true }),
      );
      await registration.update().catch(() => undefined);
      const worker = await next;
      while (worker?.state === 'installing') await new Promise((done) => setTimeout(done, 20));
      return worker?.state;
    });
  expect(await update()).toBe('redundant');
  await page.reload();
  await page.waitForFunction(() => 'fixture' in globalThis);
  expect(await page.evaluate(() => fixture.version)).toBe('one');

  await copyFile(join(folder, 'dist-two/index.html'), join(half, 'index.html'));
  expect(await update()).toBe('installed');
  await page.waitForFunction(() => fixture.apply);
  await page.evaluate(() => fixture.apply?.());
  await page.waitForFunction(() => 'fixture' in globalThis && fixture.version === 'two');
  const model = () => page.evaluate((file) => fixture.text(file), MODEL);
  expect(await model()).toMatchObject({ status: 200, text: 'weights one' }); // served, not kept
  expect(await page.evaluate(() => fixture.keepOffline(['models/']))).toBe(false);
  await copyFile(join(folder, 'dist-two', MODEL), join(half, MODEL));
  expect(await page.evaluate(() => fixture.keepOffline(['models/']))).toBe(true);
  await host.close();
  expect(await model()).toMatchObject({ status: 200, text: 'weights two' });
});

test('without room for its caches the site is still isolated and answered from the network', async ({ context }) => {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: new URL(host.url).origin, quotaSize: 100 });
  await page.goto(host.url);
  await page.waitForFunction(() => crossOriginIsolated && 'fixture' in globalThis);
  expect(await page.evaluate(() => fixture.late())).toBe('late one');
  for (let again = 0; again < 2; again++) {
    expect(await page.evaluate((model) => fixture.text(model), MODEL)).toMatchObject({
      status: 200,
      text: 'weights one',
    });
  }
  expect(await page.evaluate(() => fixture.keepOffline(['models/']))).toBe(false);
  expect(await shells(page)).toBe(0);
});

test.describe('without the service worker', () => {
  test.use({ serviceWorkers: 'block' });
  test('a browser that answers a registration with nothing: the site says no error and works', async ({ page }) => {
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(host.url);
    await page.waitForFunction(() => 'fixture' in globalThis);
    expect(await page.evaluate(() => fixture.late())).toBe('late one');
    expect(errors).toEqual([]);
  });

  test('the policy in the page does not bind workers: why the worker adds headers', async ({ page }) => {
    const elsewhere = await staticHost(join(folder, 'dist-one'), '/', { 'Access-Control-Allow-Origin': '*' });
    try {
      await page.goto(host.url);
      await page.waitForFunction(() => 'fixture' in globalThis);
      expect(await page.evaluate((at) => fixture.fetchInWorker(at), `${elsewhere.url}${MODEL}`)).toBe('answered 200');
    } finally {
      await elsewhere.close();
    }
  });
});
