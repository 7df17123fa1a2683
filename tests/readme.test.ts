// The README and the notes are true: every path that a tree draws or a link points to exists, in each language.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The paths of the first fenced block that draws a tree: two spaces of indent or box lines a level, then a comment. */
function treePaths(readme: string): string[] {
  const blocks = [...readme.matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, body = '']) => body);
  const tree = blocks.find((body) => /^[│├└─\s]*src\//m.test(body)) ?? '';
  const folders: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', name = ''] = /^([│├└─\s]*)([\w.-]+(?:\/[\w.-]+)*\/?)(?=\s|$)/.exec(line) ?? [];
    if (!name) return [];
    const depth = /[├└]/.test(indent) ? indent.length / 4 - 1 : indent.length / 2;
    folders.length = Math.min(folders.length, Math.round(depth));
    const path = [...folders, name.replace(/\/$/, '')].join('/');
    if (name.endsWith('/')) folders.push(name.slice(0, -1));
    return [path];
  });
}

describe.each(['README.md', 'README.fr.md'].filter(existsSync))('%s', (file) => {
  const paths = treePaths(readFileSync(file, 'utf8'));
  it('draws a tree with the folders of the product', () => {
    expect(paths).toEqual(expect.arrayContaining(['src', 'shaders', 'workers', 'public', 'datasets']));
  });
  it('names only paths that exist', () => {
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});

/** What links and pictures point to inside the project, from its root. */
function linked(file: string, text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)[^)]*\)|\b(?:src|href)="([^"]+)"/g)].map(([, a, b]) => a ?? b ?? '');
  const inside = targets.filter((target) => !/^(\w+:|#)/.test(target));
  return inside.map((target) => posix.join(posix.dirname(file), target.replace(/#.*$/, '')));
}

const notes = readdirSync('docs').filter((name) => name.endsWith('.md'));
it.each(['README.md', 'README.fr.md', ...notes.map((name) => `docs/${name}`)])('%s links to what exists', (file) => {
  expect(linked(file, readFileSync(file, 'utf8')).filter((path) => !existsSync(path))).toEqual([]);
});

it('the reading of links', () => {
  const text = '![A](a.png) [b](../b.md#c) [d](https://d.example "d") [e](#e) <img src="f.svg"> `[g]` (h.md)';
  expect(linked('docs/x.md', text)).toEqual(['docs/a.png', 'b.md', 'docs/f.svg']);
});

describe('the reading of a tree', () => {
  it.each([
    ['indented', '```\nsrc/   code\n  records/  nouns\n    run.ts  one\nshaders/  WGSL\n```'],
    ['boxed', '```text\n├── src/  code\n│   ├── records/  nouns\n│   │   └── run.ts  one\n└── shaders/  WGSL\n```'],
  ])('%s', (_, readme) => {
    expect(treePaths(readme)).toEqual(['src', 'src/records', 'src/records/run.ts', 'shaders']);
  });
});
