// The corpus' storage in the browser: an embedder is kept whole or not at all, and a browser without files says so.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { USE_LITE, type Embedder } from '../../src/records/embedder.ts';
import { deleteAllFiles, deleteFile, listFiles } from '../../src/storage/files.ts';
import { corpusStore } from '../../workers/corpusStore.ts';
import { database } from '../../workers/database.ts';

const own: Embedder = { ...USE_LITE, id: 'own', name: 'own', url: null };
const part = (path: string) => ({ path, file: new Blob([`content of ${path}`]) });
const parts = [part('config.json'), part('onnx/model.onnx')];
const broken = {
  path: 'late.bin',
  file: { size: 1, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) }) },
};
const unreadable = broken as unknown as (typeof parts)[number];
const paths = async (): Promise<string[]> => (await listFiles()).map(({ path }) => path);
const whole = ['embedders/own/config.json', 'embedders/own/onnx/model.onnx'];

beforeEach(deleteAllFiles);
afterEach(async () => {
  vi.restoreAllMocks();
  await corpusStore.removeEmbedder('own');
});

test('an embedder that could not be copied leaves nothing behind', async () => {
  await expect(corpusStore.putEmbedder(own, [...parts, unreadable])).rejects.toThrow('gone');
  expect([await paths(), await corpusStore.embedder('own')]).toEqual([[], null]);
});

test('an embedder whose record could not be kept leaves nothing behind', async () => {
  const db = await database();
  vi.spyOn(db, 'transaction').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });
  await expect(corpusStore.putEmbedder(own, parts)).rejects.toThrow(/no room/);
  vi.restoreAllMocks();
  expect([await paths(), await corpusStore.embedder('own')]).toEqual([[], null]);
});

test('one that is brought again stays as it is, whatever goes wrong; a file that was lost comes back', async () => {
  await corpusStore.putEmbedder(own, parts);
  await expect(corpusStore.putEmbedder({ ...own, name: 'again' }, [...parts, unreadable])).rejects.toThrow('gone');
  expect([await paths(), await corpusStore.embedder('own')]).toEqual([whole, own]);
  await deleteFile('embedders/own/onnx/model.onnx');
  expect(await corpusStore.putEmbedder({ ...own, name: 'again' }, parts)).toEqual(own);
  expect([await paths(), await corpusStore.embedder('own')]).toEqual([whole, own]);
});

test('where the browser keeps no files there are no rows, and none can be kept: that is said', async () => {
  vi.spyOn(StorageManager.prototype, 'getDirectory').mockRejectedValue(new DOMException('not here', 'SecurityError'));
  expect([await corpusStore.segments('a'), await corpusStore.rows('a', 0)]).toEqual([[], null]);
  await corpusStore.dropRows('a');
  const origin = { embedder: 'e', plan: 'p', first: 0 };
  const kept = corpusStore.putRows('a', new Float32Array(4), 4, origin);
  await expect(kept).rejects.toMatchObject({
    name: 'StorageAbsent',
    message:
      'storage: the browser must let this site keep files, got not here. Leave private browsing, or use another browser.',
  });
});
