// A stop is heard, or it ends the thread: nothing can be stuck for good.
import { expect, test } from 'vitest';
import { heardOrEnded } from '../../src/state/retrieval.ts';
import { connect } from '../../workers/connect.ts';
import type { FaultyApi } from '../workers/faulty.worker.ts';

test('a thread that does not hear is ended and starts again; one that hears goes on', async () => {
  const start = (): Worker => new Worker(new URL('../workers/faulty.worker.ts', import.meta.url), { type: 'module' });
  const { api, terminate } = connect<FaultyApi>(start, 'faulty');
  let ended = '';
  const underWay = api.never().catch((error: unknown) => (ended = String(error)));
  await heardOrEnded(api.add(1, 2), terminate, 200);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(ended).toBe('');
  await heardOrEnded(api.never(), terminate, 200);
  await underWay;
  expect(ended).toMatch(/faulty worker: must run until it has answered, got ended/);
  expect(await api.add(3, 4)).toBe(7);
  terminate();
});
