// The database keeps what a person made: through upgrades, beside other tabs, and in words when it cannot.
import { afterEach, expect, test } from 'vitest';
import type { Document } from '../../src/records/document.ts';
import type { Generation } from '../../src/records/generation.ts';
import {
  deleteDatabase,
  openDatabase,
  UPGRADES,
  write,
  type Database,
  type Upgrade,
} from '../../src/storage/database.ts';
import { explain, StorageError } from '../../src/storage/errors.ts';

const open: Database[] = [];
const names: string[] = [];
const fresh = (): string => names[names.push(`test-${crypto.randomUUID()}`) - 1] as string;
async function connect(...args: Parameters<typeof openDatabase>): Promise<Database> {
  const db = await openDatabase(...args);
  open.push(db);
  return db;
}
afterEach(async () => {
  for (const db of open.splice(0)) db.close();
  for (const name of names.splice(0)) await deleteDatabase(name);
});

const project = { id: 'p', name: 'Kept', demo: false, createdAt: '2026-01-01T00:00:00.000Z', version: 1 };
const document = (id: string, sha256: string): Document => ({
  id,
  projectId: 'p',
  name: `${id}.txt`,
  mediaType: 'text/plain',
  sha256,
  bytes: 7,
  characters: 7,
  words: 2,
  pages: null,
  emptyPages: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  version: 2,
});

/** A next step as it will be written: it changes rows that are already there. */
const nextStep: Upgrade = async (_db, tx) => {
  const store = tx.objectStore('projects');
  for (const row of await store.getAll()) await store.put({ ...row, name: `${row.name} and upgraded` });
};

test('documents of version 1 keep all that they had; their texts move into a store of their own', async () => {
  const name = fresh();
  const old = {
    id: 'm',
    projectId: 'p',
    name: 'Été.md',
    mediaType: 'text/markdown',
    text: '# Été\n\nIl fait chaud.',
    sha256: 'a',
    createdAt: '2026-01-01T00:00:00.000Z',
    version: 1,
  };
  const many = Array.from({ length: 50 }, (_, i) => ({ ...old, id: `d${i}`, text: `Text ${i}`, sha256: `${i}` }));
  const first = await connect({}, name, UPGRADES.slice(0, 1));
  await write(first, ['projects', 'documents'], async (tx) => {
    await tx.objectStore('projects').put(project);
    for (const row of [old, ...many]) await tx.objectStore('documents').put(row as unknown as Document);
  });
  first.close();

  const upgraded = await connect({}, name);
  const { text, ...rest } = old;
  expect(await upgraded.get('documents', 'm')).toEqual({
    ...rest,
    bytes: 23,
    characters: 21,
    words: 5,
    pages: null,
    emptyPages: [],
    version: 2,
  });
  expect(await upgraded.get('texts', 'm')).toEqual({
    documentId: 'm',
    projectId: 'p',
    text,
    markdown: true,
    pages: null,
  });
  expect(await upgraded.count('documents')).toBe(51);
  const texts = await upgraded.getAllFromIndex('texts', 'byProject', 'p');
  expect(texts.map((row) => row.text).sort()).toEqual([text, ...many.map((row) => row.text)].sort());
  expect(await upgraded.getFromIndex('documents', 'byContent', ['p', '7'])).toMatchObject({ id: 'd7' });
  expect(await upgraded.get('projects', 'p')).toEqual(project);
});

