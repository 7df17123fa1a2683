// Merging on the real data worker: dry runs follow the policy and the files, a merge stores, changes lie over the rows.
import { beforeEach, expect, test, vi } from 'vitest';
import type { ShownPreference } from '../../src/records/preference.ts';
import { chain } from '../../src/state/chain.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { demonstrations } from '../../src/state/demonstrations.svelte.ts';
import { mergeData } from '../../src/state/mergeData.ts';
import { mergeSettings } from '../../src/state/mergeSettings.svelte.ts';
import { merging } from '../../src/state/merging.svelte.ts';
import { NO_FILTER, preferences } from '../../src/state/preferences.svelte.ts';
import { preferenceStatus } from '../../src/state/preferenceStatus.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import { createProject, openProject, startWorkspace } from '../../src/state/workspace.ts';
import { deleteDatabase } from '../../src/storage/database.ts';
import { deleteAllFiles } from '../../src/storage/files.ts';

let release: () => void = () => undefined;

beforeEach(async () => {
  release();
  merging.refresh();
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  localStorage.clear();
  preferences.setFilter(NO_FILTER);
  await startWorkspace();
  await createProject('P');
  await mergeSettings.load(open());
  release = mergeData.hold();
});

const open = (): string => projects.current?.id ?? '';

/** A line of feedback.jsonl: which of two answers `annotator` found better. */
const line = (n: number, annotator: string, best: 0 | 1, more: object = {}): string =>
  JSON.stringify({
    id: `c${n}/0/${annotator}`,
    prompt: `Question ${n}?`,
    responses: [`Left ${n}.`, `Right ${n}.`],
    verdict: 'better',
    ranks: best === 0 ? [1, 2] : [2, 1],
    annotator,
    shown: [0, 1],
    timestamp: `2025-10-29T18:00:0${n}`,
    ...more,
  });
const file = (name: string, ...lines: string[]): File => new File([lines.join('\n')], name);

/** The page's effect, run by hand: the report of what now stands. */
async function asked(): Promise<NonNullable<typeof merging.report>> {
  merging.follow();
  await vi.waitFor(() => expect(merging.asking).toBe(false), { timeout: 15_000 });
  expect(merging.problem).toBe('');
  const { report } = merging;
  if (!report) throw new Error('no report');
  return report;
}

async function rows(): Promise<ShownPreference[]> {
  const before = preferences.window;
  preferences.follow();
  await vi.waitFor(() => expect(preferences.window).not.toBe(before), { timeout: 15_000 });
  expect(preferences.problem).toBe('');
  return preferences.window?.rows ?? [];
}

const three = (): File =>
  file('a.jsonl', line(1, 'Ada', 0), line(1, 'Bob', 0), line(2, 'Ada', 0), line(2, 'Bob', 1), line(3, 'Ada', 1));

test('a file adds its judgements once, and its bad lines are counted', async () => {
  expect(await merging.addFiles([three(), file('b.jsonl', line(1, 'Ada', 0), 'no json')])).toMatchObject({
    added: ['a.jsonl', 'b.jsonl'],
  });
  expect((await merging.addFiles([three()])).known).toEqual(['a.jsonl']);
  const { funnel, sources } = await asked();
  expect(funnel).toMatchObject({ judgements: 6, invalid: 1, valid: 5, pairs: 3, preferences: 2 });
  expect(sources.map(({ name, added, duplicates, invalid }) => [name, added, duplicates, invalid])).toEqual([
    ['', 0, 0, 0],
    ['a.jsonl', 5, 0, 0],
    ['b.jsonl', 0, 1, 1],
  ]);
  const { lines } = await merging.invalid(0, 10);
  expect(lines.map(({ line: at }) => at)).toEqual([2]);
});

test('a policy changes the dry run and nothing that is stored, and is kept over a reload', async () => {
  await merging.addFiles([three()]);
  expect((await asked()).funnel.preferences).toBe(2);
  await mergeSettings.setPolicy({ minAnnotators: 2 });
  expect((await asked()).funnel.preferences).toBe(1);
  await mergeSettings.setPolicy({ minAnnotators: 1, conflicts: 'latest' });
  expect((await asked()).funnel.preferences).toBe(3);
  expect(preferenceStatus.now.count).toBe(0);
  const id = open();
  await createProject('Q');
  await mergeSettings.load(open());
  expect(mergeSettings.policy.conflicts).toBe('majority');
  await openProject(id);
  await mergeSettings.load(id);
  expect(mergeSettings.policy).toMatchObject({ minAnnotators: 1, conflicts: 'latest' });
});

test('a loss leads to its judgements', async () => {
  await merging.addFiles([three()]);
  const { funnel } = await asked();
  expect(funnel.losses.filter(({ count }) => count > 0).map(({ loss, count }) => [loss, count])).toEqual([
    ['conflict', 1],
  ]);
  const found = await merging.judgements({ loss: 'conflict' }, 0, 10);
  expect(found.judgements.map(({ question, annotator }) => [question, annotator]).sort()).toEqual([
    ['Question 2?', 'Ada'],
    ['Question 2?', 'Bob'],
  ]);
});

