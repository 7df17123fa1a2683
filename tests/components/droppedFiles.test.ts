// A dropped folder is read whole, however large; what cannot be read costs only itself.
import { expect, it } from 'vitest';
import { droppedFiles } from '../../src/components/droppedFiles.ts';

const file = (name: string): object => ({
  name,
  isFile: true,
  file: (take: (file: File) => void) => take(new File(['x'], name)),
});
const locked = (name: string): object => ({
  name,
  isFile: true,
  file: (_: unknown, fail: (error: Error) => void) => fail(new Error(`${name} is locked`)),
});
/** Gives a hundred entries at a time, as browsers do. */
const folder = (name: string, inner: object[], perRead = 100): object => ({
  name,
  isFile: false,
  createReader: () => {
    let at = 0;
    return { readEntries: (take: (some: object[]) => void) => take(inner.slice(at, (at += perRead))) };
  },
});
const dropped = (...entries: object[]): Promise<File[]> => {
  const items = entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry }));
  return droppedFiles({ items } as unknown as DataTransfer);
};
const names = async (files: Promise<File[]>): Promise<string[]> => (await files).map(({ name }) => name);

it('folders are walked in their order; what the system hides is left out', async () => {
  const inner = folder('inner', [file('b.md'), file('.DS_Store')]);
  expect(await names(dropped(folder('a', [file('a.md'), inner, folder('.git', [file('x')])]), file('c.md')))).toEqual([
    'a.md',
    'b.md',
    'c.md',
  ]);
});

it('a folder of more files than a call takes arguments is read', async () => {
  const many = Array.from({ length: 200_000 }, (_, i) => file(`${i}.md`));
  expect(await dropped(folder('outer', [folder('many', many, many.length)]))).toHaveLength(200_000);
});

it('an entry that cannot be read costs only itself; where nothing can be read, it is said why', async () => {
  expect(await names(dropped(folder('a', [locked('l.md'), file('a.md')]), locked('m.md'), file('b.md')))).toEqual([
    'a.md',
    'b.md',
  ]);
  await expect(dropped(locked('l.md'))).rejects.toThrow('l.md is locked');
});
