// Judging: what was shown is what is judged, however fast; a sitting survives a reload, another tab and a change of person.
import { beforeEach, expect, test } from 'vitest';
import { chain } from '../../src/state/chain.svelte.ts';
import { comparisons } from '../../src/state/comparisons.svelte.ts';
import { connection } from '../../src/state/connection.svelte.ts';
import { batchStatus } from '../../src/state/batchStatus.svelte.ts';
import { judging } from '../../src/state/judging.svelte.ts';
import { preferenceStatus } from '../../src/state/preferenceStatus.svelte.ts';
import { projects } from '../../src/state/projects.svelte.ts';
import {
  createProject,
  openProject,
  refreshWorkspace,
  removeProject,
  startWorkspace,
} from '../../src/state/workspace.ts';
import { shownOrder } from '../../src/curation/queue.ts';
import { UNKNOWN_ORIGIN, type Task } from '../../src/records/comparison.ts';
import { feedbackId } from '../../src/records/feedback.ts';
import { DEFAULT_POLICY, type Preference } from '../../src/records/preference.ts';
import { addComparisons } from '../../src/storage/comparisons.ts';
import { deleteDatabase, openDatabase, type Database } from '../../src/storage/database.ts';
import { act, queueKey, tagsKey } from '../../src/storage/feedback.ts';
import { deleteAllFiles } from '../../src/storage/files.ts';
import { policyKey, replacePreferences } from '../../src/storage/preferences.ts';
import { comparison } from '../storage/judging.ts';

const task = (n: number): Task => ({
  question: `Question ${n}?`,
  passages: [],
  prompt: `Question ${n}?`,
  responses: ['one', 'two'].map((text) => ({ text, origin: UNKNOWN_ORIGIN, score: null })),
});
const add = (...numbers: number[]): Promise<unknown> =>
  comparisons.add(numbers.map((n) => ({ task: task(n), source: { kind: 'written' as const }, id: `c${n}` })));
const id = (): string => projects.current?.id ?? '';
/** As a reload finds it: nothing of this tab's memory is left. */
async function reload(): Promise<void> {
  const project = id();
  await openProject('');
  await openProject(project);
}
/** Another tab, in which somebody judges the first answer better. */
async function elsewhere<T>(body: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase();
  try {
    return await body(db);
  } finally {
    db.close();
  }
}
const judgedElsewhere = (comparisonId: string, annotator: string): Promise<unknown> =>
  elsewhere((db) =>
    act(db, {
      ...{ projectId: id(), annotator, comparisonId, round: 0, shown: [0, 1], kind: 'judge', leadTime: 0 },
      ...{ change: { status: 'judged', verdict: 'better', ranks: [1, 2] }, at: new Date().toISOString() },
    }),
  );

beforeEach(async () => {
  await judging.setAnnotator('');
  await connection.close();
  await deleteDatabase();
  await deleteAllFiles();
  localStorage.clear();
  await startWorkspace();
  await createProject('P');
  await judging.setAnnotator(' Ada ');
  await add(1, 2, 3);
});

test('keys pressed faster than the disk act in their order, each on what was shown', async () => {
  expect([judging.annotator, judging.items.length, judging.item]).toEqual(['Ada', 3, null]);
  judging.open('c1');
  const first = judging.judge('better', [1, 2]);
  judging.next();
  const second = judging.judge('tie');
  const again = judging.judge('better', [2, 1]);
  judging.next();
  const third = judging.skip();
  expect(judging.saving).toBe(true);
  expect(await Promise.all([first, second, again, third])).toEqual([true, true, true, true]);
  expect(judging.saving).toBe(false);
  const rows = await (await connection.open()).getAll('feedback');
  expect(rows.map(({ status, ranks, history }) => [status, ranks, history.length])).toEqual([
    ['judged', [1, 2], 0],
    ['judged', [2, 1], 1],
    ['skipped', null, 0],
  ]);
  expect(judging.progress).toEqual({ done: 3, total: 3 });
  expect([judging.next(), judging.nextOpen()]).toEqual([false, false]);
  await Promise.all(['clear', 'kind', 'clear'].map((tag) => judging.toggleTag(tag)));
  expect(judging.feedback?.tags).toEqual(['kind']);
  expect(judging.item).toEqual({ comparisonId: 'c3', round: 0 });
});

test('the order of the answers is drawn once and kept; it is the other one when they come again', async () => {
  judging.open('c2');
  const { seed } = comparisons.find('c2') ?? comparison('');
  expect(judging.shown).toEqual(shownOrder(seed, 0, 2));
  await judging.judge('tie');
  const row = judging.feedback;
  expect(row?.shown).toEqual(shownOrder(seed, 0, 2));
  expect(row?.leadTime).toBeGreaterThanOrEqual(0);
  judging.open('c2', 1);
  expect(judging.shown).toEqual([...(row?.shown ?? [])].reverse());
});

