// Demonstrations: imported once, edited and deleted with a way back, kept over a reload, gone with their project.
import { beforeEach, expect, test } from 'vitest';
import { chain } from '../../src/state/chain.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { demonstrations } from '../../src/state/demonstrations.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { runs } from '../../src/state/runs.svelte.ts';
import { rowImport, sideOf } from '../../src/state/rowImport.svelte.ts';
import { createProject, openProject, removeProject, startWorkspace } from '../../src/state/workspace.ts';
import type { Adapter } from '../../src/records/adapter.ts';
import type { DemonstrationRow } from '../../src/records/demonstration.ts';
import type { Run } from '../../src/records/run.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { readDemonstrations } from '../../src/storage/demonstrations.ts';
import { deleteAllFiles, listFiles, writeFile } from '../../src/storage/files.ts';
import { runLock } from '../../src/storage/ownedFiles.ts';

beforeEach(async () => {
  rowImport.close();
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  localStorage.clear();
  await startWorkspace();
  await createProject('P');
});

const row = (n: number): DemonstrationRow => ({ prompt: `Question ${n}?`, completion: `Answer ${n}.` });
const file = (name: string, ...rows: unknown[]): File =>
  new File([rows.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('')], name);
const prompts = (): string[] =>
  demonstrations.list.map(({ row: one }) => ('prompt' in one ? one.prompt : JSON.stringify(one)));
/** As another start of the studio reads them. */
async function stored(): Promise<string[]> {
  const rows = await readDemonstrations(await connection.open(), projects.current?.id ?? '');
  expect(rows).toEqual(demonstrations.list);
  return prompts();
}

test('rows of a file keep their order, their side and where they came from', async () => {
  const came = await demonstrations.import([
    { file: file('a.jsonl', row(1), 'no row', row(2)), mapping: null, split: 'train' },
    { file: file('b.jsonl', row(3)), mapping: null, split: 'test' },
  ]);
  expect(came).toMatchObject({ added: 3, known: 0, refused: 1 });
  await demonstrations.add(row(4));
  expect(await stored()).toEqual(['Question 1?', 'Question 2?', 'Question 3?', 'Question 4?']);
  expect(demonstrations.list.map(({ split, source }) => [split, source])).toEqual([
    ['train', 'a.jsonl'],
    ['train', 'a.jsonl'],
    ['test', 'b.jsonl'],
    [null, ''],
  ]);
});

test('a file that is imported again adds nothing; repeated rows of one file stay', async () => {
  const twice = { file: file('a.jsonl', row(1), row(1), row(2)), mapping: null, split: null };
  expect(await demonstrations.import([twice])).toMatchObject({ added: 3, known: 0 });
  expect(await demonstrations.import([twice])).toMatchObject({ added: 0, known: 3 });
  expect(await stored()).toHaveLength(3);
});

test('an import is taken back whole, and nothing else with it', async () => {
  await demonstrations.add(row(0));
  const first = await demonstrations.import([{ file: file('a.jsonl', row(1), row(2)), mapping: null, split: null }]);
  await demonstrations.import([{ file: file('b.jsonl', row(3)), mapping: null, split: null }]);
  await demonstrations.edit(demonstrations.list[1]?.id ?? '', { row: row(9) });
  await demonstrations.forget(first.importId);
  expect(await stored()).toEqual(['Question 0?', 'Question 3?']);
});

test('a row is edited in its place; one that cannot be learned from is refused and changes nothing', async () => {
  for (const n of [1, 2, 3]) await demonstrations.add(row(n));
  const id = demonstrations.list[1]?.id ?? '';
  await demonstrations.edit(id, { row: { text: 'Once.' }, split: 'test' });
  await expect(demonstrations.edit(id, { row: { prompt: 'Who?', completion: ' ' } })).rejects.toThrow(
    /row\.completion: must not be empty/,
  );
  await expect(demonstrations.add({ messages: [{ role: 'user', content: 'Hm' }] })).rejects.toThrow(
    /assistant must say/,
  );
  expect(await stored()).toEqual(['Question 1?', '{"text":"Once."}', 'Question 3?']);
  expect(demonstrations.list[1]?.split).toBe('test');
});

test('a row that was edited after a run makes the training stale; a broken row hides no other', async () => {
  const { id, projectId } = await demonstrations.add(row(1));
  await demonstrations.add(row(2));
  const data = { train: 2, test: 0, truncated: 0, dropped: 0, hash: '' };
  const createdAt = new Date(Date.now() + 5).toISOString();
  await runs.add({ id: 'r', projectId, kind: 'sft', status: 'done', createdAt, data } as Run);
  expect(chain.stage('fine-tune').state).toBe('done');
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(createdAt));
  await demonstrations.edit(id, { row: row(9) });
  expect(chain.stage('fine-tune').state).toBe('stale');

  const db = await connection.open();
  await db.put('demonstrations', { ...demonstrations.list[1], id: 'broken', row: { prompt: 'Who?' } } as never);
  await db.put('settings', 'of another tab', `demonstrations:${projectId}`);
  await demonstrations.load(projectId);
  expect(prompts()).toEqual(['Question 9?', 'Question 2?']);
});

test('deleted rows come back to their places', async () => {
  for (const n of [1, 2, 3, 4]) await demonstrations.add(row(n));
  const gone = await demonstrations.remove(demonstrations.list.slice(1, 3).map(({ id }) => id));
  expect(await stored()).toEqual(['Question 1?', 'Question 4?']);
  await demonstrations.restore(gone);
  expect(await stored()).toEqual(['Question 1?', 'Question 2?', 'Question 3?', 'Question 4?']);
});

