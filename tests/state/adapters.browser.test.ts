// The adapters of the open project: who can answer, renamed, deleted with a way back, brought and taken away.
import { beforeEach, expect, test } from 'vitest';
import { loraParts } from '../../src/engine/lora.ts';
import { parseConfig } from '../../src/engine/models/config.ts';
import { writeAdapterWeights } from '../../src/formats/adapterWeights.ts';
import { writePeftConfig } from '../../src/formats/peft.ts';
import type { Adapter, LoraSettings } from '../../src/records/adapter.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { adapters } from '../../src/state/adapters.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { createProject, openProject } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles } from '../../src/storage/files.ts';

const lora: LoraSettings = { rank: 2, alpha: 4, rsLora: false, dropout: 0, targets: ['q_proj'] };
const siteUrl = new URL('/', location.href).href;
const model = { ...NANO, url: `${siteUrl}${NANO.url}` };

let projectId: string;
beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  adapters.choose(null);
  projectId = (await createProject('One')).id;
});

/** As a run leaves it, without its file. */
async function keep(id: string, change: Partial<Adapter> = {}): Promise<void> {
  const adapter: Adapter = {
    ...{ id, projectId, name: id, taskType: 'CAUSAL_LM', baseModelId: NANO.id, baseSha256: NANO.sha256, lora },
    ...{ parameters: 1, bytes: 4, runId: null, createdAt: `2026-01-01T00:00:0${id.length}Z`, version: 1 },
    ...change,
  };
  await connection.write(['adapters'], (tx) => tx.objectStore('adapters').put(adapter));
  await adapters.load(projectId);
}
const ids = (list: readonly Adapter[]): string[] => list.map(({ id }) => id);

/** A folder as peft saves it. */
async function folder(): Promise<File[]> {
  const config = await (await fetch(`${model.url}config.json`)).text();
  const { parts, length } = loraParts(parseConfig(config), lora);
  return [
    new File([writePeftConfig({ base: '', taskType: 'CAUSAL_LM', lora })], 'adapter_config.json'),
    new File([writeAdapterWeights(parts, new Float32Array(length).fill(0.5))], 'adapter_model.safetensors'),
  ];
}

test('only those made on the weights in use can answer, newest first', async () => {
  await keep('a');
  await keep('bb', { baseSha256: '' });
  await keep('ccc', { baseSha256: 'f00d' });
  await keep('dddd', { taskType: 'SEQ_CLS' });
  await keep('eeeee', { baseModelId: 'another' });
  expect(ids(adapters.list)).toEqual(['eeeee', 'dddd', 'ccc', 'bb', 'a']);
  expect(ids(adapters.usable)).toEqual(['bb', 'a']);
  adapters.choose('ccc');
  expect(adapters.chosen).toBeNull();
});

test('a broken record hides no other', async () => {
  await keep('a');
  await keep('broken', { lora: { ...lora, targets: ['lm_head' as never] } });
  expect(ids(adapters.list)).toEqual(['a']);
});

test('the chosen one answers in its project alone, and again when that is opened again', async () => {
  await keep('a');
  adapters.choose('a');
  expect(adapters.chosen?.id).toBe('a');
  await createProject('Two');
  expect([adapters.chosen, ids(adapters.list)]).toEqual([null, []]);
  await openProject(projectId);
  expect(adapters.chosen?.id).toBe('a');
});

test('one being deleted answers no more, comes back, and is gone for good with its file', async () => {
  const { id } = await adapters.bring(await folder(), model, projectId);
  adapters.choose(id);
  adapters.hide(id);
  expect([adapters.chosen, adapters.find(id), await listFiles()]).toMatchObject([null, null, [{}]]);
  adapters.show(id);
  expect(adapters.chosen?.id).toBe(id);
  adapters.hide(id);
  await adapters.remove(id);
  expect([ids(adapters.list), await listFiles()]).toEqual([[], []]);
  await adapters.load(projectId);
  expect(ids(adapters.list)).toEqual([]);
});

test('a new name is kept; an empty one is none', async () => {
  await keep('a');
  await adapters.rename('a', '  Relation  ');
  await adapters.rename('a', ' ');
  expect(adapters.find('a')?.name).toBe('Relation');
  await adapters.load(projectId);
  expect(adapters.find('a')?.name).toBe('Relation');
});

test('what leaves comes in again as another of the same numbers', async () => {
  const first = await adapters.bring(await folder(), model, projectId);
  const zip = new File([await adapters.leave(first.id)], 'Mine.zip');
  const second = await adapters.bring([zip], model, projectId);
  expect(second).toMatchObject({ name: 'Mine', lora, parameters: first.parameters });
  expect(ids(adapters.list)).toEqual([second.id, first.id]);
});