test('a sitting goes on after a reload where it was left: half a word, what can be undone, what can be redone', async () => {
  judging.open('c1');
  await judging.judge('better', [2, 1]);
  await judging.setStrength(3);
  judging.open('c2');
  for (const text of ['h', 'ha', 'hal', 'half']) void judging.setComment(text);
  await judging.setTags(['clear']);
  await judging.undo();
  await reload();
  expect(judging.item).toEqual({ comparisonId: 'c2', round: 0 });
  expect(judging.feedback).toMatchObject({ status: 'open', comment: 'half', tags: [] });
  expect(judging.feedbackOf({ comparisonId: 'c1', round: 0 })).toMatchObject({ ranks: [2, 1], strength: 3 });
  expect([judging.canUndo, judging.canRedo]).toEqual([true, true]);
  await judging.redo();
  expect(judging.feedback?.tags).toEqual(['clear']);
  await judging.undo();
  await judging.undo(); // the whole word
  expect(judging.feedback?.comment).toBe('');
  await judging.undo();
  expect([judging.item?.comparisonId, judging.feedback?.strength]).toEqual(['c1', null]); // led to what it changed
  await judging.undo();
  expect([judging.feedback?.status, judging.canUndo, await judging.undo()]).toEqual(['open', false, false]);
  expect(judging.nextOpen()).toBe(true);
  expect(judging.item?.comparisonId).toBe('c2');
});

test('another tab’s judgements appear, count, and are undone in their turn', async () => {
  judging.open('c1');
  await judging.judge('tie');
  await judgedElsewhere('c2', 'Ada');
  await judging.flag(); // notices
  expect(judging.feedbackOf({ comparisonId: 'c2', round: 0 })?.status).toBe('judged');
  await judgedElsewhere('c3', 'Ada');
  await refreshWorkspace();
  expect(judging.progress.done).toBe(3);
  await judging.undo();
  expect(judging.item?.comparisonId).toBe('c3');
  await elsewhere((db) => addComparisons(db, id(), [comparison('new', id())]));
  await refreshWorkspace();
  expect(judging.items.map(({ comparisonId }) => comparisonId)).toEqual(['c1', 'c2', 'c3', 'new']);
});

test('each person has a queue, a log and feedback of their own; others’ judgements leave it by the share', async () => {
  judging.open('c1');
  await judging.judge('better', [1, 2]);
  await judging.setAnnotator('Bo');
  expect([judging.canUndo, judging.item?.comparisonId, judging.feedback]).toEqual([false, 'c1', null]);
  await judging.setSettings({ ...judging.settings, overlapShare: 0 });
  expect(judging.items.map(({ comparisonId }) => comparisonId)).toEqual(['c2', 'c3']);
  await reload();
  expect([judging.settings.overlapShare, judging.items.length]).toEqual([0, 2]);
  await judging.setAnnotator('Ada');
  expect([judging.items.length, judging.progress.done, judging.canUndo]).toEqual([3, 1, true]);
});

test('the name is there though small storage has lost it', async () => {
  judging.open('c1');
  await judging.judge('tie');
  await elsewhere((db) => db.put('settings', 'Bo', 'annotator')); // as another tab, or the last sitting, left it
  await reload();
  expect(judging.annotator).toBe('Ada'); // this tab knows who judges
  await judging.setAnnotator('');
  await elsewhere((db) => db.put('settings', 'Ada', 'annotator'));
  await reload();
  expect([judging.annotator, judging.progress.done]).toEqual(['Ada', 1]);
});

test('a comparison that is added twice is there once; removed, it takes its feedback along and brings it back', async () => {
  await add(2, 4);
  expect(comparisons.list.map((one) => one.id)).toEqual(['c1', 'c2', 'c3', 'c4']);
  judging.open('c2');
  await judging.judge('bad');
  const removed = await comparisons.remove(['c2']);
  expect([judging.item, judging.comparison, judging.progress]).toEqual([null, null, { done: 0, total: 3 }]);
  expect(await judging.judge('tie')).toBe(false);
  await comparisons.restore(removed);
  expect([judging.item?.comparisonId, judging.feedback?.verdict]).toEqual(['c2', 'bad']);
  await reload();
  expect(judging.progress).toEqual({ done: 1, total: 4 });
});

test('a verb on what another tab has deleted says so, and the next one works', async () => {
  judging.open('c1');
  const db = await connection.open();
  await db.delete('comparisons', 'c1');
  expect(await judging.judge('tie')).toBe(false);
  expect(judging.problem).toMatch(/deleted in another tab/);
  judging.open('c2');
  expect([await judging.judge('tie'), judging.problem]).toEqual([true, '']);
});

test('reasons are those of the file of tasks, else the project’s, else the usual ones', async () => {
  judging.open('c1');
  const usual = judging.tagsToChoose;
  expect(usual.length).toBeGreaterThan(3);
  await judging.setTagsToChoose([' brief ', 'kind', 'brief', '']);
  await reload();
  judging.open('c1');
  expect(judging.tagsToChoose).toEqual(['brief', 'kind']);
});

