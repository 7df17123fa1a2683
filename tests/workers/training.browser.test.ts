// Runs in the browser's storage: logged, kept, resumed after a pause or a kill, ended in words when they cannot go on.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft, type SftConfig } from '../../src/records/config.ts';
import { DEMONSTRATION_VERSION } from '../../src/records/demonstration.ts';
import { adapterPath } from '../../src/records/adapter.ts';
import { checkpointPath, RUN_VERSION, type Run, type RunEvent, type SftRun } from '../../src/records/run.ts';
import { revisionKey } from '../../src/storage/demonstrations.ts';
import { deleteAllFiles, readFile } from '../../src/storage/files.ts';
import type { TrainEvent } from '../../workers/api.ts';
import { readAdapter } from '../../workers/adapters.ts';
import { database } from '../../workers/database.ts';
import { Training } from '../../workers/training.ts';
import { filesIn } from '../engine/files.ts';

const SLOW = 240_000; // pipelines are compiled on the processor here
const PROJECT = 'training';
const CONFIG: SftConfig = {
  ...defaultSft(NANO),
  ...{ rank: 1, targets: ['q_proj'], batch: 1, steps: 4, maxLength: 24, learningRate: 0.01 },
  ...{ evalEvery: 0, sampleEvery: 0, checkpointEvery: 2, testShare: 0 },
};
const createdAt = '2026-01-01T00:00:00.000Z';

let engine: Engine;
let training: Training;
beforeAll(async () => {
  engine = new Engine(() => undefined, undefined, readAdapter);
  training = new Training(engine);
  await engine.load(NANO, filesIn('public/models/nano'));
  await deleteAllFiles();
  await project(PROJECT);
}, SLOW);
afterAll(() => engine.dispose());

const project = async (id: string) =>
  (await database()).put('projects', { id, name: id, createdAt, updatedAt: createdAt, version: 1 } as never);
const put = async (i: number, completion: string) =>
  (await database()).put('demonstrations', {
    ...{ id: `row ${i}`, projectId: PROJECT, row: { prompt: `Say ${i}.`, completion }, split: null, source: '' },
    ...{ position: i, createdAt, version: DEMONSTRATION_VERSION },
  });
beforeEach(async () => {
  for (const [i, word] of ['One.', 'Two.', 'Three.'].entries()) await put(i, word);
});

async function stored(id: string, more: Partial<SftRun> = {}): Promise<void> {
  const run: SftRun = {
    ...{ id, projectId: PROJECT, kind: 'sft', name: `run ${id}`, config: CONFIG, modelId: NANO.id },
    ...{ modelSha256: NANO.sha256, status: 'running', problem: '', step: 0, steps: 0, samples: [], data: null },
    ...{ plan: null, checkpoint: null, adapterId: null, createdAt, endedAt: null, trainedMs: 0 },
    version: RUN_VERSION,
    ...more,
  };
  await (await database()).put('runs', run);
}

const logOf = async (id: string): Promise<RunEvent[]> =>
  (await database()).getAll('runEvents', IDBKeyRange.bound([id, 0], [id, Infinity]));
const texts = (log: RunEvent[]) => log.flatMap((e) => (e.kind === 'log' ? [e.text] : []));
const losses = (log: RunEvent[]) =>
  log.flatMap((e) => (e.kind === 'metrics' ? [[e.step, e.values['train/loss'], e.values.grad_norm]] : []));
const valuesOf = async (run: Run) => (await readAdapter(run.adapterId ?? '')).values;

/** Pauses it after a step. */
const pauseAt = (id: string, step: number) => (event: TrainEvent) => {
  if (event.kind === 'event' && event.event.kind === 'metrics' && event.event.step >= step) training.end(id, 'pause');
};

