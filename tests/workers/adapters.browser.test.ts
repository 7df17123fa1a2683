// Adapters through the data worker: in and out bit by bit, refused in words, the file gone with its record.
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { loraParts } from '../../src/engine/lora.ts';
import { parseConfig } from '../../src/engine/models/config.ts';
import { writeAdapterWeights, type AdapterPart } from '../../src/formats/adapterWeights.ts';
import { writePeftConfig } from '../../src/formats/peft.ts';
import { openZip } from '../../src/formats/zip.ts';
import { adapterPath, type Adapter, type LoraSettings } from '../../src/records/adapter.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles, piecesOf, writeFile } from '../../src/storage/files.ts';
import { readAdapter, writeAdapter } from '../../workers/adapters.ts';
import type { DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';

const lora: LoraSettings = { rank: 3, alpha: 6, rsLora: true, dropout: 0.1, targets: ['k_proj', 'down_proj'] };
const siteUrl = new URL('/', location.href).href;
const target = { projectId: 'p', createdAt: '2026-01-02T00:00:00.000Z', model: NANO };

let data: Connection<DataApi>;
let db: Database;
let parts: AdapterPart[];
let values: Float32Array<ArrayBuffer>;

beforeAll(async () => {
  const config = await (await fetch(new URL(`${NANO.url}config.json`, siteUrl))).text();
  const layout = loraParts(parseConfig(config), lora);
  ({ parts } = layout);
  values = new Float32Array(layout.length);
  for (const { shape, offset } of parts)
    for (let i = 0; i < shape[0] * shape[1]; i++) values[offset + i] = Math.sin(offset + i);
});
beforeEach(async () => {
  await deleteDatabase();
  await deleteAllFiles();
  db = await openDatabase();
  const project = { id: 'p', name: 'p', demo: false, createdAt: '2026-01-01', version: 1 };
  await write(db, ['projects'], (tx) => tx.objectStore('projects').put(project));
  data = connectData();
});
afterEach(() => {
  data.terminate();
  db.close();
});

const file = (path: string, content: BlobPart): { path: string; file: File } => {
  return { path, file: new File([content], path.split('/').at(-1) ?? '') };
};
const folder = (
  weights: Uint8Array<ArrayBuffer> = writeAdapterWeights(parts, values),
  config = writePeftConfig({ base: 'elsewhere', taskType: 'CAUSAL_LM', lora }),
) => [file('mine/adapter_config.json', config), file('mine/adapter_model.safetensors', weights)];
const bring = (files: { path: string; file: File }[]): Promise<Adapter> =>
  data.api.importAdapter(files, target, siteUrl);
const paths = async (): Promise<string[]> => (await listFiles()).map(({ path }) => path);

test('a folder becomes an adapter whose numbers are those of the file', async () => {
  const adapter = await bring(folder());
  expect(adapter).toMatchObject({
    projectId: 'p',
    name: 'mine',
    baseModelId: 'nano',
    baseSha256: '',
    lora,
    runId: null,
  });
  expect(adapter.parameters).toBe(parts.reduce((sum, { shape }) => sum + shape[0] * shape[1], 0));
  expect(await db.getAll('adapters')).toEqual([adapter]);
  expect(await readAdapter(adapter.id)).toEqual({ settings: lora, values, head: null, baseSha256: '' }); // padding and all: as the engine lays it out
});

test('what was trained here leaves as a zip, and the zip comes back bit by bit', async () => {
  const made = { id: 'a', projectId: 'p', name: 'Trained', taskType: 'CAUSAL_LM' as const, baseModelId: NANO.id };
  await writeAdapter(
    { ...made, baseSha256: NANO.sha256, lora, runId: null, createdAt: target.createdAt },
    parts,
    values,
  );
  const zip = await data.api.exportAdapter('a', siteUrl);
  const { parts: entries } = await openZip(zip);
  expect(entries.map(({ path }) => path)).toEqual(['adapter_config.json', 'adapter_model.safetensors', 'README.md']);
  const back = await bring([file('Trained.zip', zip)]);
  expect(back).toMatchObject({ name: 'Trained', lora, baseSha256: NANO.sha256 });
  const [before, after] = await Promise.all([readAdapter('a'), readAdapter(back.id)]);
  expect(after).toEqual(before);
});

test('what does not fit is refused in words, and nothing of it is kept', async () => {
  const rank4 = writePeftConfig({ base: '', taskType: 'CAUSAL_LM', lora: { ...lora, rank: 4 } });
  const scorer = writePeftConfig({ base: '', taskType: 'SEQ_CLS', lora });
  const others = writeAdapterWeights(parts, values, { base_sha256: 'f00d' });
  const refused: [{ path: string; file: File }[], RegExp][] = [
    [folder(undefined, rank4), /lora_A.weight must be \[4, \d+\] for nano v2, got \[3, \d+\]/],
    [folder(writeAdapterWeights(parts.slice(2), values)), /must hold base_model\.model.*got no such matrix/],
    [folder(undefined, scorer), /score\.weight must be \[1, \d+\].*got none/],
    [folder(others), /must be trained on the weights of nano v2 .* got one of f00d/],
    [folder(new Uint8Array(20)), /adapter_model.safetensors/],
    [folder().slice(1), /adapter_config.json: must be among the files of a PEFT folder, got 1 files/],
    [[...folder().slice(0, 1), file('mine/adapter_model.bin', 'x')], /got adapter_model.bin. Save it again/],
    [[file('x.zip', 'no zip at all')], /zip: must be a whole zip file/],
  ];
  for (const [files, sentence] of refused) await expect(bring(files)).rejects.toThrow(sentence);
  expect([await db.count('adapters'), await paths()]).toEqual([0, []]);
});

test('an adapter that is removed takes its file with it, and can no longer leave', async () => {
  const [one, other] = [await bring(folder()), await bring(folder())];
  await data.api.removeAdapter(one.id);
  expect(await paths()).toEqual([adapterPath(other.id)]);
  expect(await db.getAllKeys('adapters')).toEqual([other.id]);
  await expect(data.api.exportAdapter(one.id, siteUrl)).rejects.toThrow(/must be kept here, got no such adapter/);
});

test('a project that has gone meanwhile takes no adapter', async () => {
  await write(db, ['projects'], (tx) => tx.objectStore('projects').delete('p'));
  await expect(bring(folder())).rejects.toThrow(/a project must be there to keep one/);
  expect([await db.count('adapters'), await paths()]).toEqual([0, []]);
});

test('a file without a record is swept at the next start, one with a record is not', async () => {
  const kept = await bring(folder());
  await writeFile(adapterPath('left'), piecesOf(new Blob(['cut off'])));
  data.terminate();
  data = connectData();
  await data.api.cancel('nothing'); // starts the thread
  await expect.poll(paths).toEqual([adapterPath(kept.id)]);
});