test('version 2 gets room for what is learned, and keeps what it had', async () => {
  const name = fresh();
  const second = await connect({}, name, UPGRADES.slice(0, 2));
  const answer = { id: 'g', projectId: 'p', askId: 'a', createdAt: '2026-01-01' } as Generation;
  const text = { documentId: 'd', projectId: 'p', text: 'one two', markdown: false, pages: null };
  await write(second, ['projects', 'documents', 'texts', 'generations'], async (tx) => {
    await tx.objectStore('projects').put(project);
    await tx.objectStore('documents').put(document('d', 'a'));
    await tx.objectStore('texts').put(text);
    await tx.objectStore('generations').put(answer);
  });
  second.close();

  const third = await connect({}, name, UPGRADES.slice(0, 3));
  expect(await third.getAll('projects')).toEqual([project]);
  expect(await third.getAllFromIndex('documents', 'byProject', 'p')).toEqual([document('d', 'a')]);
  expect(await third.getAll('texts')).toEqual([text]);
  expect(await third.getAllFromIndex('generations', 'byAsk', 'a')).toEqual([answer]);
  for (const store of ['demonstrations', 'runs', 'adapters'] as const)
    expect(await third.getAllFromIndex(store, 'byProject', 'p')).toEqual([]);
  const event = { runId: 'r', step: 0, at: 0, kind: 'log', text: 'started', detail: '' } as const;
  for (const index of [2, 10, 1]) await third.put('runEvents', { ...event, index });
  await third.put('runEvents', { ...event, runId: 'r2', index: 0 });
  const log = await third.getAll('runEvents', IDBKeyRange.bound(['r', 0], ['r', Infinity]));
  expect(log.map(({ index }) => index)).toEqual([1, 2, 10]);
});

test('version 3 gets room for judging, and keeps what it had', async () => {
  const name = fresh();
  const third = await connect({}, name, UPGRADES.slice(0, 3));
  const rows = {
    demonstrations: { id: 'm', projectId: 'p', row: { text: 'Once.' }, position: 0 },
    runs: { id: 'r', projectId: 'p', name: 'First', status: 'done' },
    runEvents: { runId: 'r', index: 0, step: 0, at: 0, kind: 'log', text: 'started', detail: '' },
    adapters: { id: 'a', projectId: 'p', name: 'Learned' },
    projects: project,
    documents: document('d', 'a'),
    texts: { documentId: 'd', projectId: 'p', text: 'one two', markdown: false, pages: null },
    chunks: { documentId: 'd', projectId: 'p', hash: 'h', chunks: [] },
    generations: { id: 'g', projectId: 'p', askId: 'a', createdAt: '2026-01-01' },
  };
  const stores = Object.keys(rows) as (keyof typeof rows)[];
  for (const store of stores) await third.put(store, rows[store] as never);
  await third.put('settings', 'kept', 'demonstrations:p');
  third.close();

  const fourth = await connect({}, name, UPGRADES.slice(0, 4));
  for (const store of stores) expect(await fourth.getAll(store)).toEqual([rows[store]]);
  expect(await fourth.get('settings', 'demonstrations:p')).toBe('kept');
  for (const store of ['comparisons', 'taskFiles', 'batches', 'feedback', 'feedbackFiles'] as const) {
    await fourth.put(store, { id: 'x', projectId: 'p' } as never);
    expect(await fourth.getAllKeysFromIndex(store, 'byProject', 'p')).toEqual(['x']);
  }
  for (const store of ['preferences', 'preferenceEdits'] as const)
    for (const projectId of ['p', 'q']) await fourth.put(store, { id: 'x', projectId } as never);
  expect(await fourth.getAllKeys('preferences', IDBKeyRange.bound(['p'], ['p', []]))).toEqual([['p', 'x']]);
  for (const index of [2, 10, 1]) await fourth.put('actions', { projectId: 'p', annotator: 'Ada', index } as never);
  const log = await fourth.getAll('actions', IDBKeyRange.bound(['p', 'Ada', 0], ['p', 'Ada', Infinity]));
  expect(log.map(({ index }) => index)).toEqual([1, 2, 10]);
});

test('an upgrade runs only the steps that are new and keeps every row', async () => {
  const name = fresh();
  const first = await connect({}, name);
  await write(first, ['projects', 'documents'], async (tx) => {
    await tx.objectStore('projects').put(project);
    await tx.objectStore('documents').put(document('d', 'a'));
  });
  first.close();

  const steps = [...UPGRADES, nextStep];
  const upgraded = await connect({}, name, steps);
  expect(upgraded.version).toBe(steps.length);
  expect(await upgraded.get('projects', 'p')).toEqual({ ...project, name: 'Kept and upgraded' });
  expect(await upgraded.getAllFromIndex('documents', 'byProject', 'p')).toEqual([document('d', 'a')]);
});

