// Archives: what is packed comes out again, and a hostile or broken one costs a sentence, never the tab.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limitsOfLarge, openZip, writeZip, type NewPart } from '../../src/formats/zip.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const DATE = new Date('2026-01-01T00:00:00Z');

async function* each(parts: NewPart[]): AsyncGenerator<NewPart> {
  yield* parts;
}
const pack = async (...parts: [path: string, data: Blob | Uint8Array, deflate?: boolean][]): Promise<Blob> =>
  new Response(writeZip(each(parts.map(([path, data, deflate = true]) => ({ path, data, deflate }))), DATE)).blob();

/** "read", or the name of what was thrown: a failing test must not print millions of bytes. */
const outcome = async (reading: Promise<unknown> | undefined): Promise<string> => {
  try {
    return (await reading) ? 'read' : 'nothing';
  } catch (error) {
    return (error as Error).name;
  }
};

/** The same archive with one byte run replaced everywhere: names in the local header and in the directory. */
async function replaced(zip: Blob, from: string, to: string): Promise<Blob> {
  const text = Buffer.from(await zip.arrayBuffer()).toString('latin1');
  return new Blob([Buffer.from(text.replaceAll(from, to), 'latin1')]);
}

test('packed and stored parts of any content come out as they went in, in their order', async () => {
  const part = fc.record({ data: fc.uint8Array({ maxLength: 3000 }), deflate: fc.boolean(), asBlob: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (made) => {
      const zip = await pack(
        ...made.map(
          ({ data, deflate, asBlob }, i) =>
            [`data/é ${i}.bin`, asBlob ? new Blob([Uint8Array.from(data)]) : data, deflate] as [string, Blob, boolean],
        ),
      );
      const { parts, find } = await openZip(zip);
      expect(parts.map(({ path }) => path)).toEqual(made.map((_, i) => `data/é ${i}.bin`));
      for (const [i, { data }] of made.entries()) {
        expect(await find(`data/é ${i}.bin`)?.read()).toEqual(Uint8Array.from(data));
        expect(await (await find(`data/é ${i}.bin`)?.blob())?.bytes()).toEqual(Uint8Array.from(data));
      }
    }),
    { numRuns: 30 },
  );
});

test('a part that unfolds beyond its limit is stopped there, whatever its header says', async () => {
  const zip = await pack(['bomb', new Uint8Array(20_000_000)], ['good', bytes('good')]);
  expect(zip.size).toBeLessThan(100_000);
  const { find } = await openZip(zip, { partBytes: 1_000_000 });
  expect(await outcome(find('bomb')?.read())).toBe('ZipBomb');
  expect(await find('good')?.read()).toEqual(bytes('good'));

  const size = (n: number): string => Buffer.from(Uint32Array.of(n).buffer).toString('latin1');
  const lying = await openZip(await replaced(zip, size(20_000_000), size(10)), { partBytes: 1_000_000 });
  expect(await outcome(lying.find('bomb')?.read())).toMatch(/^Zip(Bomb|Broken)$/);
});

test('many parts together have a limit, too', async () => {
  const { parts } = await openZip(await pack(['a', new Uint8Array(600)], ['b', new Uint8Array(600)]), {
    totalBytes: 1000,
  });
  await parts[0]?.read();
  expect(await outcome(parts[1]?.read())).toBe('ZipBomb');
});

test('a large archive may hold a part as large as itself and texts that pack well; a small one unfolds no further', () => {
  const [small, large] = [limitsOfLarge(1_000_000), limitsOfLarge(3_000_000_000)];
  expect(small).toMatchObject({ partBytes: 500_000_000, totalBytes: 2_000_000_000 });
  expect(large.partBytes).toBeGreaterThan(3_000_000_000 * 4);
  expect(large.totalBytes).toBeGreaterThan(3_000_000_000 * 4);
  expect(large.totalBytes).toBeLessThan(3_000_000_000 * 100); // zeros pack to a thousandth
});

test('more files than allowed are refused before any is unpacked', async () => {
  const zip = await pack(...Array.from({ length: 12 }, (_, i) => [`${i}`, bytes('x')] as [string, Uint8Array]));
  await expect(openZip(zip, { entries: 10 })).rejects.toMatchObject({ name: 'ZipBomb' });
  expect((await openZip(zip, { entries: 12 })).parts.length).toBe(12);
});

test.each(['../a', '/abs', 'a/../b', 'C:/x', '..\\a'])('a name that leaves the folder is refused: %s', async (name) => {
  const safe = '_'.repeat(name.length);
  await expect(openZip(await replaced(await pack([safe, bytes('x')]), safe, name))).rejects.toMatchObject({
    name: 'ZipUnsafe',
  });
});

test('an encrypted archive says so', async () => {
  const zip = Buffer.from(await (await pack(['secret', bytes('x'), false])).arrayBuffer());
  for (const [mark, flags] of [
    ['PK\x03\x04', 6],
    ['PK\x01\x02', 8],
  ] as const)
    zip.writeUInt8(zip.readUInt8(zip.indexOf(mark) + flags) | 1, zip.indexOf(mark) + flags);
  await expect(openZip(new Blob([zip]))).rejects.toMatchObject({ name: 'ZipEncrypted' });
});

test('a damaged part is noticed by its checksum', async () => {
  const zip = await replaced(await pack(['a.txt', bytes('all is well'), false]), 'well', 'hell');
  await expect((await openZip(zip)).find('a.txt')?.read()).rejects.toMatchObject({ name: 'ZipBroken' });
});

test('a cut, changed or random file ends in a sentence, and never hangs', async () => {
  const zip = await (await pack(['a', bytes('a'.repeat(500))], ['b', bytes('b'), false])).bytes();
  const hostile = fc.oneof(
    fc.nat({ max: zip.length - 1 }).map((end) => zip.slice(0, end)),
    fc.tuple(fc.nat({ max: zip.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => zip.with(at, byte)),
    fc.uint8Array({ maxLength: 400 }).map((random) => Uint8Array.from([0x50, 0x4b, 3, 4, ...random])),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (made) => {
      try {
        const { parts } = await openZip(new Blob([Uint8Array.from(made)]), { partBytes: 10_000 });
        for (const part of parts) await part.read();
      } catch (error) {
        expect(String(error)).toMatch(/^Zip(Broken|Bomb|Unsafe|Encrypted): zip: must/);
      }
    }),
    { numRuns: 300 },
  );
});

test('reading ends when it is cancelled', async () => {
  const { find } = await openZip(await pack(['a', new Uint8Array(5_000_000)]));
  const controller = new AbortController();
  controller.abort(new Error('enough'));
  await expect(find('a')?.read(controller.signal)).rejects.toThrow('enough');
});

test('a part that cannot be read ends the writing with its error', async () => {
  async function* failing(): AsyncGenerator<NewPart> {
    yield { path: 'a', data: bytes('a'), deflate: true };
    throw new Error('gone');
  }
  await expect(new Response(writeZip(failing(), DATE)).blob()).rejects.toThrow('gone');
});
