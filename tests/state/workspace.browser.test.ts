// Projects and what they hold: made, switched, renamed, deleted with a way back, and found again after a reload.
import { beforeEach, expect, test } from 'vitest';
import { chain } from '../../src/state/chain.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { corpusStatus } from '../../src/state/corpusStatus.svelte.ts';
import { documents } from '../../src/state/documents.svelte.ts';
import { engineStatus } from '../../src/state/engineStatus.svelte.ts';
import { generations } from '../../src/state/generations.svelte.ts';
import { imports, type Added } from '../../src/state/imports.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { runs } from '../../src/state/runs.svelte.ts';
import { trainingStatus } from '../../src/state/trainingStatus.svelte.ts';
import {
  createProject,
  openProject,
  openProjectOf,
  refreshWorkspace,
  removeProject,
  restoreProject,
  startWorkspace,
} from '../../src/state/workspace.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft } from '../../src/records/config.ts';
import { DEFAULT_RETRIEVAL } from '../../src/records/corpus.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import type { Generation } from '../../src/records/generation.ts';
import type { Document } from '../../src/records/document.ts';
import type { Run } from '../../src/records/run.ts';
import type { Project } from '../../src/records/project.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles, writeFile } from '../../src/storage/files.ts';

beforeEach(async () => {
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  localStorage.clear();
  await startWorkspace();
});

const file = (name: string, content: BlobPart): File => new File([content], name);
const add = (...files: File[]): Promise<Added> => imports.add(files, projects.current?.id ?? '');
const paths = async (): Promise<string[]> => (await listFiles()).map(({ path }) => path);
const names = (): string[] => documents.list.map(({ name }) => name);
const rows = async (): Promise<number[]> => {
  const db = await connection.open();
  return Promise.all((['documents', 'texts', 'chunks'] as const).map((store) => db.count(store)));
};
/** What the retrieval worker keeps beside a document. */
async function index(id: string): Promise<void> {
  async function* bytes(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield new Uint8Array(8);
  }
  await writeFile(`rows/${id}/0.safetensors`, bytes());
  await connection.write(['chunks'], (tx) =>
    tx.objectStore('chunks').put({ documentId: id, projectId: projects.current?.id ?? '', hash: 'h', chunks: [] }),
  );
}
const generation = (id: string, projectId: string, createdAt: string): Generation => ({
  id,
  projectId,
  askId: `ask-${id}`,
  question: 'Who?',
  passages: [],
  prompt: 'Who?\n\nContext:\n',
  promptIds: [1],
  cutTokens: 0,
  completionIds: [2],
  logprobs: [-0.5],
  text: 'Anna.',
  finish: 'eos',
  sampling: defaultSampling(),
  modelId: 'nano',
  modelSha256: '',
  adapterId: null,
  device: '',
  evidence: null,
  tokensPerSecond: 1,
  firstTokenMs: 1,
  createdAt,
  version: 1,
});

test('a project and its documents are there after a reload', async () => {
  const made = await createProject('  Reports  ');
  await documents.addText('', '# First words of it\nand more');
  await add(file('a.md', 'Alpha'), file('b.txt', 'Beta'));
  await startWorkspace();
  expect(projects.current).toMatchObject({ id: made.id, name: 'Reports', demo: false });
  expect(names()).toEqual(['First words of it', 'a.md', 'b.txt']);
  expect(documents.list.map(({ mediaType }) => mediaType)).toEqual(['text/plain', 'text/markdown', 'text/plain']);
  expect((await documents.text(documents.list[1]?.id ?? '')).text).toBe('Alpha');
});

test('a list of documents holds no texts, and a text that is gone says so', async () => {
  await createProject('P');
  await documents.addText('', 'a secret word');
  expect(JSON.stringify(documents.list.map((document) => ({ ...document, name: '' })))).not.toContain('secret');
  await expect(documents.text('gone')).rejects.toMatchObject({ name: 'DocumentGone' });
});