test('a failing upgrade leaves the old version with its rows', async () => {
  const name = fresh();
  const first = await connect({}, name);
  await write(first, ['projects'], (tx) => tx.objectStore('projects').put(project));
  first.close();
  const broken: Upgrade = async (db, tx) => {
    await nextStep(db, tx);
    throw new Error('half way');
  };
  await expect(openDatabase({}, name, [...UPGRADES, broken])).rejects.toThrow('half way');
  expect(await (await connect({}, name)).get('projects', 'p')).toEqual(project);
});

test('a newer tab closes the older connection, which is told and can say so', async () => {
  const name = fresh();
  let outdated = 0;
  const old = await connect({ onOutdated: () => outdated++ }, name);
  await connect({}, name, [...UPGRADES, nextStep]);
  expect(outdated).toBe(1);
  await expect(write(old, ['projects'], (tx) => tx.objectStore('projects').put(project))).rejects.toMatchObject({
    name: 'StorageOutdated',
  });
  await expect(openDatabase({}, name)).rejects.toMatchObject({ name: 'StorageOutdated' });
});

test('a deletion of everything closes the connections of other tabs, which are told that, not of a newer version', async () => {
  const name = fresh();
  const told: string[] = [];
  await connect({ onErased: () => told.push('erased'), onOutdated: () => told.push('outdated') }, name);
  await deleteDatabase(name);
  expect(told).toEqual(['erased']);
});

test('a tab that does not let go is reported as blocking, and opening goes on once it is closed', async () => {
  const name = fresh();
  (await connect({}, name)).close();
  const stubborn = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(String(request.error)));
  });
  let opening = Promise.reject<Database>(new Error('not tried'));
  opening.catch(() => undefined);
  await new Promise<void>((onBlocked) => {
    opening = connect({ onBlocked }, name, [...UPGRADES, nextStep]);
  });
  stubborn.close();
  expect((await opening).version).toBe(UPGRADES.length + 1);
});

test('what a person made is written with strict durability', async () => {
  const db = await connect({}, fresh());
  let durability = '';
  await write(db, ['projects'], (tx) => {
    durability = tx.durability;
    return tx.objectStore('projects').put(project);
  });
  expect(durability).toBe('strict');
});

test('a transaction whose body fails writes nothing', async () => {
  const db = await connect({}, fresh());
  const failing = write(db, ['projects'], async (tx) => {
    await tx.objectStore('projects').put(project);
    throw new RangeError('no');
  });
  await expect(failing).rejects.toThrow(RangeError);
  expect(await db.count('projects')).toBe(0);
});

test('one content is kept once a project', async () => {
  const db = await connect({}, fresh());
  const put = (row: Document): Promise<void> => write(db, ['documents'], (tx) => tx.objectStore('documents').put(row));
  await put(document('one', 'same'));
  await expect(put(document('two', 'same'))).rejects.toMatchObject({ name: 'StorageTwice' });
  await put({ ...document('three', 'same'), projectId: 'other' });
  expect(await db.getAllKeys('documents')).toEqual(['one', 'three']);
});

test.each([
  ['QuotaExceededError', 'StorageFull', /room left for this site.*Delete documents or projects/],
  ['VersionError', 'StorageOutdated', /same version.*Reload this tab/],
  ['InvalidStateError', 'StorageOutdated', /Reload this tab/],
  ['ConstraintError', 'StorageTwice', /stored only once/],
  ['UnknownError', 'StorageFailed', /allow site data, then reload/],
])('%s becomes a sentence that says what to do', (name, expected, words) => {
  const explained = explain(new DOMException('the browser’s words', name));
  expect(explained).toBeInstanceOf(StorageError);
  expect(explained).toMatchObject({ name: expected });
  expect((explained as Error).message).toMatch(words);
  expect((explained as Error).message).toContain(name);
});

test('an error that is not the storage’s passes through', () => {
  const error = new RangeError('mine');
  expect(explain(error)).toBe(error);
});
