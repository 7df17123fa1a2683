// Undo works for exactly its time; then the act is final, once.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toasts } from '../../src/state/toasts.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  toasts.release();
  for (const toast of toasts.list) toasts.dismiss(toast.id);
  vi.useRealTimers();
});

function act(): { undo: ReturnType<typeof vi.fn>; end: ReturnType<typeof vi.fn> } {
  const calls = { undo: vi.fn(), end: vi.fn() };
  toasts.undoable('Deleted.', 'Undo', calls.undo, calls.end);
  return calls;
}

test('after ten seconds it is final', () => {
  const { undo, end } = act();
  vi.advanceTimersByTime(9_999);
  expect([toasts.list.length, end.mock.calls.length]).toEqual([1, 0]);
  vi.advanceTimersByTime(1);
  expect([toasts.list.length, end.mock.calls.length, undo.mock.calls.length]).toEqual([0, 1, 0]);
});

test('undo takes it back and it never becomes final', () => {
  const { undo, end } = act();
  toasts.list[0]?.action?.run();
  vi.advanceTimersByTime(60_000);
  expect([toasts.list.length, undo.mock.calls.length, end.mock.calls.length]).toEqual([0, 1, 0]);
});

test('dismissing makes it final at once, and only once', () => {
  const { end } = act();
  const id = toasts.list[0]?.id ?? 0;
  toasts.dismiss(id);
  toasts.dismiss(id);
  vi.advanceTimersByTime(60_000);
  expect(end).toHaveBeenCalledTimes(1);
});

test('time stands still while the pointer or the focus is on them', () => {
  const { end } = act();
  vi.advanceTimersByTime(6_000);
  toasts.hold();
  vi.advanceTimersByTime(60_000);
  expect(end).not.toHaveBeenCalled();
  toasts.release();
  vi.advanceTimersByTime(3_999);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(end).toHaveBeenCalledTimes(1);
});

test('an error stays until it is dismissed, and the same one is shown once', () => {
  toasts.show('No room.', { tone: 'error' });
  toasts.show('No room.', { tone: 'error' });
  vi.advanceTimersByTime(600_000);
  expect(toasts.list.map(({ text }) => text)).toEqual(['No room.']);
});
