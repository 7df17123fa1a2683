// The README's tree is true: every path that it draws exists, in each language that it is written in.
import { existsSync, readFileSync } from 'node:fs';
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

describe('the reading of a tree', () => {
  it.each([
    ['indented', '```\nsrc/   code\n  records/  nouns\n    run.ts  one\nshaders/  WGSL\n```'],
    ['boxed', '```text\n├── src/  code\n│   ├── records/  nouns\n│   │   └── run.ts  one\n└── shaders/  WGSL\n```'],
  ])('%s', (_, readme) => {
    expect(treePaths(readme)).toEqual(['src', 'src/records', 'src/records/run.ts', 'shaders']);
  });
});
