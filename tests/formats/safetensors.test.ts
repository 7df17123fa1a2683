// safetensors: what the reference reader accepts is read exactly; everything else ends in a sentence.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from '../../src/formats/float16.ts';
import {
  openSafetensors,
  parseShardIndex,
  SafetensorsError,
  writeSafetensors,
  type WritableTensor,
} from '../../src/formats/safetensors.ts';

const SENTENCE = /^[^:]+: .+, got [^]+\. [A-Z].*\.$/;

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Uint8Array, chunk = 7) {
  const { header, parts } = await openSafetensors(chunks(bytes, chunk), 'x.safetensors');
  const tensors = new Map(header.tensors.map((t) => [t.name, { ...t, values: [] as number[] }]));
  for await (const { entry, offset, values } of parts) {
    const tensor = tensors.get(entry.name);
    expect(offset).toBe(tensor?.values.length);
    tensor?.values.push(...values);
  }
  return { header, tensors };
}

/** A file from raw header text and data. */
function file(header: unknown, data = new Uint8Array(), length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const f32 = (shape: number[], from: number, to: number) => ({ dtype: 'F32', shape, data_offsets: [from, to] });

const tensorsArbitrary = fc.uniqueArray(
  fc.record({
    name: fc.string({ minLength: 1, maxLength: 12 }).filter((n) => n !== '__metadata__'),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    dtype: fc.constantFrom('F32' as const, 'F16' as const, 'BF16' as const),
    seed: fc.nat(),
  }),
  { selector: (t) => t.name, maxLength: 5 },
);

function fill({
  name,
  shape,
  dtype,
  seed,
}: {
  name: string;
  shape: number[];
  dtype: WritableTensor['dtype'];
  seed: number;
}) {
  // Small multiples of 1/8: exact in all three formats.
  const values = Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => (((seed + 7 * i) % 33) - 16) / 8,
  );
  return { name, shape, dtype, values };
}

describe('round trip', () => {
  it('gives back every tensor and its metadata, whatever the chunks of the stream', () =>
    fc.assert(
      fc.asyncProperty(tensorsArbitrary, fc.integer({ min: 1, max: 64 }), async (specs, chunk) => {
        const written = specs.map(fill);
        const { header, tensors } = await readAll(writeSafetensors(written, { format: 'pt', note: 'é' }), chunk);
        expect(header.metadata).toEqual({ format: 'pt', note: 'é' });
        expect(header.dataStart % 8).toBe(0);
        expect(tensors.size).toBe(written.length);
        for (const t of written) {
          expect(tensors.get(t.name)).toMatchObject({ shape: t.shape, dtype: t.dtype });
          expect(tensors.get(t.name)?.values).toEqual([...t.values]);
        }
      }),
      { numRuns: 60 },
    ));

  it('reads a ReadableStream and lets go of it when stopped early', async () => {
    let cancelled = false;
    const bytes = writeSafetensors([fill({ name: 'a', shape: [4], dtype: 'F32', seed: 1 })]);
    const stream = new ReadableStream<Uint8Array>({
      start: (c) => c.enqueue(bytes),
      cancel: () => void (cancelled = true),
    });
    const { parts } = await openSafetensors(stream, 'x');
    expect((await parts.next()).done).toBe(false);
    await parts.return();
    expect(cancelled).toBe(true);
  });

  it('splits a tensor above 4 MiB into parts that continue each other', async () => {
    const values = Float32Array.from({ length: (9 << 20) / 4 + 3 }, (_, i) => i);
    const bytes = writeSafetensors([{ name: 'big', shape: [values.length], dtype: 'F32', values }]);
    const { parts } = await openSafetensors(chunks(bytes, 1_000_003), 'x');
    let at = 0;
    let count = 0;
    for await (const part of parts) {
      expect(part.offset).toBe(at);
      expect(part.values[0]).toBe(at);
      at += part.values.length;
      count++;
    }
    expect([at, count]).toEqual([values.length, 3]);
  });
});

describe('half precision', () => {
  it('f16 to f32 and back is the identity on all finite patterns, and knows the classic values', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((h) => (h & 0x7c00) !== 0x7c00);
    expect(f32ToF16(f16ToF32(all))).toEqual(all);
    const known = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x3555);
    expect([...f16ToF32(known)]).toEqual([1, -2, 65504, 2 ** -24, 2 ** -14, 0.333251953125]);
  });
  it('bf16 to f32 and back is the identity on all finite patterns', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((h) => (h & 0x7f80) !== 0x7f80);
    expect(f32ToBf16(bf16ToF32(all))).toEqual(all);
  });
  it('rounds to nearest, ties to even, and overflows to infinity', () => {
    const values = Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, -1e9, 2 ** -25, 3 * 2 ** -25);
    expect([...f32ToF16(values)]).toEqual([0x3c00, 0x3c02, 0x7bff, 0x7c00, 0xfc00, 0, 2]);
    expect([...f32ToBf16(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38))]).toEqual([0x3f80, 0x3f82, 0x7f80]);
  });
});

