// Runs in storage: a killed tab's run is paused, one that another tab trains is not; deleted with a way back.
import { beforeEach, expect, test } from 'vitest';
import { defaultSft } from '../../src/records/config.ts';
import { NANO } from '../../src/records/baseModel.ts';
import type { SftRun } from '../../src/records/run.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { runLogs } from '../../src/state/runLogs.svelte.ts';
import { runs } from '../../src/state/runs.svelte.ts';
import { training } from '../../src/state/training.svelte.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { readFile, writeFile } from '../../src/storage/files.ts';
import { runLock } from '../../src/storage/ownedFiles.ts';
import { checkpointPath } from '../../src/records/run.ts';

const made = (id: string, change: Partial<SftRun> = {}): SftRun => ({
  id,
  projectId: 'p',
  kind: 'sft',
  name: id,
  config: defaultSft(NANO),
  modelId: 'nano',
  modelSha256: '',
  status: 'running',
  problem: '',
  step: 7,
  steps: 60,
  samples: [],
  data: null,
  plan: null,
  checkpoint: null,
  adapterId: null,
  createdAt: `2026-01-01T00:00:0${id.length}.000Z`,
  endedAt: null,
  trainedMs: 0,
  version: 1,
  ...change,
});
const status = (id: string): string => {
  const run = runs.find(id);
  return run ? runs.statusOf(run) : 'gone';
};

beforeEach(async () => {
  await runs.load('');
  await connection.close();
  await deleteDatabase();
});

test('what a killed tab left running is paused; what a worker holds is trained elsewhere', async () => {
  await runs.add(made('killed'));
  await runs.add(made('held'));
  await navigator.locks.request(runLock('held'), async () => {
    await runs.load('p');
    expect([status('killed'), status('held')]).toEqual(['paused', 'elsewhere']);
  });
  await runs.load('p');
  expect(status('held')).toBe('paused');
  runs.own('held');
  expect(status('held')).toBe('running');
  runs.own(null);
});

test('a deleted run comes back with undo; when that is over, its log and checkpoint go too', async () => {
  await runs.load('p');
  await runs.add(made('kept', { createdAt: '2026-01-02' }));
  await runs.add(made('gone', { createdAt: '2026-01-03' }));
  const db = await connection.open();
  for (const runId of ['kept', 'gone'])
    await db.put('runEvents', { runId, index: 0, step: 0, at: 0, kind: 'log', text: 'started', detail: '' });
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield new Uint8Array([1, 2, 3]);
  }
  await writeFile(checkpointPath('gone'), bytes());

  runs.hide('gone');
  expect(runs.list.map(({ id }) => id)).toEqual(['kept']);
  runs.restore('gone');
  expect(runs.list.map(({ id }) => id)).toEqual(['gone', 'kept']);
  runs.hide('gone');
  await runs.sweep('gone');
  await runs.load('p');
  expect(runs.list.map(({ id }) => id)).toEqual(['kept']);
  expect((await db.getAll('runEvents')).map(({ runId }) => runId)).toEqual(['kept']);
  expect(await readFile(checkpointPath('gone'))).toBeNull();
});

test('only a run that is not begun, paused or failed goes on, and only where no other tab trains it', async () => {
  await runs.load('p');
  await runs.add(made('held'));
  await navigator.locks.request(runLock('held'), async () => {
    expect(status('held')).toBe('paused'); // as it was when the runs were read
    expect((await runs.read('held'))?.status).toBe('running');
    expect(status('held')).toBe('elsewhere');
    for (const run of [made('held'), made('d', { status: 'done' }), made('s', { status: 'stopped' })]) {
      training.resume(run);
      expect([run.id, training.live]).toEqual([run.id, null]);
    }
    expect((['paused', 'failed'] as const).map((one) => runs.canResume(made('x', { status: one })))).toEqual([
      true,
      true,
    ]);
  });
});

test('a run that was deleted does not come back with the last word of its training', async () => {
  await runs.load('p');
  for (const id of ['here', 'other tab']) await runs.add(made(id));
  runs.hide('here');
  await runs.sweep('here');
  await (await connection.open()).delete('runs', 'other tab');
  expect(await runs.read('other tab')).toBeNull();
  for (const id of ['here', 'other tab']) {
    runs.restore(id);
    runs.show(made(id, { status: 'done' }));
    expect(status(id)).toBe('gone');
  }
});

test('a new name is stored; an empty one is not', async () => {
  await runs.load('p');
  await runs.add(made('one'));
  await runs.rename('one', '  Better  ');
  await runs.rename('one', ' ');
  await runs.load('p');
  expect(runs.find('one')?.name).toBe('Better');
});

test('live events that come while the log is read are behind the stored ones', async () => {
  await runs.load('p');
  const db = await connection.open();
  const event = (index: number) => ({ runId: 'live', index, step: index, at: index, kind: 'metrics' as const });
  for (const index of [0, 1]) await db.put('runEvents', { ...event(index), values: { 'train/loss': 3 - index } });
  const shown = runLogs.of('live');
  shown.push({ ...event(2), values: { 'train/loss': 1 } });
  await shown.read;
  expect([...shown.log.line('train/loss').y]).toEqual([3, 2, 1]);
});
