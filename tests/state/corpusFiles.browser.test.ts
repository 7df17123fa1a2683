// A corpus on its way in or out: it tells how far it is, can be ended, and ends by itself when nothing moves.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CorpusFiles } from '../../src/state/corpusFiles.svelte.ts';
import { work } from '../../src/state/work.ts';
import type { DataApi } from '../../workers/api.ts';
import { connect, type Connection } from '../../workers/connect.ts';

let data: Connection<DataApi>;
const open = (): Connection<DataApi> =>
  (data = connect<DataApi>(
    () => new Worker(new URL('./slowCorpus.worker.ts', import.meta.url), { type: 'module' }),
    'data',
  ));
let corpusFiles: CorpusFiles;

beforeEach(() => (corpusFiles = new CorpusFiles(open, { ticks: 8, tickMs: 100 })));
afterEach(() => data.terminate());

const zip = (name: string): File[] => [new File(['x'], name)];

test('what moves slowly comes to its end, and tells how far it is', async () => {
  const entering = corpusFiles.enter(zip('slow.zip'));
  await expect.poll(() => corpusFiles.now?.progress?.done).toBeGreaterThan(3);
  expect([corpusFiles.now?.verb, work.underWay]).toEqual(['enter', true]);
  expect((await entering).reason).toBe('slow.zip');
  expect(corpusFiles.now).toBeNull();
});

test('an import is cancelled', async () => {
  const entering = corpusFiles.enter(zip('hang.zip'));
  const ended = expect(entering).rejects.toMatchObject({ name: 'Unfinished', why: 'cancelled' });
  await expect.poll(() => corpusFiles.now?.progress?.done).toBe(1);
  corpusFiles.cancel();
  await ended;
  expect(corpusFiles.now).toBeNull();
  corpusFiles.cancel(); // nothing is under way: nothing happens
});

test('an import that does not hear of its cancel is ended with its worker', async () => {
  corpusFiles = new CorpusFiles(open, { ticks: 1000, tickMs: 100 });
  const entering = corpusFiles.enter(zip('deaf.zip'));
  const ended = expect(entering).rejects.toMatchObject({ why: 'cancelled' });
  await expect.poll(() => corpusFiles.now?.progress?.done).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 400));
  corpusFiles.cancel();
  expect(corpusFiles.now?.stopping).toBe(true);
  await ended;
});

test('an import in which nothing moves is ended', async () => {
  await expect(corpusFiles.enter(zip('hang.zip'))).rejects.toMatchObject({ why: 'stuck' });
  expect(corpusFiles.now).toBeNull();
});

test('an export is ended at once', async () => {
  const leaving = corpusFiles.leave();
  const ended = expect(leaving).rejects.toMatchObject({ why: 'cancelled' });
  corpusFiles.cancel();
  await ended;
});