test('merging stores what the dry run promised, and once more changes nothing', async () => {
  await merging.addFiles([three()]);
  expect((await asked()).change).toEqual({ added: 2, removed: 0, changed: 0, same: 0 });
  await merging.merge();
  expect(preferenceStatus.now.count).toBe(2);
  expect((await asked()).change).toEqual({ added: 0, removed: 0, changed: 0, same: 2 });
  expect((await rows()).map(({ chosen, rejected }) => [chosen, rejected])).toEqual([
    ['Left 1.', 'Right 1.'],
    ['Right 3.', 'Left 3.'],
  ]);
});

test('a file that is removed takes its judgements along, and comes back with them', async () => {
  await merging.addFiles([three()]);
  const id = (await asked()).sources.at(-1)?.fileId ?? '';
  const gone = await merging.removeFile(id);
  expect((await asked()).funnel.judgements).toBe(0);
  if (gone) await merging.restoreFile(gone);
  expect((await asked()).funnel.judgements).toBe(5);
});

test('a removed file or another policy makes what is merged stale, and merging again does not', async () => {
  await merging.addFiles([three()]);
  await merging.merge();
  const state = (): string => chain.stage('preferences').state;
  expect(state()).toBe('done');
  await mergeSettings.setPolicy({ minAnnotators: 2 });
  expect(state()).toBe('stale');
  await mergeSettings.setPolicy({ minAnnotators: 1 });
  expect(state()).toBe('done');
  await merging.removeFile((await asked()).sources.at(-1)?.fileId ?? '');
  expect(state()).toBe('stale');
  await merging.merge();
  expect([state(), preferenceStatus.now.count]).toEqual(['done', 0]);
});

test('another tab’s weights stay when something else is chosen here', async () => {
  const key = `merge:${open()}`;
  const other = { policy: { ...mergeSettings.policy, weights: { Ada: 3 } }, split: mergeSettings.split };
  await (await connection.open()).put('settings', other, key);
  await mergeSettings.setWeight('Bob', 2);
  await mergeSettings.setSplit({ seed: 7 });
  expect(mergeSettings.policy.weights).toEqual({ Ada: 3, Bob: 2 });
});

test('a changed row stays changed over another merge, and every change can be taken back', async () => {
  await merging.addFiles([three()]);
  await merging.merge();
  const [row] = await rows();
  if (!row) throw new Error('no row');
  const before = await preferences.change(row, { chosen: 'Better still.' });
  expect(before).toBeNull();
  const first = await preferences.change(row, { excluded: true });
  expect(first).toMatchObject({ chosen: 'Better still.', excluded: false });
  await merging.merge();
  expect((await rows())[0]).toMatchObject({ chosen: 'Better still.', excluded: true, changed: true });
  await preferences.restore(row, first);
  expect((await rows())[0]).toMatchObject({ chosen: 'Better still.', excluded: false });
  await preferences.restore(row, before);
  expect((await rows())[0]).toMatchObject({ chosen: 'Left 1.', changed: false });
});

test('a change that says nothing any more leaves nothing behind', async () => {
  await merging.addFiles([three()]);
  await merging.merge();
  const [row] = await rows();
  if (!row) throw new Error('no row');
  await preferences.change(row, { excluded: true });
  await preferences.change(row, { excluded: false });
  expect(await (await connection.open()).count('preferenceEdits')).toBe(0);
});

test('words, kind and person narrow the rows', async () => {
  await merging.addFiles([three()]);
  await merging.merge();
  preferences.setFilter({ words: 'question 3' });
  expect((await rows()).map(({ question }) => question)).toEqual(['Question 3?']);
  preferences.setFilter({ words: '', annotator: 'Bob' });
  expect((await rows()).map(({ question }) => question)).toEqual(['Question 1?']);
  preferences.setFilter({ annotator: '', kind: 'excluded' });
  expect(await rows()).toEqual([]);
});

test('files carry the changed rows, and rewritten answers become rows to learn once', async () => {
  await merging.addFiles([
    file('a.jsonl', line(1, 'Ada', 0, { edit: { response: 0, text: 'As I would say it.' } }), line(3, 'Ada', 1)),
  ]);
  await merging.merge();
  const [row, other] = await rows();
  if (!row || !other) throw new Error('no rows');
  await preferences.change(row, { comment: 'Mine.' });
  await preferences.change(other, { excluded: true });
  const { name, blob } = await preferences.export('rlhf');
  const lines = (await blob.text()).trim().split('\n');
  expect(name).toBe('dataset_rlhf.jsonl');
  expect(lines.map((text) => JSON.parse(text) as object)).toMatchObject([
    { chosen: 'Left 1.', rejected: 'Right 1.', annotator_comment: 'Mine.' },
  ]);
  expect((await preferences.learnEdits()).added).toBe(1);
  expect((await preferences.learnEdits()).added).toBe(0);
  expect(demonstrations.list.map(({ row: one }) => one)).toMatchObject([{ completion: 'As I would say it.' }]);
});
