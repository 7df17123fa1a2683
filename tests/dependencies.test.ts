// docs/dependencies.md is true to package.json: every dependency has its row, with the version that is installed.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}
const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** [package, version] of every row; a row may hold several packages, with as many versions or one for all. */
function rows(text: string): [name: string, version: string][] {
  return [...text.matchAll(/^\| ([^|]+) \| ((?:\d|stub)[^|]*) \|/gm)].flatMap(([, names = '', versions = '']) => {
    const given = versions.trim().split(', ');
    return names
      .trim()
      .split(', ')
      .map((name, i): [string, string] => [name, given[i] ?? given[0] ?? '']);
  });
}

it('lists exactly the dependencies of package.json with their versions', () => {
  const pinned = Object.entries({ ...dependencies, ...devDependencies });
  const wanted = pinned.map(([name, version]) => [
    name,
    version.replace(/^\^(\d+)$/, '$1.x').replace(/^file:tools\/stubs\/.*/, 'stub'),
  ]);
  expect(rows(readFileSync('docs/dependencies.md', 'utf8')).sort()).toEqual(wanted.sort());
});

it('the reading of a row', () => {
  expect(rows('| package | version |\n|---|---|\n| a, @b/c | 1.0.0, 2.x | MIT |\n| d, e | 4.1.0 | ISC |')).toEqual([
    ['a', '1.0.0'],
    ['@b/c', '2.x'],
    ['d', '4.1.0'],
    ['e', '4.1.0'],
  ]);
});
