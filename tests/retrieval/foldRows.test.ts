// Equal rows are put together, and only equal ones.
import { expect, it } from 'vitest';
import { fold } from '../../src/retrieval/foldRows.ts';
import { stack, unit, unitRows } from './vectors.ts';

it('groups equal rows in order of their first', () => {
  const [a, b, c] = [unitRows(1, 8, 1), unitRows(1, 8, 2), unitRows(1, 8, 3)];
  expect(fold(stack([a, b, a, c, b, a]), 8, 3)).toEqual([[0, 2, 5], [1, 4], [3]]);
  expect(fold(stack([a, b, a, c, b, a]), 8, 2)).toBe('many');
});

it('keeps rows apart whose hashes are equal', () => {
  const vector = unitRows(1, 64, 1);
  vector[2] = vector[3] = 1e-4;
  const rows = stack([unit(vector), unit(vector)]);
  const bits = new Uint32Array(rows.buffer);
  const flip = (i: number, mask: number): void => void (bits[i] = (bits[i] ?? 0) ^ mask);
  // The first flip changes bits 31 and 16 of the hash, the second changes them back.
  flip(64 + 2, 0x80000000);
  flip(64 + 3, 0x80010000);
  expect(fold(rows, 64, 2)).toEqual([[0], [1]]);
});

it('reads rows that lie anywhere in a buffer', () => {
  const whole = stack([new Float32Array(3), unitRows(1, 8, 1), unitRows(1, 8, 1), unitRows(1, 8, 2)]);
  expect(fold(whole.subarray(3), 8, 9)).toEqual([[0, 1], [2]]);
});