test('each project has its own documents and answers', async () => {
  const first = await createProject('First');
  await documents.addText('one', 'one');
  await generations.put(generation('g', first.id, '2026-01-01'));
  await createProject('Second');
  expect([documents.list, generations.list]).toEqual([[], []]);
  await openProject(first.id);
  expect([documents.list.length, generations.list.length]).toEqual([1, 1]);
});

test('a deleted project can be taken back with all that it held, until it is swept', async () => {
  const other = await createProject('Other');
  const gone = await createProject('Gone');
  await documents.addText('one', 'one');
  await generations.put(generation('g', gone.id, '2026-01-01'));
  await removeProject(gone.id);
  expect(projects.current?.id).toBe(other.id);
  expect(projects.list.map(({ name }) => name)).toEqual(['Other']);

  await projects.sweep(other.id); // only what is being deleted can be swept
  await restoreProject(gone.id);
  expect([projects.current?.id, documents.list.length, generations.list.length]).toEqual([gone.id, 1, 1]);

  await index(documents.list[0]?.id ?? '');
  expect([(await paths()).length, await rows()]).toEqual([2, [1, 1, 1]]);

  await removeProject(gone.id);
  await projects.sweep(gone.id);
  const db = await connection.open();
  expect(await db.getAllKeys('projects')).toEqual([other.id]);
  expect(await db.count('generations')).toBe(0);
  expect([await paths(), await rows()]).toEqual([[], [0, 0, 0]]);
});

test('a deletion whose tab was closed is finished at a later start, not while it can still be undone elsewhere', async () => {
  const project = await createProject('Gone');
  await documents.addText('one', 'one');
  const deletedAgo = (minutes: number): Promise<void> =>
    connection.write(['projects'], (tx) =>
      tx.objectStore('projects').put({ ...project, deletedAt: new Date(Date.now() - minutes * 60_000).toISOString() }),
    );
  const db = await connection.open();
  await deletedAgo(30); // a pointer that rests on the message holds its ten seconds
  await startWorkspace();
  expect(await db.count('documents')).toBe(1);
  await restoreProject(project.id);
  expect([projects.current?.name, documents.list.length]).toEqual(['Gone', 1]);
  await deletedAgo(61);
  await startWorkspace();
  expect([await db.count('projects'), await db.count('documents')]).toEqual([0, 0]);
});

test('a project that another tab has swept does not come back as an empty shell, and the undo says so', async () => {
  const { id } = await createProject('Gone');
  await removeProject(id);
  const db = await connection.open();
  await db.delete('projects', id);
  await expect(restoreProject(id)).rejects.toMatchObject({ name: 'ProjectGone' });
  expect([await db.count('projects'), projects.list.length]).toEqual([0, 0]);
});

