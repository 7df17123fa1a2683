// Files go with what they belong to: not while it comes back, and whatever else is in use.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Document } from '../../src/records/document.ts';
import { deleteDatabase, openDatabase, type Database } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles, writeFile } from '../../src/storage/files.ts';
import { deleteFilesOfGone, documentLock } from '../../src/storage/ownedFiles.ts';

let db: Database;
beforeEach(async () => {
  await deleteDatabase();
  await deleteAllFiles();
  db = await openDatabase();
});
afterEach(() => db.close());

async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield new Uint8Array(4);
}
async function keep(id: string): Promise<void> {
  await writeFile(`documents/${id}`, bytes());
  await writeFile(`rows/${id}/0.safetensors`, bytes());
}
const paths = async (): Promise<string[]> => (await listFiles()).map(({ path }) => path);

/** A thread that writes this file; call what it returns to end it. */
async function writing(path: string): Promise<() => void> {
  const worker = new Worker(new URL('./endless.worker.ts', import.meta.url), { type: 'module' });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(path);
  });
  return () => worker.terminate();
}

test('a document that comes back while its files wait to be removed keeps them', async () => {
  await keep('back');
  let deleting: Promise<void> | undefined;
  await navigator.locks.request(documentLock('back'), async () => {
    deleting = deleteFilesOfGone(db, ['back']);
    await db.put('documents', { id: 'back', projectId: 'p', sha256: 'x' } as Document);
  });
  await deleting;
  expect(await paths()).toEqual(['documents/back', 'rows/back/0.safetensors']);
  await db.delete('documents', 'back');
  await deleteFilesOfGone(db, ['back']);
  expect(await paths()).toEqual([]);
});

test('rows in use stop neither the bytes nor the next document from going', async () => {
  for (const id of ['a', 'b']) await keep(id);
  const end = await writing('rows/a/1.safetensors');
  await deleteFilesOfGone(db, ['a', 'b']);
  expect((await paths()).filter((path) => !path.startsWith('rows/a/'))).toEqual([]);
  end();
});

test('all files go but the one in use, which is named', async () => {
  for (const id of ['a', 'b']) await keep(id);
  const end = await writing('rows/a/1.safetensors');
  await expect(deleteAllFiles()).rejects.toThrow(/none may be in use .*got 1 \(rows\/a\/1\.safetensors\..*Close/);
  expect(await paths()).toEqual([]);
  end();
  await expect.poll(() => deleteAllFiles().then(() => 'gone', String)).toBe('gone');
});