test('what another tab changed is read with the next look; unchanged rows stay the same objects', async () => {
  const { id, projectId } = await demonstrations.add(row(1));
  const before = demonstrations.list;
  await demonstrations.load(projectId);
  expect(demonstrations.list).toBe(before);
  const db = await connection.open();
  await db.put('demonstrations', { ...(before[0] as (typeof before)[0]), row: row(7) });
  await db.put('settings', 'of another tab', `demonstrations:${projectId}`);
  await demonstrations.add(row(2)); // its revision must not hide the change
  await demonstrations.load(projectId);
  expect(prompts()).toEqual(['Question 7?', 'Question 2?']);
  await db.delete('demonstrations', id);
  await expect(demonstrations.edit(id, { split: 'test' })).rejects.toMatchObject({ name: 'DemonstrationGone' });
});

test('a row that is added while the others are still read comes behind them', async () => {
  const { projectId } = await demonstrations.add(row(1));
  await demonstrations.load('');
  void demonstrations.load(projectId);
  await demonstrations.add(row(2));
  expect(await stored()).toEqual(['Question 1?', 'Question 2?']);
});

test('the demo’s rows come once, each file on its side', async () => {
  expect(await demonstrations.useDemo()).toMatchObject({ added: 260, refused: 0 });
  expect(await demonstrations.useDemo()).toMatchObject({ added: 0, known: 260 });
  const sides = demonstrations.list.map(({ split, source }) => `${split} ${source}`);
  expect(sides.filter((side) => side === 'train train.jsonl')).toHaveLength(200);
  expect(sides.filter((side) => side === 'test test.jsonl')).toHaveLength(60);
  const { train, test: held } = await demonstrations.files({ seed: 1, testShare: 0.5 });
  const lines = async (blob: Blob): Promise<unknown[]> =>
    (await blob.text()).split('\n').filter(Boolean).map((line) => JSON.parse(line) as unknown); // prettier-ignore
  const own = demonstrations.list.map((one) => one.row);
  expect([await lines(train), await lines(held)]).toEqual([own.slice(0, 200), own.slice(200)]);
});

test('a file is looked at before it is taken, and read anew when its columns mean something else', async () => {
  await rowImport.open([file('my_test.jsonl', { q: 'Q', question: 'W', answer: 'A' }, '{'), file('b.jsonl', row(5))]);
  expect(rowImport).toMatchObject({ side: 'test', busy: false });
  expect(rowImport.preview).toMatchObject({ format: 'other', count: 1, problems: [{ line: 2, problem: 'json' }] });
  await rowImport.map({ kind: 'prompt', prompt: 'q', context: 'question', completion: 'answer' });
  await rowImport.map(null);
  expect(rowImport.preview).toMatchObject({ count: 0, rows: [] });
  await rowImport.map({ kind: 'prompt', prompt: 'q', context: 'question', completion: 'answer' });
  expect(await rowImport.accept()).toMatchObject({ added: 1, refused: 1 });
  expect(await stored()).toEqual(['Q\n\nContext:\nW']);
  expect([rowImport.file?.name, rowImport.side, rowImport.preview?.format]).toEqual(['b.jsonl', null, 'trl']);
  await rowImport.skip();
  expect([rowImport.file, rowImport.preview]).toEqual([null, null]);
});

test('the side of a file is guessed by its name', () => {
  expect(
    ['train.jsonl', 'data-train-v2.json', 'test.jsonl', 'my_valid.jsonl', 'contest.jsonl', 'latest.json'].map(sideOf),
  ).toEqual(['train', 'train', 'test', 'test', null, null]);
});

test('a project that goes takes its rows, runs, logs and adapters along, with their files; another keeps its own', async () => {
  const db = await connection.open();
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield new Uint8Array(8);
  }
  const gone = projects.current?.id ?? '';
  const kept = await createProject('Kept');
  for (const [name, projectId] of [
    ['gone', gone],
    ['kept', kept.id],
  ] as const) {
    await openProject(projectId);
    await demonstrations.add(row(1));
    await db.put('runs', { id: `run-${name}`, projectId } as Run);
    for (const index of [0, 1])
      await db.put('runEvents', { runId: `run-${name}`, index, step: 1, at: 0, kind: 'metrics', values: {} });
    await db.put('adapters', { id: `adapter-${name}`, projectId } as Adapter);
    await writeFile(`runs/run-${name}/checkpoint.safetensors`, bytes());
    await writeFile(`adapters/adapter-${name}/adapter_model.safetensors`, bytes());
  }
  await removeProject(gone);
  await projects.sweep(gone);
  const left = await Promise.all(
    (['demonstrations', 'runs', 'runEvents', 'adapters'] as const).map((store) => db.count(store)),
  );
  expect(left).toEqual([1, 1, 2, 1]);
  expect(await db.getAllKeys('settings')).toEqual([`demonstrations:${kept.id}`]);
  expect((await listFiles()).map(({ path }) => path)).toEqual([
    'adapters/adapter-kept/adapter_model.safetensors',
    'runs/run-kept/checkpoint.safetensors',
  ]);
});

test('what is still being trained keeps its files until it has ended', async () => {
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield new Uint8Array(8);
  }
  const db = await connection.open();
  const { id } = await createProject('Gone');
  await db.put('runs', { id: 'r', projectId: id } as Run);
  await writeFile('runs/r/checkpoint.safetensors', bytes());
  await navigator.locks.request(runLock('r'), async () => {
    await removeProject(id);
    await projects.sweep(id);
  });
  expect((await listFiles()).length).toBe(1);
  expect(await db.count('runs')).toBe(0);
});
