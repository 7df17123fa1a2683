// The speed of a run: steps that are read back to back are told by the time that they took together.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Flow } from '../../../src/engine/training/telling.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('two steps that are read at the same moment are as fast as two, not as fast as light', () => {
  const flow = new Flow();
  const speeds: number[] = [];
  for (let i = 0; i < 8; i++) {
    flow.begin(100);
    flow.begin(100);
    vi.advanceTimersByTime(2000);
    speeds.push(flow.end(), flow.end());
  }
  expect(Math.max(...speeds)).toBeLessThanOrEqual(100);
  expect(speeds.at(-1)).toBeCloseTo(100);
  expect(flow.ahead).toBe(1); // a step takes a second
});

test('a test between two steps counts as no time of theirs', () => {
  const flow = new Flow();
  flow.begin(100);
  vi.advanceTimersByTime(1000);
  flow.end();
  vi.advanceTimersByTime(60_000);
  flow.begin(100);
  vi.advanceTimersByTime(1000);
  expect(flow.end()).toBeCloseTo(100);
});
