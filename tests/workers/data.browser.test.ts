// The data worker: a document is kept whole or not at all, once a project, and nothing of it is left when it is gone.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataApi, Imported } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import type { Document } from '../../src/records/document.ts';
import { USE_LITE } from '../../src/records/embedder.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles, readFile, writeFile } from '../../src/storage/files.ts';

let data: Connection<DataApi>;
let db: Database;

beforeEach(async () => {
  await deleteDatabase();
  await deleteAllFiles();
  db = await openDatabase();
  await addProject('p');
  data = connectData();
});
afterEach(() => {
  data.terminate();
  db.close();
});

const addProject = (id: string): Promise<void> =>
  write(db, ['projects'], (tx) =>
    tx.objectStore('projects').put({ id, name: id, demo: false, createdAt: '2026-01-01', version: 1 }),
  );
const file = (name: string, content: BlobPart): File => new File([content], name);
const take = (made: File, projectId = 'p', name?: string): Promise<Imported> =>
  data.api.importFile(
    crypto.randomUUID(),
    made,
    { projectId, createdAt: '2026-01-02', name },
    document.baseURI,
    () => undefined,
  );
async function taken(made: File, projectId = 'p', name?: string): Promise<Document> {
  const outcome = await take(made, projectId, name);
  if ('problem' in outcome) throw new Error(outcome.problem);
  return outcome.document;
}
const paths = async (): Promise<string[]> => (await listFiles()).map(({ path }) => path);
const counts = async (): Promise<number[]> =>
  Promise.all((['documents', 'texts', 'chunks'] as const).map((store) => db.count(store)));

test('a file becomes a document, its text and its bytes', async () => {
  const made = file('Été.md', '# Été\r\n\r\nIl fait chaud.');
  const document = await taken(made);
  expect(document).toMatchObject({
    projectId: 'p',
    name: 'Été.md',
    mediaType: 'text/markdown',
    bytes: made.size,
    characters: 21,
    words: 5,
    pages: null,
    emptyPages: [],
    createdAt: '2026-01-02',
  });
  expect(await db.getAll('documents')).toEqual([document]);
  expect(await db.get('texts', document.id)).toEqual({
    documentId: document.id,
    projectId: 'p',
    text: '# Été\n\nIl fait chaud.',
    markdown: true,
    pages: null,
  });
  expect(await (await readFile(`documents/${document.id}`))?.text()).toBe('# Été\r\n\r\nIl fait chaud.');
});

test('the same text is not kept twice in a project, and leaves no bytes', async () => {
  const first = await taken(file('a.txt', 'one\ntwo'), 'p', 'First');
  expect(await take(file('b.txt', 'one\r\ntwo'))).toEqual({ problem: 'duplicate', detail: 'First' });
  expect(await paths()).toEqual([`documents/${first.id}`]);
  await addProject('q');
  expect((await taken(file('a.txt', 'one\ntwo'), 'q')).id).not.toBe(first.id);
});

test('a file that cannot be read leaves nothing', async () => {
  expect(await take(file('a.txt', ''))).toMatchObject({ problem: 'empty' });
  expect(await take(file('a.pdf', '%PDF-1.7 but no more'))).toMatchObject({ problem: 'broken' });
  expect(await take(file('a.xyz', 'x'))).toMatchObject({ problem: 'type' });
  expect([await counts(), await paths()]).toEqual([[0, 0, 0], []]);
});

test('a document does not come into a project that is gone', async () => {
  expect(await take(file('a.txt', 'a'), 'gone')).toEqual({ problem: 'cancelled', detail: '' });
  expect([await counts(), await paths()]).toEqual([[0, 0, 0], []]);
});

const hide = (document: Document): Promise<void> =>
  write(db, ['documents'], (tx) => tx.objectStore('documents').put({ ...document, deletedAt: '2026-01-03' }));

