// Before all is erased every thread ends, and none starts again in this page.
import { expect, test } from 'vitest';
import { connect, endWorkers } from '../../workers/connect.ts';
import type { FaultyApi } from './faulty.worker.ts';

test('calls under way end, and none begins', async () => {
  let starts = 0;
  const start = (): Worker => {
    starts++;
    return new Worker(new URL('./faulty.worker.ts', import.meta.url), { type: 'module' });
  };
  const [first, second] = [connect<FaultyApi>(start, 'first'), connect<FaultyApi>(start, 'second')];
  expect(await Promise.all([first.api.add(1, 2), second.api.add(3, 4)])).toEqual([3, 7]);
  second.terminate();
  await second.api.add(1, 2);
  const waiting = [first.api.never(), second.api.never()];
  endWorkers();
  for (const one of waiting) await expect(one).rejects.toThrow(/must run until it has answered, got ended/);
  await expect(first.api.add(1, 2)).rejects.toThrow('first worker: must not start while all is erased, got a call');
  expect(starts).toBe(3);
  endWorkers();
});
