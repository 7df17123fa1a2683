// FAISS files made by the Python library and searched by us, and made by us and searched by it: the same ids and scores.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFaiss, writeFaiss } from '../../src/formats/faiss.ts';
import { openVectorIndex } from '../../src/retrieval/vectorIndex.ts';
import { unitRows } from '../retrieval/vectors.ts';
import { python } from './python.ts';

/** Of each query. */
interface Found {
  ids: string[][];
  scores: number[][];
}

let folder: string;
let expected: Record<string, Found>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-faiss-'));
  expected = python('faiss_files.py', 'write', folder) as Record<string, Found>;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const floats = async (name: string): Promise<Float32Array<ArrayBuffer>> =>
  new Float32Array(Uint8Array.from(await readFile(join(folder, name))).buffer);

/** Ids are compared where no other score is as near as rounding; scores everywhere. */
function same(ours: { id: string; score: number }[], ids: readonly string[], scores: readonly number[]): void {
  expect(ours.length).toBe(ids.length);
  for (const [i, { id, score }] of ours.entries()) {
    expect(Math.abs(score - (scores[i] ?? NaN))).toBeLessThan(1e-6);
    const neighbours = [scores[i - 1], scores[i + 1]].filter((x) => x !== undefined);
    if (neighbours.every((other) => Math.abs(other - score) > 1e-6)) expect(id).toBe(ids[i]);
  }
}

it.each(['ip', 'l2', 'ip-map', 'l2-map', 'ip-map2', 'factory'])('%s of theirs is searched here', async (name) => {
  const { dim, ids, rows, metric } = readFaiss(await readFile(join(folder, `${name}.index`)));
  expect([dim, ids.length, metric]).toEqual([48, 300, name.startsWith('l2') ? 'l2' : 'ip']);
  const theirs = expected[name];
  const queries = await floats('queries.f32');
  for (const wanted of ['auto', 'exact'] as const) {
    const index = await openVectorIndex(rows, dim, wanted);
    expect(index.kind).toBe(wanted === 'auto' ? 'voy' : 'exact');
    for (let i = 0; i * dim < queries.length; i++) {
      const found = index.search(queries.subarray(i * dim, (i + 1) * dim), 10);
      // Theirs are squared distances of unit vectors there: 2 − 2 · cosine.
      const ours = found.map(({ row, score }) => ({
        id: String(ids[row]),
        score: metric === 'l2' ? 2 - 2 * score : score,
      }));
      same(ours, theirs?.ids[i] ?? [], theirs?.scores[i] ?? []);
    }
    index.dispose();
  }
});

it('ours is searched there', async () => {
  const [dim, count] = [512, 2000];
  const rows = unitRows(count, dim, 1);
  const queries = unitRows(25, dim, 2);
  const ids = BigInt64Array.from({ length: count }, (_, row) => BigInt(7919 * row) - 1000n);
  await writeFile(join(folder, 'ours.index'), writeFaiss({ dim, ids, rows, metric: 'ip' }));
  await writeFile(join(folder, 'ours.f32'), new Uint8Array(queries.buffer));
  const args = [join(folder, 'ours.index'), join(folder, 'ours.f32'), '10'];
  const theirs = python('faiss_files.py', 'search', ...args) as Found & Record<string, unknown>;
  expect(theirs).toMatchObject({ index: 'IndexIDMap', inner: 'IndexFlatIP', dim, total: count });
  const index = await openVectorIndex(rows, dim, 'exact');
  for (let i = 0; i < 25; i++) {
    const found = index.search(queries.subarray(i * dim, (i + 1) * dim), 10);
    const ours = found.map(({ row, score }) => ({ id: String(ids[row]), score }));
    same(ours, theirs.ids[i] ?? [], theirs.scores[i] ?? []);
  }
});
