// Merged preferences in storage: replaced whole or not at all, in their order, with what a person changed left beside them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PREFERENCE_VERSION, DEFAULT_POLICY, type Preference } from '../../src/records/preference.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import {
  countPreferences,
  readPreferenceEdits,
  readPreferences,
  replacePreferences,
} from '../../src/storage/preferences.ts';

const NAME = 'preferences-test';
const at = '2026-02-03T04:05:06.000Z';
const how = { at, policy: DEFAULT_POLICY };
let db: Database;

beforeEach(async () => {
  await deleteDatabase(NAME);
  db = await openDatabase({}, NAME);
  for (const id of ['p', 'p2', 'q'])
    await write(db, ['projects'], (tx) =>
      tx.objectStore('projects').put({ id, name: id, demo: false, createdAt: at, version: 1 }),
    );
});
afterEach(async () => {
  db.close();
  await deleteDatabase(NAME);
});

const row = (id: string, timestamp = '2026-01-01T00:00:00', projectId = 'p', chosen = 'a'): Preference => ({
  projectId,
  id,
  pair: 'pair',
  prompt: `Q${id}`,
  question: `Q${id}`,
  chosen,
  rejected: 'b',
  comment: '',
  timestamp,
  feedbackIds: [`f${id}`],
  annotators: ['Ada'],
  tags: [],
  votes: { chosen: 1, rejected: 0, ties: 0 },
  agreement: 1,
  margin: null,
  tie: false,
  edited: false,
  version: PREFERENCE_VERSION,
});
const ids = async (projectId = 'p'): Promise<string[]> =>
  (await readPreferences(db, projectId)).preferences.map(({ id }) => id);

test('rows come back by time, then id, however many slices they take', async () => {
  const many = Array.from({ length: 2500 }, (_, i) => row(`r${(i * 7) % 2500}`, `2026-01-01T00:00:${10 + (i % 3)}`));
  await replacePreferences(db, 'p', many, how);
  const expected = [...many].sort((a, b) => (a.timestamp + a.id < b.timestamp + b.id ? -1 : 1));
  const { preferences, merged } = await readPreferences(db, 'p');
  expect(preferences).toEqual(expected);
  expect(merged).toEqual({ ...how, revision: merged?.revision });
  expect(await countPreferences(db, 'p')).toBe(2500);
});

test('a merge removes what is gone, changes what differs and leaves other projects alone', async () => {
  await replacePreferences(db, 'p', [row('a'), row('b'), row('c')], how);
  await replacePreferences(db, 'p2', [row('a', undefined, 'p2')], how);
  await replacePreferences(db, 'q', [row('a', undefined, 'q')], how);
  const changed = row('b', undefined, 'p', 'another');
  await replacePreferences(db, 'p', [row('a'), changed, row('d')], how);
  expect((await readPreferences(db, 'p')).preferences).toEqual([row('a'), changed, row('d')]);
  expect([await ids('p2'), await ids('q')]).toEqual([['a'], ['a']]);
});

test('every merge leaves another revision, also when nothing has changed', async () => {
  const first = await replacePreferences(db, 'p', [row('a')], how);
  const second = await replacePreferences(db, 'p', [row('a')], how);
  expect(second.revision).not.toBe(first.revision);
  expect((await readPreferences(db, 'p')).merged).toEqual(second);
});

test('what a person changed outlives a merge, of its own project alone', async () => {
  const edit = { projectId: 'p', id: 'a', excluded: true, editedAt: at };
  await write(db, ['preferenceEdits'], async (tx) => {
    await tx.objectStore('preferenceEdits').put(edit);
    await tx.objectStore('preferenceEdits').put({ ...edit, projectId: 'p2' });
  });
  await replacePreferences(db, 'p', [row('b')], how);
  expect(await readPreferenceEdits(db, 'p')).toEqual([edit]);
});

test('a merge that fails leaves what was there, whole', async () => {
  await replacePreferences(db, 'p', [row('a'), row('b')], how);
  const before = await readPreferences(db, 'p');
  const broken = { ...row('c'), tags: [() => 0] as unknown as string[] }; // no database takes a function
  await expect(replacePreferences(db, 'p', [row('d'), broken], how)).rejects.toThrow();
  expect(await readPreferences(db, 'p')).toEqual(before);
});

test('a project that was deleted meanwhile gets nothing', async () => {
  await expect(replacePreferences(db, 'gone', [row('a', undefined, 'gone')], how)).rejects.toThrow(
    'merge: the project must be there, got one that was deleted meanwhile.',
  );
  expect(await ids('gone')).toEqual([]);
});
