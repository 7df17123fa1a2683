// The unroller: marked loops become copies, and what it cannot read it refuses in words.
import { expect, it } from 'vitest';
import { unroll } from '../../../src/engine/gpu/unroll.ts';

const flat = (text: string) => text.replaceAll(/\s+/g, '');

it('copies the body once per index, inner loops included', () => {
  const source = `
// @unroll
for (var r = 0u; r < ROWS; r++) {
  // @unroll
  for (var c = 1u; c < COLS / 2; c++) { acc[r] += b[c]; }
}`;
  expect(flat(unroll(source, { ROWS: 2, COLS: 6 }))).toBe(
    flat('{ {acc[0u] += b[1u];} {acc[0u] += b[2u];} } { {acc[1u] += b[1u];} {acc[1u] += b[2u];} }'),
  );
});

it('renames whole words only and leaves unmarked loops alone', () => {
  expect(flat(unroll('// @unroll\nfor (var i = 0u; i < 2u; i++) { mine[i] = i; }'))).toBe(
    '{mine[0u]=0u;}{mine[1u]=1u;}',
  );
  const plain = 'for (var i = 0u; i < n; i++) { x += i; }';
  expect(unroll(plain)).toBe(plain);
});

it('refuses an unknown bound and an open brace', () => {
  expect(() => unroll('// @unroll\nfor (var i = 0u; i < params.n; i++) { }')).toThrow('unroll: a loop bound');
  expect(() => unroll('// @unroll\nfor (var i = 0u; i < 4u; i++) { {')).toThrow('braces must match');
});