test('Annotate and Preferences say in the chain what is left, done, stale and under way', async () => {
  expect(chain.stage('annotate')).toEqual({ state: 'waiting', progress: null, count: 3 });
  expect(chain.stage('preferences')).toMatchObject({ state: 'empty', count: 0 });
  for (const n of [1, 2, 3]) {
    judging.open(`c${n}`);
    await judging.judge('tie');
  }
  expect(chain.stage('annotate')).toMatchObject({ state: 'done', count: 3 });
  expect(chain.stage('preferences').state).toBe('waiting');
  const preference = { projectId: id(), id: 'x' } as Preference;
  await replacePreferences(await connection.open(), id(), [preference], {
    at: new Date().toISOString(),
    policy: DEFAULT_POLICY,
  });
  await preferenceStatus.load(id());
  expect(chain.stage('preferences')).toMatchObject({ state: 'done', count: 1 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  await judging.undo();
  expect(chain.stage('preferences').state).toBe('stale');
  expect(chain.stage('annotate')).toMatchObject({ state: 'working', count: 1 });
  const idle = batchStatus.now;
  const under = { projectId: id(), share: 0.5, detail: '', path: '', pause: () => undefined };
  batchStatus.attach({ under });
  expect(chain.stage('annotate')).toMatchObject({ state: 'working', progress: 0.5 });
  batchStatus.attach(idle);
  await openProject('');
  expect(chain.stage('annotate').state).toBe('empty');
});

test('a project that is swept takes all of its judging along, and nothing of another', async () => {
  const db = await connection.open();
  const fill = async (project: string): Promise<void> => {
    for (const name of ['taskFiles', 'batches', 'feedbackFiles'] as const)
      await db.put(name, { id: `${name} ${project}`, projectId: project } as never);
    for (const name of ['preferences', 'preferenceEdits'] as const)
      await db.put(name, { id: 'a', projectId: project } as never);
    for (const key of [queueKey, tagsKey, policyKey]) await db.put('settings', {}, key(project));
    await replacePreferences(db, project, [{ projectId: project, id: 'x' } as Preference], {
      at: '2026',
      policy: DEFAULT_POLICY,
    });
    judging.open(comparisons.list[0]?.id ?? '');
    await judging.judge('tie');
  };
  const stores = ['comparisons', 'taskFiles', 'batches', 'feedback', 'actions', 'feedbackFiles'] as const;
  const all = [...stores, 'preferences', 'preferenceEdits', 'settings'] as const;
  const counts = (): Promise<number[]> => Promise.all(all.map((name) => db.count(name)));
  await fill(id());
  const before = await counts();
  expect(Math.min(...before)).toBeGreaterThan(0);
  const first = id();
  const second = await createProject('Second');
  await comparisons.add([{ task: task(9), source: { kind: 'written' }, id: 'other' }]);
  await fill(second.id);
  expect(judging.feedback?.id).toBe(feedbackId('other', 0, 'Ada'));
  await removeProject(second.id);
  await projects.sweep(second.id);
  expect(await counts()).toEqual(before);
  await openProject(first);
  expect(judging.progress).toEqual({ done: 1, total: 3 });
});

test('what was read before a verb was kept does not take its place', async () => {
  judging.open('c1');
  await judging.setComment('old');
  await judgedElsewhere('c2', 'Bo'); // so that there is something to read
  const reading = judging.load(id());
  const kept = judging.setComment('old and new');
  await Promise.all([reading, kept]);
  expect(judging.feedback?.comment).toBe('old and new');
  expect(await judging.setChoosing([1])).toBe(true);
  await reload();
  expect(judging.feedback).toMatchObject({ comment: 'old and new', choosing: [1] });
});

test('a key is on the disk for whoever opens the database next, though nobody waited for it', async () => {
  judging.open('c1');
  const kept = judging.judge('tie');
  const seen = await elsewhere((db) => db.get('feedback', feedbackId('c1', 0, 'Ada')));
  expect(seen).toMatchObject({ status: 'judged', verdict: 'tie' });
  expect(await kept).toBe(true);
});

test('words whose tab went away before they reached the database are there when the comparison is opened again', async () => {
  judging.open('c1');
  await judging.setComment('half');
  const of = (kind: string): string => `atelier:typed:${kind}:${feedbackId('c1', 0, 'Ada')}`;
  // as a tab leaves them that is closed between a key and its write
  localStorage.setItem(of('comment'), JSON.stringify({ comment: 'half a word' }));
  localStorage.setItem(of('edit'), JSON.stringify({ edit: { response: 0, text: 'one, rewritten' } }));
  await reload();
  judging.open('c1');
  await expect.poll(() => judging.feedback?.edit?.text).toBe('one, rewritten');
  expect(judging.feedback?.comment).toBe('half a word');
  expect([localStorage.getItem(of('comment')), localStorage.getItem(of('edit'))]).toEqual([null, null]);
  await judging.setComment('half a word more'); // and nothing is left behind by what is stored
  expect(localStorage.getItem(of('comment'))).toBeNull();
});