describe('broken files end in a sentence', () => {
  const eight = new Uint8Array(8);
  const cases: [string, Uint8Array, string][] = [
    ['empty', new Uint8Array(), 'at least 8 bytes'],
    ['header length beyond the limit', file('{}', eight, 100_000_001n), 'at most 100000000 bytes'],
    ['header cut short', file('{}', undefined, 50n), 'must be 50 bytes long'],
    ['not JSON', file('{"a":'), 'must be JSON'],
    ['not UTF-8', file('{"?":1}').map((b) => (b === 0x3f ? 0xff : b)), 'must be JSON in UTF-8'],
    ['a list', file('[]'), 'must be a JSON object'],
    ['entry no object', file({ a: 3 }), 'must be an object'],
    ['unknown dtype', file({ a: { ...f32([1], 0, 4), dtype: 'F4' } }), 'dtype must be one of'],
    ['inherited dtype', file({ a: { ...f32([1], 0, 4), dtype: 'constructor' } }), 'dtype must be one of'],
    ['negative shape', file({ a: f32([-1], 0, 4) }, eight), 'shape must be a list'],
    ['fractional offset', file({ a: f32([1], 0.5, 4.5) }, eight), 'data_offsets must be two'],
    ['three offsets', file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4, 8] } }), 'data_offsets must be two'],
    ['shape and range differ', file({ a: f32([2], 0, 4) }, eight), 'must take 8 bytes'],
    ['a hole', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, new Uint8Array(12)), 'must start at byte 4'],
    ['an overlap', file({ a: f32([1], 0, 4), b: f32([1], 2, 6) }, eight), 'must start at byte 4'],
    ['missing data', file({ a: f32([3], 0, 12) }, eight), 'must be 12 bytes long'],
    ['trailing data', file({ a: f32([1], 0, 4) }, eight), 'nothing may follow'],
    ['metadata no text', file({ __metadata__: { a: 1 } }), 'only text'],
    ['an integer tensor', file({ a: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, eight), 'F32, F16 or BF16'],
  ];
  it.each(cases)('%s', async (_, bytes, rule) => {
    const error = await readAll(bytes).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SafetensorsError);
    expect(String((error as Error).message)).toMatch(SENTENCE);
    expect((error as Error).message).toContain(rule);
  });

  it('accepts what the reference accepts: rank 0, zero size, header order unlike data order, leading spaces', async () => {
    const header = { b: f32([], 4, 8), z: f32([0, 3], 4, 4), a: f32([1], 0, 4) };
    const { tensors } = await readAll(file(`  ${JSON.stringify(header)} `, new Uint8Array(8)));
    expect([...tensors.keys()]).toEqual(['a', 'z', 'b']);
    expect(tensors.get('b')?.values).toEqual([0]);
  });

  it('any damage to a valid file is read or refused in words, never a crash', () =>
    fc.assert(
      fc.asyncProperty(
        tensorsArbitrary,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
        async (specs, edits, cut) => {
          const bytes = writeSafetensors(specs.map(fill));
          for (const [at, value] of edits) bytes[at % bytes.length] = value;
          const damaged = cut % 3 === 0 ? bytes.subarray(0, cut % (bytes.length + 1)) : bytes;
          const error = await readAll(damaged).then(
            () => null,
            (e: unknown) => e,
          );
          if (error !== null) {
            expect(error).toBeInstanceOf(SafetensorsError);
            expect((error as Error).message).toMatch(SENTENCE);
          }
        },
      ),
      { numRuns: 400 },
    ));

  it('any header text is read or refused in words', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const error = await readAll(file(text)).catch((e: unknown) => e);
        if (error instanceof Error)
          expect([error.name, SENTENCE.test(error.message)]).toEqual(['SafetensorsError', true]);
      }),
      { numRuns: 200 },
    ));
});

describe('shard index', () => {
  it('names each file once', () => {
    const map = {
      a: 'model-00001-of-00002.safetensors',
      b: 'model-00002-of-00002.safetensors',
      c: 'model-00001-of-00002.safetensors',
    };
    expect(parseShardIndex(JSON.stringify({ weight_map: map }), 'index')).toEqual([map.a, map.b]);
  });
  it.each(['', '{}', '{"weight_map":{}}', '{"weight_map":{"a":"../x.safetensors"}}', '{"weight_map":{"a":3}}'])(
    'refuses %j in words',
    (text) => expect(() => parseShardIndex(text, 'index')).toThrow(SENTENCE),
  );
});