let calm: { run: Run; log: RunEvent[] };
test(
  'a run leaves its log, its adapter with its record, and no checkpoint',
  async () => {
    await stored('calm');
    const live: RunEvent[] = [];
    const run = await training.train('calm', (event) => void (event.kind === 'event' && live.push(event.event)));
    expect(run).toMatchObject({ status: 'done', problem: '', step: 4, steps: 4, checkpoint: null });
    expect(run.data).toMatchObject({ train: 3, test: 0 });
    const log = await logOf('calm');
    expect(log).toEqual(live);
    expect(log.map(({ index }) => index)).toEqual(log.map((_, i) => i));
    expect(texts(log)).toEqual(['started', 'checkpoint', 'done']);
    expect(losses(log).map(([step]) => step)).toEqual([1, 2, 3, 4]);
    const db = await database();
    expect(await db.get('runs', 'calm')).toEqual(run);
    expect(await db.get('adapters', run.adapterId ?? '')).toMatchObject({ runId: 'calm', baseSha256: NANO.sha256 });
    expect(await readFile(adapterPath(run.adapterId ?? ''))).not.toBeNull();
    expect(await readFile(checkpointPath('calm'))).toBeNull();
    calm = { run, log };
  },
  SLOW,
);

test(
  'paused and resumed, it leaves the curve and the adapter of the run that was not, to the bit',
  async () => {
    await stored('paused');
    const paused = await training.train('paused', pauseAt('paused', 1));
    expect(paused.status).toBe('paused');
    expect(paused.step).toBeLessThan(4);
    expect(paused.checkpoint?.step).toBe(paused.step);
    expect(texts(await logOf('paused')).at(-1)).toBe('paused');
    const run = await training.train('paused', () => undefined);
    expect(run.status).toBe('done');
    expect(losses(await logOf('paused'))).toEqual(losses(calm.log));
    expect(await valuesOf(run)).toEqual(await valuesOf(calm.run));
  },
  SLOW,
);

test(
  'after a kill the log is cut back to the checkpoint and goes on to the same numbers',
  async () => {
    await stored('killed');
    const paused = await training.train('killed', pauseAt('killed', 1));
    // What a worker leaves that is ended without a word: status "running", and lines that came after its checkpoint.
    const db = await database();
    const from = paused.checkpoint?.events ?? 0;
    await db.put('runs', { ...paused, status: 'running', step: 99 });
    for (const index of [from, from + 1])
      await db.put('runEvents', { runId: 'killed', index, step: 99, at: 0, kind: 'metrics', values: { lr: 9 } });
    const resumed = { kind: 'log', text: 'resumed', detail: `${paused.step}` } as const;
    await db.put('runEvents', { runId: 'killed', index: from + 2, step: 99, at: 0, ...resumed });
    const cuts: number[] = [];
    const run = await training.train('killed', (event) => void (event.kind === 'cut' && cuts.push(event.from)));
    expect(cuts).toEqual([from]);
    expect(run.status).toBe('done');
    const log = await logOf('killed');
    expect(log.map(({ index }) => index)).toEqual(log.map((_, i) => i));
    expect(losses(log)).toEqual(losses(calm.log));
    expect(texts(log).filter((text) => text === 'resumed')).toHaveLength(2); // the one before is not forgotten
    expect(log.find((event) => event.kind === 'log' && event.text === 'repeated')).toMatchObject({
      detail: `${paused.step + 1}–99`,
    });
    expect(texts(log)).not.toContain('otherPlan');
    expect(await valuesOf(run)).toEqual(await valuesOf(calm.run));
  },
  SLOW,
);