test('content that is being deleted comes back as the same document, chunks and rows included', async () => {
  const first = await taken(file('a.txt', 'same'));
  await write(db, ['chunks'], (tx) =>
    tx.objectStore('chunks').put({ documentId: first.id, projectId: 'p', hash: 'h', chunks: [] }),
  );
  await writeFile(`rows/${first.id}/0.safetensors`, bytes('rows'));
  await hide(first);
  const again = await taken(file('b.txt', 'same'));
  expect(again).toEqual({ ...first, name: 'b.txt' });
  expect(await counts()).toEqual([1, 1, 1]);
  expect(await paths()).toEqual([`documents/${first.id}`, `rows/${first.id}/0.safetensors`]);
});

test('where the same text comes in another form, what is being deleted makes way with all that it had', async () => {
  const first = await taken(file('a.txt', 'same'));
  await writeFile(`rows/${first.id}/0.safetensors`, bytes('rows'));
  await hide(first);
  const again = await taken(file('a.md', 'same'));
  expect(again.id).not.toBe(first.id);
  expect(await counts()).toEqual([1, 1, 0]);
  expect(await paths()).toEqual([`documents/${again.id}`]);
});

test('a cancelled import leaves nothing, and the next one works', async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i};value ${i}`).join('\n');
  const told: number[] = [];
  const outcome = data.api.importFile(
    'job',
    file('long.csv', `a;b\n${rows}`),
    { projectId: 'p', createdAt: '2026-01-02' },
    document.baseURI,
    ({ done }) => {
      told.push(done);
      void data.api.cancel('job');
    },
  );
  expect(await outcome).toEqual({ problem: 'cancelled', detail: '' });
  expect(told.length).toBeGreaterThan(0);
  expect([await counts(), await paths()]).toEqual([[0, 0, 0], []]);
  expect(await taken(file('a.txt', 'a'))).toMatchObject({ name: 'a.txt' });
});

test('ended at any moment, an import leaves a whole document or, once it is swept, nothing', async () => {
  let whole = 0;
  for (const [i, delay] of [0, 5, 10, 20, 30, 40, 60, 80, 120, 2000].entries()) {
    await data.api.cancel('nothing'); // the worker has started: the delay is of the import alone
    const outcome = take(file(`${i}.txt`, `${i} `.repeat(1_500_000))).catch(() => null);
    await Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, delay))]);
    data.terminate();
    whole += await db.count('documents');
    expect(await db.getAllKeys('texts')).toEqual(await db.getAllKeys('documents'));
    for (const { id, bytes } of await db.getAll('documents'))
      expect((await readFile(`documents/${id}`))?.size).toBe(bytes);
    await data.api.cancel('nothing');
    const kept = await db.getAllKeys('documents');
    await expect.poll(paths).toEqual(kept.map((id) => `documents/${id}`));
  }
  expect(whole).toBeGreaterThan(0);
});

test('what a crash left behind is swept when the worker starts; what belongs to a document stays', async () => {
  const kept = await taken(file('a.txt', 'a'));
  data.terminate();
  await writeFile(`rows/${kept.id}/0.safetensors`, bytes('rows'));
  const orphans = ['documents/orphan', 'rows/orphan/0.safetensors', 'embedders/gone/onnx/model.onnx'];
  for (const path of [...orphans, 'embedders/e/model.onnx']) await writeFile(path, bytes('x'));
  await db.put('embedders', { ...USE_LITE, id: 'e' });
  await db.put('chunks', { documentId: 'orphan', projectId: 'p', hash: 'h', chunks: [] });
  await data.api.cancel('anything'); // starts it
  const left = [`documents/${kept.id}`, 'embedders/e/model.onnx', `rows/${kept.id}/0.safetensors`];
  await expect.poll(paths).toEqual(left);
  await expect.poll(counts).toEqual([1, 1, 0]);
});

test('a sweep leaves alone what is just coming into being in another tab', async () => {
  await navigator.locks.request('atelier-document:coming', () =>
    navigator.locks.request('atelier-embedder:new', async () => {
      for (const path of ['documents/coming', 'documents/orphan', 'embedders/new/model.onnx'])
        await writeFile(path, bytes('x'));
      await data.api.cancel('anything');
      await expect.poll(paths).toEqual(['documents/coming', 'embedders/new/model.onnx']);
    }),
  );
  data.terminate();
  await data.api.cancel('anything');
  await expect.poll(paths).toEqual([]);
});

async function* bytes(text: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  yield new TextEncoder().encode(text);
}
