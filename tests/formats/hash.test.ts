// FNV-1a against its published vectors, and against the plain definition on any text.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fnv1a } from '../../src/formats/hash.ts';

it.each([
  ['', 'cbf29ce484222325'],
  ['a', 'af63dc4c8601ec8c'],
  ['foobar', '85944171f73967e8'],
])('%j has the published hash', (text, hash) => expect(fnv1a(text)).toBe(hash));

it('equals the 64-bit definition on any text', () => {
  const plain = (text: string) => {
    let h = 0xcbf29ce484222325n;
    for (const byte of new TextEncoder().encode(text)) h = ((h ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
    return h.toString(16).padStart(16, '0');
  };
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => fnv1a(text) === plain(text)),
    { seed: 4 },
  );
});