test(
  'stopped, it keeps the adapter as it is; on other rows or another base it does not go on, and says so',
  async () => {
    await stored('stopped');
    const stopped = await training.train('stopped', (event) => {
      if (event.kind === 'event' && event.event.kind === 'metrics') training.end('stopped', 'stop');
    });
    expect(stopped.status).toBe('stopped');
    expect(await valuesOf(stopped)).not.toEqual(await valuesOf(calm.run));
    expect(await readFile(checkpointPath('stopped'))).toBeNull();

    await stored('other');
    await training.train('other', pauseAt('other', 1));
    await put(1, 'Twenty.');
    const failed = await training.train('other', () => undefined);
    expect(failed).toMatchObject({ status: 'failed', adapterId: null });
    expect(failed.problem).toMatch(/rows must be those that it began with/);
    await put(1, 'Two.');
    expect((await training.train('other', () => undefined)).status).toBe('done');

    await stored('foreign', { modelSha256: 'ff' });
    expect((await training.train('foreign', () => undefined)).problem).toMatch(/its base "nano" \(ff\) must be loaded/);
  },
  SLOW,
);

test(
  'an end that cannot keep the adapter keeps the last step, and comes again without a step computed twice',
  async () => {
    await stored('full', { projectId: 'gone' }); // its adapter finds no project to belong to: the write throws
    for (const row of await (await database()).getAllFromIndex('demonstrations', 'byProject', PROJECT))
      await (await database()).put('demonstrations', { ...row, id: `gone ${row.id}`, projectId: 'gone' });
    const failed = await training.train('full', () => undefined);
    expect(failed).toMatchObject({ status: 'failed', adapterId: null, checkpoint: { step: 4 } });
    await project('gone');
    const steps: number[] = [];
    const run = await training.train('full', (event) => {
      if (event.kind === 'event' && event.event.kind === 'metrics') steps.push(event.event.step);
    });
    expect(run).toMatchObject({ status: 'done', checkpoint: null });
    expect(steps).toEqual([]);
    expect(losses(await logOf('full'))).toEqual(losses(calm.log));
    expect(await valuesOf(run)).toEqual(await valuesOf(calm.run));
    const left = await (await database()).getAllFromIndex('adapters', 'byProject', 'gone');
    expect(left.map(({ runId }) => runId)).toEqual(['full']);
  },
  SLOW,
);

test(
  'deleted while it is trained, it ends and leaves nothing',
  async () => {
    await stored('deleted');
    const db = await database();
    await training.train('deleted', async (event) => {
      if (event.kind !== 'event' || event.event.kind !== 'metrics' || event.event.step !== 1) return;
      const tx = db.transaction(['runs', 'runEvents'], 'readwrite');
      await tx.objectStore('runs').delete('deleted');
      await tx.objectStore('runEvents').delete(IDBKeyRange.bound(['deleted', 0], ['deleted', Infinity]));
      await tx.done;
    });
    expect(await db.get('runs', 'deleted')).toBeUndefined();
    expect(await logOf('deleted')).toEqual([]);
    expect(await readFile(checkpointPath('deleted'))).toBeNull();
    const adapters = await db.getAllFromIndex('adapters', 'byProject', PROJECT);
    expect(adapters.map(({ runId }) => runId)).not.toContain('deleted');
  },
  SLOW,
);

test(
  'renamed while it is trained, it is told under its new name, and so is its adapter',
  async () => {
    await stored('renamed');
    const db = await database();
    let told = '';
    const run = await training.train('renamed', (event) => {
      if (event.kind === 'run') told = event.run.name;
      const first = event.kind === 'event' && event.event.kind === 'metrics' && event.event.step === 1;
      if (first)
        void db.get('runs', 'renamed').then((kept) => kept && db.put('runs', { ...kept, name: 'another name' }));
    });
    expect([told, run.name]).toEqual(['another name', 'another name']);
    expect(await db.get('adapters', run.adapterId ?? '')).toMatchObject({ name: 'another name' });
  },
  SLOW,
);

