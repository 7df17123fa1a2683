// The one reload that nobody asked for waits for questions, loading models and texts being added.
import { afterEach, expect, test } from 'vitest';
import { engineStatus, type EngineStatus } from '../../src/state/engineStatus.svelte.ts';
import { work } from '../../src/state/work.ts';

const idle = engineStatus.now;
afterEach(() => engineStatus.attach(idle));

test.each<[EngineStatus['status'], boolean]>([
  ['idle', false],
  ['ready', false],
  ['missing', false],
  ['loading', true],
  ['busy', true],
  ['lost', true],
])('engine %s: %s', (status, expected) => {
  engineStatus.attach({ status, progress: null, detail: '' });
  expect(work.underWay).toBe(expected);
});

test('a verb is under way until the last one has ended, well or not', async () => {
  let fail = (): void => undefined;
  const second = new Promise<void>((_, reject) => (fail = () => reject(new Error('failed'))));
  const ends = [work.during(async () => 'answered'), work.during(() => second)];
  expect(await ends[0]).toBe('answered');
  expect(work.underWay).toBe(true);
  fail();
  await expect(ends[1]).rejects.toThrow('failed');
  expect(work.underWay).toBe(false);
});
