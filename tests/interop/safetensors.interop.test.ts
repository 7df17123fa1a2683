// safetensors files made by the Python library and read by us, plain and sharded; and made by us and read by it.
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSafetensors, parseShardIndex, writeSafetensors } from '../../src/formats/safetensors.ts';
import { python } from './python.ts';

let folder: string;
let expected: Record<string, number[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-safetensors-'));
  expected = python('safetensors_files.py', 'write', folder) as Record<string, number[]>;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Tensor name → all its values as f32, from one file. */
async function read(file: string): Promise<Map<string, number[]>> {
  const { header, parts } = await openSafetensors(createReadStream(join(folder, file)), file);
  const found = new Map<string, number[]>(header.tensors.map(({ name }) => [name, []]));
  for await (const { entry, values } of parts) found.get(entry.name)?.push(...values);
  return found;
}

it('reads F32, F16 and BF16 as the library wrote them', async () => {
  const found = await read('plain.safetensors');
  expect([...found.keys()].sort()).toEqual(['BF16', 'F16', 'F32']);
  for (const [name, values] of found) expect(values).toEqual(expected[name]);
});

it('reads a sharded model through its index', async () => {
  const index = 'model.safetensors.index.json';
  const shards = parseShardIndex(await readFile(join(folder, index), 'utf8'), index);
  expect(shards.length).toBeGreaterThan(1);
  const found = new Map((await Promise.all(shards.map(read))).flatMap((tensors) => [...tensors]));
  expect([...found.keys()].sort()).toEqual([0, 1, 2, 3].map((layer) => `layers.${layer}.weight`));
  for (const [name, values] of found) expect(values).toEqual(expected[name]);
});

it('writes files that the library loads, bit for bit its own conversion', async () => {
  const values = Float32Array.from(expected.F32 ?? []);
  const dtypes = ['F32', 'F16', 'BF16'] as const;
  const bytes = writeSafetensors(
    dtypes.map((dtype) => ({ name: dtype, dtype, shape: [4, 128], values })),
    { format: 'pt', made_by: 'atelier' },
  );
  const file = join(folder, 'ours.safetensors');
  await writeFile(file, bytes);
  expect(python('safetensors_files.py', 'check', file)).toEqual({
    metadata: { format: 'pt', made_by: 'atelier' },
    same: { F32: true, F16: true, BF16: true },
  });
});
