// The queue of files: one at a time, each with its end; a file that hangs or fails stops no other.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Imports, type ImportItem } from '../../src/state/imports.svelte.ts';
import { work } from '../../src/state/work.ts';
import type { DataApi } from '../../workers/api.ts';
import { connect, type Connection } from '../../workers/connect.ts';

let starts = 0;
let data: Connection<DataApi>;
let imports: Imports;

beforeEach(() => {
  starts = 0;
  data = connect<DataApi>(() => {
    starts++;
    return new Worker(new URL('./slow.worker.ts', import.meta.url), { type: 'module' });
  }, 'data');
  imports = new Imports(data, { ticks: 4, tickMs: 100 });
});
afterEach(() => data.terminate());

const files = (...names: string[]): File[] => names.map((name) => new File(['x'], name));
const states = (): string[] => imports.items.map(({ state, problem }) => problem ?? state);
const item = (name: string): ImportItem => imports.items.find((one) => one.name === name) as ImportItem;

test('files are read one at a time, in their order, each later than the one before', async () => {
  const kept: string[] = [];
  imports.onDocument(({ name }) => kept.push(name));
  imports.startAfter('2100-01-01T00:00:00.000Z');
  const [first, second] = await Promise.all([
    imports.add(files('slow.md', 'a.md'), 'p'),
    imports.add(files('b.md'), 'q'),
  ]);
  expect(kept).toEqual(['slow.md', 'a.md', 'b.md']);
  const made = [...first.added, ...second.added];
  expect(made.map(({ projectId }) => projectId)).toEqual(['p', 'p', 'q']);
  expect(made.map(({ createdAt }) => createdAt)).toEqual([
    '2100-01-01T00:00:00.001Z',
    '2100-01-01T00:00:00.002Z',
    '2100-01-01T00:00:00.003Z',
  ]);
  expect(states()).toEqual(['done', 'done', 'done']);
  expect(item('a.md').documentId).toBe('id of a.md');
  expect(starts).toBe(1);
});

test('an item tells how far it is, and the page is held while files are read', async () => {
  const adding = imports.add(files('slow.md', 'a.md'), 'p');
  await expect.poll(() => item('slow.md').progress?.done).toBeGreaterThan(1);
  expect(item('slow.md')).toMatchObject({ state: 'reading', progress: { total: 8, unit: 'pages' } });
  expect(item('a.md')).toMatchObject({ state: 'waiting', progress: null });
  const leaving = new Event('beforeunload', { cancelable: true });
  dispatchEvent(leaving);
  expect([leaving.defaultPrevented, work.underWay]).toEqual([true, true]);
  await adding;
  const later = new Event('beforeunload', { cancelable: true });
  dispatchEvent(later);
  await expect.poll(() => [later.defaultPrevented, work.underWay]).toEqual([false, false]);
});

test('a file that makes no progress is given up with its worker; slow ones are not, and the others go on', async () => {
  const { added, rejected } = await imports.add(files('a.md', 'deaf.pdf', 'slow.md'), 'p');
  expect(rejected).toEqual([{ name: 'deaf.pdf', problem: 'stuck', detail: '' }]);
  expect(added.map(({ name }) => name)).toEqual(['a.md', 'slow.md']);
  expect(states()).toEqual(['done', 'stuck', 'done']);
  expect(starts).toBe(2);
});

test('one can be cancelled while it waits or is read, and the others go on', async () => {
  const adding = imports.add(files('hang.md', 'b.md', 'c.md'), 'p');
  await expect.poll(states).toEqual(['reading', 'waiting', 'waiting']);
  imports.cancel(item('b.md').id);
  expect(states()).toEqual(['reading', 'cancelled', 'waiting']);
  imports.cancel(item('hang.md').id);
  expect((await adding).added.map(({ name }) => name)).toEqual(['c.md']);
  expect(states()).toEqual(['cancelled', 'cancelled', 'done']);
  expect(starts).toBe(1);
  imports.cancel(item('c.md').id); // it has ended: nothing happens
  expect(states()).toEqual(['cancelled', 'cancelled', 'done']);
});

test('a reader that does not hear of the cancel is ended with its worker', async () => {
  const patient = new Imports(data, { ticks: 1000, tickMs: 100 });
  const adding = patient.add(files('deaf.pdf', 'a.md'), 'p');
  await expect.poll(() => patient.items[0]?.state).toBe('reading');
  patient.cancel(patient.items[0]?.id ?? '');
  expect((await adding).rejected).toEqual([{ name: 'deaf.pdf', problem: 'cancelled', detail: '' }]);
  expect(patient.items.map(({ state }) => state)).toEqual(['problem', 'done']);
  expect(starts).toBe(2);
});

test('all can be cancelled at once, and those that ended put away', async () => {
  const adding = imports.add(files('hang.md', 'b.md', 'c.md'), 'p');
  const pasted = imports.add(files('pasted.txt'), 'p', { quiet: true });
  await expect.poll(states).toEqual(['reading', 'waiting', 'waiting']);
  imports.clear();
  expect(imports.items.length).toBe(3);
  imports.cancelAll();
  expect((await adding).rejected.map(({ problem }) => problem)).toEqual(['cancelled', 'cancelled', 'cancelled']);
  expect((await pasted).added.length).toBe(1);
  expect(states()).toEqual(['cancelled', 'cancelled', 'cancelled']);
  imports.clear();
  expect(imports.items).toEqual([]);
  expect((await imports.add(files('d.md'), 'p')).added.length).toBe(1);
});

test('a file that the browser has no room for is told, and does not stop the others', async () => {
  const kept: string[] = [];
  imports.onDocument(({ name }) => kept.push(name));
  await expect(imports.add(files('full.md', 'a.md'), 'p')).rejects.toMatchObject({ name: 'StorageFull' });
  expect(kept).toEqual(['a.md']);
  expect(item('full.md')).toMatchObject({ state: 'problem', problem: 'broken', detail: 'no room' });
});

test('among many files, those that no reader is for are counted, not rejected one by one', async () => {
  const one = await imports.add(files('a.xyz'), 'p');
  expect([one.rejected.length, one.skipped]).toEqual([1, []]);
  const many = await imports.add(files('a.md', 'b.xyz', 'c.xyz', 'd.xyz'), 'p');
  expect([many.added.length, many.rejected, many.skipped]).toEqual([1, [], ['b.xyz', 'c.xyz', 'd.xyz']]);
});

test('what is added quietly is not in the list', async () => {
  const { added } = await imports.add(files('pasted.txt'), 'p', { name: 'A title', quiet: true });
  expect([added[0]?.name, imports.items]).toEqual(['A title', []]);
});