test('documents go to the project where they were dropped, even when the person switches meanwhile', async () => {
  const first = await createProject('First');
  const second = await createProject('Second');
  await documents.addText('two', 'two');
  await openProject(first.id);
  const adding = imports.add([file('a.txt', 'one'), file('b.txt', 'two'), file('c.txt', 'one')], first.id);
  await openProject(second.id);
  const { added, rejected } = await adding;
  expect(added.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
  expect(rejected).toEqual([{ name: 'c.txt', problem: 'duplicate', detail: 'a.txt' }]);
  expect(documents.list.map(({ name }) => name)).toEqual(['two']);
  await openProject(first.id);
  expect(documents.list.map(({ name }) => name)).toEqual(['a.txt', 'b.txt']);
});

test('what another tab changed is there when this one is looked at again', async () => {
  const { id } = await createProject('P');
  await documents.addText('a', 'a');
  const db = await connection.open();
  await db.put('projects', { ...(projects.current as Project), name: 'Renamed' });
  await db.put('generations', generation('g', id, '2026-01-01'));
  for (const key of await db.getAllKeys('documents')) await db.delete('documents', key);
  await refreshWorkspace();
  expect([projects.current?.name, documents.list.length, generations.list.length]).toEqual(['Renamed', 0, 1]);
});

test('the same content is not taken twice, whatever its name or line ends', async () => {
  await createProject('P');
  await add(file('a.txt', 'one\ntwo'));
  const again = await add(file('b.txt', 'one\r\ntwo'), file('c.txt', 'three'));
  expect(again.rejected).toEqual([{ name: 'b.txt', problem: 'duplicate', detail: 'a.txt' }]);
  expect(documents.list.map(({ name }) => name)).toEqual(['a.txt', 'c.txt']);
});

test('a deleted document is taken back to its place', async () => {
  await createProject('P');
  for (const name of ['a', 'b', 'c']) await documents.addText(name, name);
  const id = documents.list[1]?.id ?? '';
  await index(id);
  const deletedAt = await documents.remove(id);
  expect(names()).toEqual(['a', 'c']);
  await startWorkspace();
  expect(names()).toEqual(['a', 'c']);
  await documents.restore(id);
  await documents.sweep(id, deletedAt); // only what is being deleted can be swept
  await startWorkspace();
  expect(names()).toEqual(['a', 'b', 'c']);
  expect([(await paths()).length, await rows()]).toEqual([4, [3, 3, 1]]);
});

test('a swept document leaves no text, chunks, rows or bytes, and its undo says that it comes too late', async () => {
  await createProject('P');
  await documents.addText('a', 'a');
  const id = documents.list[0]?.id ?? '';
  await index(id);
  await documents.sweep(id, await documents.remove(id));
  expect([await paths(), await rows()]).toEqual([[], [0, 0, 0]]);
  await expect(documents.restore(id)).rejects.toMatchObject({ name: 'DocumentGone' });
  expect(documents.list).toEqual([]);
});

test('a deleted document whose tab was closed goes at a later start, not while it can still be undone', async () => {
  await createProject('P');
  await documents.addText('a', 'a');
  const document = documents.list[0] as Document;
  const deletedAgo = (minutes: number): Promise<void> =>
    connection.write(['documents'], (tx) =>
      tx
        .objectStore('documents')
        .put({ ...document, deletedAt: new Date(Date.now() - minutes * 60_000).toISOString() }),
    );
  await deletedAgo(30);
  await startWorkspace();
  expect([documents.list.length, await rows()]).toEqual([0, [1, 1, 0]]);
  await deletedAgo(61);
  await startWorkspace();
  expect([await paths(), await rows()]).toEqual([[], [0, 0, 0]]);
});

test('what is added again while its deletion can be undone comes back', async () => {
  await createProject('P');
  await documents.addText('a', 'same');
  const id = documents.list[0]?.id ?? '';
  await documents.remove(id);
  expect((await add(file('again.txt', 'same'))).rejected).toEqual([]);
  expect(documents.list.map((document) => [document.id, document.name])).toEqual([[id, 'again.txt']]);
});

test('the end of a first undo does not make final a deletion that has an undo of its own', async () => {
  await createProject('P');
  await documents.addText('a', 'same');
  const id = documents.list[0]?.id ?? '';
  const first = await documents.remove(id);
  await add(file('again.txt', 'same'));
  await expect.poll(() => new Date().toISOString()).not.toBe(first);
  const second = await documents.remove(id);
  await documents.sweep(id, first);
  await documents.restore(id);
  expect([names(), await rows()]).toEqual([['again.txt'], [1, 1, 0]]);
  await documents.sweep(id, second);
  expect(names()).toEqual(['again.txt']);
});

test('a change keeps what another tab has changed meanwhile', async () => {
  const { id } = await createProject('P');
  const db = await connection.open();
  const corpus = {
    embedderId: 'e',
    chunks: { maxTokens: 64, overlapTokens: 0, maxSentences: 1 },
    retrieval: DEFAULT_RETRIEVAL,
  };
  await db.put('projects', { ...(projects.current as Project), corpus });
  await projects.rename(id, ' New ');
  expect(projects.current).toMatchObject({ name: 'New', corpus });
  await db.put('projects', { ...(projects.current as Project), name: 'Newer' });
  await projects.setCorpus(id, { ...corpus, embedderId: 'f' });
  expect(await db.get('projects', id)).toMatchObject({ name: 'Newer', corpus: { embedderId: 'f' } });
  await projects.remove(id);
  await db.put('projects', {
    ...(projects.current ?? ((await db.get('projects', id)) as Project)),
    deletedAt: undefined,
  });
  await projects.sweep(id); // taken back elsewhere
  expect(await db.count('projects')).toBe(1);
});

test('a document is renamed, and keeps its name when the new one is empty', async () => {
  await createProject('P');
  await documents.addText('a', 'a');
  const id = documents.list[0]?.id ?? '';
  await documents.rename(id, '  New  ');
  await documents.rename(id, '  ');
  await startWorkspace();
  expect(names()).toEqual(['New']);
});

test('a stage is empty, done, stale or working as the stored data say', async () => {
  const project = await createProject('P');
  expect(chain.stage('documents').state).toBe('empty');
  await documents.addText('a', 'a');
  expect(chain.stage('documents')).toMatchObject({ state: 'waiting', count: 1 });
  const unknown = corpusStatus.now;
  for (const stage of ['done', 'stale'] as const) {
    corpusStatus.attach({ stage, under: null });
    expect(chain.stage('documents')).toMatchObject({ state: stage, progress: null });
  }
  corpusStatus.attach({ stage: 'working', under: { detail: '', share: 0.25, stop: () => undefined } });
  expect(chain.stage('documents')).toMatchObject({ state: 'working', progress: 0.25 });
  corpusStatus.attach(unknown);
  expect(chain.stage('ask').state).toBe('empty');
  await generations.put(generation('old', project.id, '2000-01-01'));
  expect(chain.stage('ask').state).toBe('stale');
  await generations.put(generation('new', project.id, '2100-01-01'));
  expect(chain.stage('ask')).toEqual({ state: 'done', progress: null, count: 2 });
  const idle = engineStatus.now;
  engineStatus.attach({ status: 'busy', progress: 0.5, detail: '' });
  expect(chain.stage('ask')).toMatchObject({ state: 'working', progress: 0.5 });
  engineStatus.attach(idle);
  expect(chain.stage('evaluate').state).toBe('planned');
});

test('what trains in a project is paused when the project is deleted; a link to a run opens its project', async () => {
  const first = await createProject('First');
  const paused: string[] = [];
  const idle = trainingStatus.now;
  const verb = (name: string) => () => void paused.push(name);
  const under = {
    kind: 'sft' as const,
    projectId: first.id,
    detail: '',
    share: 0,
    now: 0,
    path: '',
    pause: verb('pause'),
    stop: verb('stop'),
  };
  const second = await createProject('Second');
  trainingStatus.attach({ under });
  await removeProject(second.id);
  expect(paused).toEqual([]);
  await removeProject(first.id);
  expect(paused).toEqual(['pause']);
  trainingStatus.attach(idle);

  await restoreProject(first.id);
  await restoreProject(second.id);
  const run = { id: 'r', projectId: first.id, name: 'r', config: defaultSft(NANO), modelId: '', modelSha256: '' };
  const rest = {
    problem: '',
    step: 0,
    steps: 0,
    adapterId: null,
    createdAt: '',
    endedAt: null,
    trainedMs: 0,
    version: 1,
  };
  await (await connection.open()).put('runs', { ...run, ...rest, status: 'done' } as Run);
  await openProjectOf('gone');
  expect(projects.current?.id).toBe(second.id);
  await openProjectOf('r');
  expect([projects.current?.id, runs.find('r')?.id]).toEqual([first.id, 'r']);
});

test('one broken row does not hide the other projects', async () => {
  await createProject('Good');
  const db = await connection.open();
  const tx = db.transaction('projects', 'readwrite');
  await tx.store.put({ id: 'broken', name: 3 } as never);
  await tx.done;
  await startWorkspace();
  expect(projects.list.map(({ name }) => name)).toEqual(['Good']);
});
