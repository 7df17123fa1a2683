// Large files are replaced whole: a failed, killed or half-swapped write leaves the old file or the new one.
import { beforeEach, expect, test } from 'vitest';
import {
  deleteAllFiles,
  deleteFile,
  deleteFolder,
  listFiles,
  listFolder,
  readFile,
  recover,
  writeFile,
} from '../../src/storage/files.ts';

const encoder = new TextEncoder();
async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const text of texts) yield encoder.encode(text);
}
const read = async (path: string): Promise<string | null> => (await readFile(path))?.text() ?? null;

/** Every name in a folder of the private file system, our temporary ones included. */
async function raw(...folders: string[]): Promise<string[]> {
  let folder = await navigator.storage.getDirectory();
  for (const name of folders) folder = await folder.getDirectoryHandle(name);
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  return names.sort();
}
async function leave(name: string, text: string): Promise<void> {
  const handle = await (await navigator.storage.getDirectory()).getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  await writable.write(text);
  await writable.close();
}

beforeEach(deleteAllFiles);

test('a file comes back as it was written, in chunks, in folders', async () => {
  expect(await writeFile('checkpoints/run/step.bin', chunks('one ', 'two'))).toBe(7);
  expect(await read('checkpoints/run/step.bin')).toBe('one two');
  expect(await listFiles()).toEqual([{ path: 'checkpoints/run/step.bin', bytes: 7 }]);
  expect(await raw('checkpoints', 'run')).toEqual(['step.bin']);
});

test('a write replaces the whole file, also by a shorter one', async () => {
  await writeFile('a.bin', chunks('long, long, long'));
  await writeFile('a.bin', chunks('short'));
  expect(await read('a.bin')).toBe('short');
  expect(await raw()).toEqual(['a.bin']);
});

test('a write that fails half way leaves the old file and nothing else', async () => {
  await writeFile('a.bin', chunks('old'));
  async function* broken(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield encoder.encode('ne');
    throw new Error('source gone');
  }
  await expect(writeFile('a.bin', broken())).rejects.toThrow('source gone');
  expect(await read('a.bin')).toBe('old');
  expect(await raw()).toEqual(['a.bin']);
});

test('a thread killed in the middle of a write leaves the old file; recover() clears what it left', async () => {
  await writeFile('a.bin', chunks('old'));
  const worker = new Worker(new URL('./endless.worker.ts', import.meta.url), { type: 'module' });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage('a.bin');
  });
  expect((await raw()).some((name) => name.endsWith('.tmp'))).toBe(true);
  await recover(); // the write is alive: its file must stay
  expect((await raw()).some((name) => name.endsWith('.tmp'))).toBe(true);
  worker.terminate();

  expect(await read('a.bin')).toBe('old');
  await expect.poll(async () => (await recover(), await raw())).toEqual(['a.bin']);
  expect(await read('a.bin')).toBe('old');
});

test('a worker writes through its sync handle, the window reads it', async () => {
  const worker = new Worker(new URL('./writing.worker.ts', import.meta.url), { type: 'module' });
  const bytes = await new Promise<number>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<number>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage('from/worker.bin');
  });
  worker.terminate();
  expect(bytes).toBe(11);
  expect(await read('from/worker.bin')).toBe('from worker');
});

test.each([
  ['before the old file was removed', true],
  ['after the old file was removed', false],
])('a swap cut %s is finished: the whole new file wins', async (_when, oldIsThere) => {
  if (oldIsThere) await leave('a.bin', 'old');
  await leave('a.bin.new', 'new');
  expect(await read('a.bin')).toBe('new');
  expect(await raw()).toEqual(['a.bin']);
});

test('a half-written file is never read nor listed', async () => {
  await leave(`a.bin.${crypto.randomUUID()}.tmp`, 'half');
  expect(await read('a.bin')).toBeNull();
  expect(await listFiles()).toEqual([]);
});

test('writers of one file at one time leave one whole file', async () => {
  const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(50_000));
  await Promise.all(texts.map((text) => writeFile('same.bin', chunks(text))));
  expect(texts).toContain(await read('same.bin'));
  expect(await raw()).toEqual(['same.bin']);
});

test('delete removes, also what is not there', async () => {
  await writeFile('a.bin', chunks('x'));
  await deleteFile('a.bin');
  await deleteFile('a.bin');
  await deleteFile('no/such/folder.bin');
  expect(await read('a.bin')).toBeNull();
});

test('a folder tells the whole files in it, and goes with all that it holds', async () => {
  await writeFile('rows/a/0.bin', chunks('x'));
  await writeFile('rows/a/256.bin', chunks('y'));
  await writeFile('rows/b/0.bin', chunks('z'));
  const folder = await (
    await (await navigator.storage.getDirectory()).getDirectoryHandle('rows')
  ).getDirectoryHandle('a');
  for (const name of ['512.bin.new', `768.bin.${crypto.randomUUID()}.tmp`]) {
    const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await writable.close();
  }
  expect((await listFolder('rows/a')).sort()).toEqual(['0.bin', '256.bin', '512.bin']); // a swap that was cut counts
  expect(await listFolder('rows')).toEqual([]); // folders are no files
  expect(await listFolder('no/such/folder')).toEqual([]);
  await deleteFolder('rows/a');
  await deleteFolder('rows/a');
  expect(await listFolder('rows/a')).toEqual([]);
  expect((await listFiles()).map(({ path }) => path)).toEqual(['rows/b/0.bin']);
});

test.each(['', '../a', 'a//b', 'a.new', `a.${'0'.repeat(36)}.tmp`])('the path %j is refused in words', async (path) => {
  await expect(writeFile(path, chunks('x'))).rejects.toThrow(/files: a path must be .* got .*\. Rename it\./);
});
