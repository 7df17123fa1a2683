// FAISS files: byte for byte the reference's own, read exactly, and everything else ends in a sentence.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaissError, readFaiss, writeFaiss, type FlatIndex } from '../../src/formats/faiss.ts';

const SENTENCE = /^index\.faiss: .+, got .+\. [A-Z].*\.$/s;

/** Written by faiss itself: tools/goldens/make_faiss.py. */
const golden = (name: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(new URL(`../goldens/faiss/${name}.index`, import.meta.url)));

// The rows and ids of that script.
const rows = Float32Array.from({ length: 12 }, (_, i) => ((5 * Math.floor(i / 3) + 3 * (i % 3)) % 17) / 8 - 1);
const ids = BigInt64Array.of(7n, 0n, -3n, 2n ** 62n);
const bare = BigInt64Array.of(0n, 1n, 2n, 3n);

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const write = (index: FlatIndex): Uint8Array<ArrayBuffer> => join(writeFaiss(index));

/** A copy with some bytes set from `at` on. */
function patched(bytes: Uint8Array, at: number, ...values: number[]): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  copy.set(values, at);
  return copy;
}

function refusal(bytes: Uint8Array): string {
  try {
    readFaiss(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(FaissError);
    expect((error as Error).message).toMatch(SENTENCE);
    return (error as Error).message;
  }
  return 'read';
}

describe('beside the files of the reference', () => {
  it.each([
    ['ip-map', 'ip'],
    ['l2-map', 'l2'],
  ] as const)('%s.index is written byte for byte', (name, metric) =>
    expect(write({ dim: 3, ids, rows, metric })).toEqual(golden(name)),
  );

  it('so is a map of no rows', () =>
    expect(write({ dim: 3, ids: new BigInt64Array(), rows: new Float32Array(), metric: 'ip' })).toEqual(
      golden('empty-map'),
    ));

  it.each([
    ['ip-map', 'ip', ids],
    ['ip-map2', 'ip', ids],
    ['l2-map', 'l2', ids],
    ['ip', 'ip', bare],
    ['flat', 'ip', bare],
    ['l2', 'l2', bare],
    ['empty-map', 'ip', new BigInt64Array()],
  ] as const)('%s.index is read', (name, metric, expected) =>
    expect(readFaiss(golden(name))).toEqual({
      dim: 3,
      metric,
      ids: expected,
      rows: expected.length > 0 ? rows : new Float32Array(),
    }),
  );

  it('IxFl is read with either metric', () => {
    for (const name of ['ip', 'l2'] as const) expect(readFaiss(patched(golden(name), 3, 0x6c)).metric).toBe(name);
  });
});

describe('round trip', () => {
  const index = fc
    .record({ dim: fc.integer({ min: 1, max: 9 }), count: fc.nat(12), metric: fc.constantFrom('ip' as const, 'l2') })
    .chain(({ dim, count, metric }) =>
      fc
        .tuple(
          fc.float32Array({ minLength: dim * count, maxLength: dim * count, noNaN: true, noDefaultInfinity: true }),
          fc.bigInt64Array({ minLength: count, maxLength: count }),
        )
        .map(([values, keys]) => ({
          dim,
          metric,
          rows: Float32Array.from(values),
          ids: BigInt64Array.from(keys),
        })),
    );
  it('gives back every row and id, wherever the bytes lie', () =>
    fc.assert(
      fc.property(index, fc.nat(9), (written, shift) => {
        const bytes = write(written);
        const placed = new Uint8Array(bytes.length + shift);
        placed.set(bytes, shift);
        expect(readFaiss(placed.subarray(shift))).toEqual(written);
      }),
      { numRuns: 100 },
    ));

  it('rows and ids are not copied', () => {
    const pieces = writeFaiss({ dim: 3, ids, rows: rows.subarray(0, 12), metric: 'ip' });
    expect(pieces.map(({ buffer }) => buffer)).toContain(rows.buffer);
    expect(pieces.map(({ buffer }) => buffer)).toContain(ids.buffer);
  });

  it('what is no index is refused before it is written', () => {
    expect(() => write({ dim: 3, ids, rows: rows.subarray(1), metric: 'ip' })).toThrow('must be 12 numbers, got 11.');
    expect(() => write({ dim: 0, ids, rows, metric: 'ip' })).toThrow('must be a whole number from 1, got 0.');
  });
});

describe('broken files end in a sentence', () => {
  const map = golden('ip-map');
  const flat = golden('ip');
  const FLAT = 33 + 4; // where the mapped index begins
  const cases: [string, Uint8Array, string][] = [
    ['empty', new Uint8Array(), 'must take 4 bytes, got the end after 0'],
    ['a header cut short', flat.subarray(0, 30), 'the header must take 33 bytes, got the end after 26'],
    ['another kind', golden('hnsw'), 'must be a flat index (IxFI, IxF2, IxFl), got "IHNf"'],
    ['no kind', patched(flat, 0, 0x7b, 0x0a, 0x00, 0xff), 'must be a flat index'],
    ['an inherited name as kind', new TextEncoder().encode('call'), 'must be a flat index'],
    ['another metric', golden('lp'), 'the metric must be 0 (inner product) or 1 (squared distance), got 2'],
    ['a metric unlike its kind', patched(flat, 33, 1), 'the metric of IxFI must be ip, got l2'],
    ['dimension 0', patched(flat, 4, 0), 'the dimension must be at least 1, got 0'],
    ['a negative dimension', patched(flat, 4, 0xff, 0xff, 0xff, 0xff), 'must be at least 1, got -1'],
    ['a negative count', patched(flat, 15, 0xff), 'the number of rows must be at least 0, got -72'],
    ['an untrained index', patched(flat, 32, 0), 'marked as trained (1), got 0'],
    ['a length unlike count and dimension', patched(flat, 37, 11), 'there must be 12 numbers, got 11'],
    ['rows beyond the end', flat.subarray(0, 92), '12 numbers must take 48 bytes, got the end after 47'],
    ['no length', flat.subarray(0, 40), 'the number of numbers must take 8 bytes, got the end after 3'],
    ['more bytes', join([flat, Uint8Array.of(0)]), 'nothing may follow the index, got 1 more bytes'],
    ['a row that is not a number', patched(flat, 45 + 16, 0, 0, 0xc0, 0x7f), 'row 1 must hold finite numbers, got NaN'],
    ['an infinite row', patched(flat, 45, 0, 0, 0x80, 0xff), 'row 0 must hold finite numbers, got -Infinity'],
    ['a map of a map', join([map.subarray(0, FLAT), map]), 'must be a flat index (IxFI, IxF2, IxFl), got "IxMp"'],
    ['a map of another dimension', patched(map, 4, 2), 'must have 2 dimensions like its map, got 3'],
    ['a map of another count', patched(map, 8, 3), 'must have 3 rows like its map, got 4'],
    ['a map of another metric', patched(map, 33, 1), 'must have the metric l2 like its map, got ip'],
    ['ids of another count', patched(map, FLAT + 93, 3), 'there must be 4 ids, got 3'],
    ['ids cut short', map.subarray(0, map.length - 1), '4 ids must take 32 bytes, got the end after 31'],
    ['no ids', map.subarray(0, FLAT + 93), 'the number of ids must take 8 bytes, got the end after 0'],
  ];
  it.each(cases)('%s', (_, bytes, rule) => expect(refusal(bytes)).toContain(rule));

  it('a header that lies about its size reserves no memory', () => {
    const lie = patched(flat, 4, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
    expect(refusal(lie)).toContain('there must be');
    const honest = new DataView(patched(flat, 4, 0, 0, 0, 0x10).buffer); // 2^28 dimensions, 4 rows, told twice
    honest.setBigUint64(37, 2n ** 30n, true);
    expect(refusal(new Uint8Array(honest.buffer))).toContain('1073741824 numbers must take 4294967296 bytes, got');
  });

  it('any damage is read or refused in words, never a crash', () =>
    fc.assert(
      fc.property(
        fc.constantFrom('ip-map', 'ip-map2', 'l2-map', 'ip', 'l2', 'lp', 'hnsw', 'empty-map'),
        fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 4 }),
        fc.nat(),
        (name, edits, cut) => {
          const bytes = golden(name);
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          refusal(cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes);
        },
      ),
      { numRuns: 2000 },
    ));

  it('so are any bytes', () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void refusal(bytes)),
      { numRuns: 500 },
    ));
});
