// No call waits for ever: a worker that cannot start, fails while running or is ended says so, and can be used again.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, type Connection } from '../../workers/connect.ts';
import type { FaultyApi } from './faulty.worker.ts';

const good = (): Worker => new Worker(new URL('./faulty.worker.ts', import.meta.url), { type: 'module' });
const missing = (): Worker => new Worker(new URL('/no/such/worker.js', location.href), { type: 'module' });

let starts: Worker[] = [];
let connection: Connection<FaultyApi>;

/** The n-th start is the n-th of `kinds`, the last one again and again. */
function use(...kinds: (() => Worker)[]): FaultyApi {
  connection = connect<FaultyApi>(() => {
    const worker = (kinds[starts.length] ?? kinds.at(-1) ?? good)();
    starts.push(worker);
    return worker;
  }, 'faulty');
  return connection.api;
}

// The worker's own errors reach this page's console as they should; they are no failure of these tests.
const expected = (event: ErrorEvent): void => event.preventDefault();
beforeEach(() => {
  starts = [];
  addEventListener('error', expected);
});
afterEach(() => {
  connection.terminate();
  removeEventListener('error', expected);
});

test('methods answer and throw with their names, callbacks are called, one worker serves all calls', async () => {
  const api = use(good);
  expect(starts.length).toBe(0); // nothing starts before it is needed
  expect(await Promise.all([api.add(1, 2), api.add(3, 4)])).toEqual([3, 7]);
  await expect(api.refuse()).rejects.toMatchObject({ name: 'RangeError', message: 'too much' });
  const words: string[] = [];
  await api.tell((word) => words.push(word));
  await expect.poll(() => words).toEqual(['told']);
  expect(starts.length).toBe(1);
});

test('a worker that cannot start rejects the calls made to it, and the next call starts another', async () => {
  const api = use(missing, good);
  const [first, second] = await Promise.allSettled([api.add(1, 2), api.add(3, 4)]);
  expect(String(first.status === 'rejected' && first.reason)).toMatch(/faulty worker: must start, got/);
  expect(second.status).toBe('rejected');
  expect(await api.add(1, 2)).toBe(3);
  expect(starts.length).toBe(2);
});

test('an error outside of a call ends the calls under way in other words; the worker goes on', async () => {
  const api = use(good);
  const waiting = api.never();
  await api.failLater();
  await expect(waiting).rejects.toThrow(/faulty worker: must work without errors, got .*outside of a call/);
  expect(await api.add(1, 2)).toBe(3);
  expect(starts.length).toBe(1);
});

test('a first call that fails before any answer is not taken for a failed start', async () => {
  const api = use(good);
  await expect(api.failInstead()).rejects.toThrow(/must work without errors, got .*instead of an answer/);
  expect(await api.add(1, 2)).toBe(3);
  expect(starts.length).toBe(1);
});

test('ending the thread ends its calls, and the next call starts anew', async () => {
  const api = use(good);
  await api.add(1, 2);
  const waiting = api.never();
  connection.terminate();
  await expect(waiting).rejects.toThrow('faulty worker: must run until it has answered, got ended');
  expect(await api.add(1, 2)).toBe(3);
  expect(starts.length).toBe(2);
});
