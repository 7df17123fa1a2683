// A build that fails says why and leaves the last good site alone.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { build } from 'vite';
import { serviceWorker } from '../tools/sw-plugin.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'atelier-build-'));
  await writeFile(join(root, 'index.html'), '<script type="module" src="./main.ts"></script>');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function buildWith(source: string): Promise<void> {
  await writeFile(join(root, 'main.ts'), source);
  const plugins = [serviceWorker(resolve('workers/sw/sw.ts'), {})];
  await build({ configFile: false, root, logLevel: 'silent', plugins, build: { outDir: join(root, 'dist') } });
}

it('writes sw.js after the site', async () => {
  await buildWith('export {};');
  expect(await readFile(join(root, 'dist/sw.js'), 'utf8')).toContain('index.html');
});

it('the first visit fetches the page and its scripts, but no library of hundreds of kilobytes', async () => {
  await writeFile(join(root, 'library.ts'), `export const words = ${JSON.stringify('word '.repeat(70_000))};`);
  await buildWith("void import('./library.ts').then(({ words }) => console.log(words));");
  const worker = await readFile(join(root, 'dist/sw.js'), 'utf8');
  const [shell = '', onNeed = ''] = worker.split(/(?<=\]\])/).filter((part) => part.includes('[['));
  expect(shell).toMatch(/index-.*\.js/);
  expect(shell).not.toMatch(/library-.*\.js/);
  expect(onNeed).toMatch(/library-.*\.js/);
});

it('a failed first build names the fault, and nothing is left', async () => {
  await expect(buildWith("import './missing.ts';")).rejects.toThrow(/missing\.ts/);
  expect(existsSync(join(root, 'dist/sw.js'))).toBe(false);
});

it('a failed later build names the fault and does not touch the old sw.js', async () => {
  await mkdir(join(root, 'dist'));
  await writeFile(join(root, 'dist/sw.js'), 'old');
  await expect(buildWith('export const = ;')).rejects.toThrow(/main\.ts/);
  expect(await readFile(join(root, 'dist/sw.js'), 'utf8')).toBe('old');
});