test(
  'stopped while the last evaluation is made, it is not done; a stop that comes while a pause is kept is a stop',
  async () => {
    await (
      await database()
    ).put('demonstrations', {
      ...{
        id: 'tested',
        projectId: PROJECT,
        row: { prompt: 'Say 9.', completion: 'Nine.' },
        split: 'test',
        source: '',
      },
      ...{ position: 9, createdAt, version: DEMONSTRATION_VERSION },
    });
    const config = { ...CONFIG, steps: 1 };
    await stored('early', { config });
    let step = 0;
    const early = await training.train('early', (event) => {
      if (event.kind === 'run') ({ step } = event.run);
      if (event.kind === 'doing' && event.what === 'evaluating' && step === 1) training.end('early', 'stop');
    });
    expect(early).toMatchObject({ status: 'stopped', step: 1 });
    const log = await logOf('early');
    expect(texts(log).at(-1)).toBe('stopped');
    expect(log.flatMap((e) => (e.kind === 'metrics' && e.values['test/loss'] ? [e.step] : []))).toEqual([0]);

    await stored('hasty', { config });
    const hasty = await training.train('hasty', (event) => {
      if (event.kind === 'doing' && event.what === 'evaluating') training.end('hasty', 'pause');
      if (event.kind === 'doing' && event.what === 'saving') training.end('hasty', 'stop');
    });
    expect(hasty.status).toBe('stopped');
    expect(hasty.adapterId).not.toBeNull();
    await (await database()).delete('demonstrations', 'tested');
  },
  SLOW,
);

test('one run at a time, in one tab: others are refused in words', async () => {
  await stored('held');
  await navigator.locks.request('atelier-run:held', async () => {
    await expect(training.train('held', () => undefined)).rejects.toThrow('in one tab alone');
  });
  await expect(training.train('nowhere', () => undefined)).rejects.toThrow('no run nowhere');
  expect(training.runId).toBeNull();
});

test(
  'going on from a checkpoint that other kernels computed is told, after a lost device too',
  async () => {
    await stored('elsewhere');
    let lost = false;
    const run = await training.train('elsewhere', (event) => {
      if (event.kind === 'run' && event.run.plan && !lost) event.run.plan.hash = 'another plan';
      if (event.kind !== 'event' || event.event.step < 3 || lost) return;
      lost = true;
      void engine.current().then((session) => session?.gpu.destroy());
    });
    expect(run.status).toBe('done');
    const said = texts(await logOf('elsewhere'));
    expect(said.slice(said.indexOf('deviceLost'))).toEqual(['deviceLost', 'otherPlan', 'done']);
  },
  SLOW,
);

test('a forecast counts the rows of the project; without any it says what is missing', async () => {
  const forecast = await training.forecast(PROJECT, { ...CONFIG, steps: 0, epochs: 2 });
  expect(forecast).toMatchObject({ data: { train: 3, test: 0 }, steps: 6, problem: null });
  const often = await training.forecast(PROJECT, { ...CONFIG, steps: 0, epochs: 2, sampleEvery: 1 });
  const never = await training.forecast(PROJECT, { ...CONFIG, steps: 0, epochs: 2, sampleEvery: 0 });
  expect(often.stepMs).toBe(never.stepMs);
  expect(often.besideMs).toBeGreaterThan(never.besideMs); // answers take their time too
  expect((await training.forecast('empty', CONFIG)).problem).toMatch(/^rows: at least one must have a token to learn/);
});

test('rows are read and encoded again for a forecast when they were changed, not when a setting was', async () => {
  const db = await database();
  await db.put('settings', 'first', revisionKey(PROJECT));
  const before = await training.forecast(PROJECT, CONFIG);
  await put(1, 'Twenty.');
  const { data } = await training.forecast(PROJECT, { ...CONFIG, learningRate: 1e-3 });
  expect(data.hash).toBe(before.data.hash); // nobody has said that the rows are others
  await db.put('settings', 'second', revisionKey(PROJECT));
  expect((await training.forecast(PROJECT, CONFIG)).data.hash).not.toBe(before.data.hash);
  expect((await training.forecast(PROJECT, { ...CONFIG, maxLength: 16 })).data.hash).not.toBe(data.hash);
  await db.delete('settings', revisionKey(PROJECT));
});
