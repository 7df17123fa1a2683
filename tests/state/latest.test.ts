// While one types, only the last question counts.
import { beforeEach, expect, test, vi } from 'vitest';
import { latest } from '../../src/state/latest.ts';

beforeEach(() => void vi.useFakeTimers());

/** Answers when told to. */
function slow() {
  const asked: string[] = [];
  const got: string[] = [];
  const ends: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  const run = (question: string): Promise<string> => {
    asked.push(question);
    return new Promise((resolve, reject) => ends.push({ resolve, reject }));
  };
  const done = (answer: string): number => got.push(answer);
  const failed = (error: unknown): number => got.push(String(error));
  const typing = latest({ run, done, failed }, 150);
  const end = async (i: number, answer: string | Error): Promise<void> => {
    if (answer instanceof Error) ends[i]?.reject(answer);
    else ends[i]?.resolve(answer);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { typing, asked, got, end };
}

test('a question is asked after the pause, not at every letter', async () => {
  const { typing, asked } = slow();
  typing.ask('w');
  await vi.advanceTimersByTimeAsync(100);
  typing.ask('who');
  await vi.advanceTimersByTimeAsync(149);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual(['who']);
});

test('an answer that comes late is not delivered; the latest question follows, once', async () => {
  const { typing, asked, got, end } = slow();
  typing.ask('old');
  await vi.advanceTimersByTimeAsync(150);
  typing.ask('newer');
  await vi.advanceTimersByTimeAsync(150);
  typing.ask('newest');
  await vi.advanceTimersByTimeAsync(150);
  expect(asked).toEqual(['old']); // one at a time
  await end(0, 'late');
  await end(1, 'right');
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(['old', 'newest']);
  expect(got).toEqual(['right']);
});

test('a question that came in the pause of another is not asked twice', async () => {
  const { typing, asked, got, end } = slow();
  typing.ask('a');
  await vi.advanceTimersByTimeAsync(150);
  typing.ask('b');
  await end(0, 'A');
  await end(1, 'B');
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual(['a', 'b']);
  expect(got).toEqual(['B']);
});

test('an emptied box forgets what is under way; a failure is told and the next question goes on', async () => {
  const { typing, got, end } = slow();
  typing.ask('a');
  await vi.advanceTimersByTimeAsync(150);
  typing.ask(null);
  await end(0, 'A');
  expect(got).toEqual([]);
  typing.ask('b');
  await vi.advanceTimersByTimeAsync(150);
  await end(1, new Error('no'));
  typing.ask('c');
  await vi.advanceTimersByTimeAsync(150);
  await end(2, 'C');
  expect(got).toEqual(['Error: no', 'C']);
});
