// The data worker merges: files kept once, dry runs that keep nothing, merged rows found and exported, excluded ones never.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DataApi, PreferenceFile, PreferenceFilter } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import { readItems } from '../../src/formats/judgements.ts';
import { openZip } from '../../src/formats/zip.ts';
import { OPEN } from '../../src/records/feedback.ts';
import { DEFAULT_POLICY, type MergePolicy, type PreferenceEdit } from '../../src/records/preference.ts';
import { addComparisons } from '../../src/storage/comparisons.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import { act } from '../../src/storage/feedback.ts';
import { piecesOf } from '../../src/storage/files.ts';
import { readPreferences } from '../../src/storage/preferences.ts';
import { expected, feedbackFile } from './feedbackLines.ts';

const at = '2026-03-20T10:00:00.000Z';
const SPLIT = { seed: 1, testShare: 0.2 };
const ALL: PreferenceFilter = { words: '', side: 'all', kind: 'all', annotator: '', tag: '' };
/** Of ten pairs Ben has skipped one: Ada is alone there. */
const TWO: MergePolicy = { ...DEFAULT_POLICY, minAnnotators: 2 };
const PAIRS = 20;

let data: Connection<DataApi>;
let db: Database;

beforeEach(async () => {
  await deleteDatabase();
  db = await openDatabase();
  for (const id of ['p', 'other'])
    await write(db, ['projects'], (tx) =>
      tx.objectStore('projects').put({ id, name: 'Harbours', demo: false, createdAt: at, version: 1 }),
    );
  data = connectData();
});
afterEach(() => {
  data.terminate();
  db.close();
});

const add = (...files: File[]): Promise<{ added: string[]; known: string[] }> =>
  data.api.addFeedbackFiles(files, { projectId: 'p', addedAt: at });
const report = (policy = DEFAULT_POLICY) => data.api.mergeReport('p', policy);
const find = (filter: Partial<PreferenceFilter> = {}, from = 0, count = 100) =>
  data.api.findPreferences('p', { ...ALL, ...filter }, SPLIT, from, count);
const lossesOf = ({ funnel }: Awaited<ReturnType<typeof report>>): Record<string, number> =>
  Object.fromEntries(funnel.losses.map(({ loss, count }) => [loss, count]));
const exported = (file: PreferenceFile) => data.api.exportPreferences('p', file, SPLIT);
const lines = async (file: PreferenceFile): Promise<Record<string, unknown>[]> =>
  (await (await exported(file)).blob.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const change = (edit: Partial<PreferenceEdit> & { id: string }): Promise<void> =>
  write(db, ['preferenceEdits'], (tx) =>
    tx.objectStore('preferenceEdits').put({ projectId: 'p', excluded: false, editedAt: at, ...edit }),
  );

/** A comparison of the project itself, judged by Ada. */
async function judgeHere(id: string, best: 0 | 1, when = at): Promise<void> {
  const responses = ['Yes.', 'No.'].map((text) => ({
    text,
    origin: { name: null, generationId: null, adapterId: null, seed: null },
    score: null,
  }));
  const comparison = {
    ...{ id, projectId: 'p', question: `${id}?`, prompt: `${id}?`, passages: [], responses },
    ...{ source: { kind: 'written' as const }, seed: 1, createdAt: at, version: 1 },
  };
  await addComparisons(db, 'p', [comparison]);
  const ranks = best === 0 ? [1, 2] : [2, 1];
  await act(db, {
    ...{ projectId: 'p', annotator: 'Ada', comparisonId: id, round: 0, shown: [0, 1], kind: 'judge' },
    change: { ...OPEN, status: 'judged', verdict: 'better', ranks },
    ...{ at: when, leadTime: 1 },
  });
}

describe('files of feedback', () => {
  test('the same bytes are kept once, whatever they are called, and in each project', async () => {
    expect(await add(feedbackFile(PAIRS), feedbackFile(PAIRS, 'copy.jsonl'))).toEqual({
      added: ['feedback.jsonl'],
      known: ['copy.jsonl'],
    });
    expect(await add(feedbackFile(PAIRS))).toEqual({ added: [], known: ['feedback.jsonl'] });
    await data.api.addFeedbackFiles([feedbackFile(PAIRS)], { projectId: 'other', addedAt: at });
    const [kept] = await db.getAllFromIndex('feedbackFiles', 'byProject', 'p');
    expect(await kept?.bytes.text()).toBe(await feedbackFile(PAIRS).text());
    expect(await db.count('feedbackFiles')).toBe(2);
  });

  test('a project that is gone gets none', async () => {
    const target = { projectId: 'gone', addedAt: at };
    await expect(data.api.addFeedbackFiles([feedbackFile(10)], target)).rejects.toThrow('feedback: the project must');
    expect(await db.count('feedbackFiles')).toBe(0);
  });

  test('a bad line is told with its number and loses nothing else', async () => {
    const good = await feedbackFile(PAIRS).text();
    await add(new File([`not json\n${good}{"prompt": "Q", "responses": ["a"], "verdict": "tie"}\n`], 'f.jsonl'));
    const found = await report();
    expect(found.funnel).toMatchObject({ judgements: 2 * PAIRS, invalid: 2 });
    const { total, lines: told } = await data.api.findInvalid('p', 1, 5);
    expect(total).toBe(2);
    expect(told.map(({ line }) => line)).toEqual([2 * PAIRS + 2]);
    expect(found.invalid.map(({ line }) => line)).toEqual([1, 2 * PAIRS + 2]);
  });
});

describe('the dry run', () => {
  test('counts what the rule says, keeps nothing, and sends no lists of ids', async () => {
    await add(feedbackFile(PAIRS));
    const { judgements, valid, preferences, bad, skipped, conflict } = expected(PAIRS);
    const found = await report();
    expect(found.funnel).toMatchObject({ judgements, invalid: 0, valid, pairs: PAIRS, preferences });
    expect(lossesOf(found)).toEqual({ bad, skipped, conflict });
    expect(found.funnel.losses.flatMap(({ feedbackIds }) => feedbackIds)).toEqual([]);
    expect(found.change).toEqual({ added: preferences, removed: 0, changed: 0, same: 0 });
    expect(found.mergedAt).toBeNull();
    expect(found.agreement.annotators.map(({ annotator }) => annotator).sort()).toEqual(['Ada', 'Ben']);
    expect(await db.count('preferences')).toBe(0);
  });

  test('follows the policy, the files and the feedback of this project as they change', async () => {
    await add(feedbackFile(PAIRS));
    await report();
    expect(lossesOf(await report(TWO)).few).toBe(PAIRS / 10);
    await judgeHere('own', 0);
    const withOwn = await report();
    expect(withOwn.funnel.preferences).toBe(expected(PAIRS).preferences + 1);
    expect(withOwn.sources.map(({ fileId, judgements }) => [fileId === '', judgements])).toEqual([
      [true, 1],
      [false, 2 * PAIRS],
    ]);
    const [file] = await db.getAll('feedbackFiles');
    await db.delete('feedbackFiles', file?.id ?? '');
    expect((await report()).funnel).toMatchObject({ judgements: 1, preferences: 1 });
  });

  test("this project's own feedback, exported and dropped on it, adds nothing", async () => {
    await judgeHere('a', 0);
    await judgeHere('b', 1);
    const before = await report();
    await add(new File([await data.api.exportFeedback('p', null, null)], 'mine.jsonl'));
    const after = await report();
    expect(after.funnel.preferences).toBe(before.funnel.preferences);
    expect(after.sources[1]).toMatchObject({ judgements: 2, added: 0, duplicates: 2 });
  });

  test('serves the judgements behind a loss in windows, and those behind a preference', async () => {
    await add(feedbackFile(PAIRS));
    await report();
    const { total, judgements } = await data.api.findJudgements('p', { loss: 'conflict' }, 1, 2);
    expect(total).toBe(4);
    expect(judgements.map(({ id }) => id)).toEqual(['c0/0/Ben', 'c10/0/Ada']);
    const behind = await data.api.findJudgements('p', { ids: ['c4/0/Ben', 'none'] }, 0, 10);
    expect(behind.judgements).toMatchObject([{ id: 'c4/0/Ben', annotator: 'Ben' }]);
  });
});

describe('merging', () => {
  test('stores what the dry run showed; merging again changes nothing; another policy replaces it', async () => {
    await add(feedbackFile(PAIRS));
    const { preferences } = expected(PAIRS);
    const merged = await data.api.merge('p', DEFAULT_POLICY);
    expect(merged.change).toEqual({ added: preferences, removed: 0, changed: 0, same: 0 });
    const stored = (await readPreferences(db, 'p')).preferences;
    expect(stored).toHaveLength(preferences);
    expect((await report()).change).toEqual({ added: 0, removed: 0, changed: 0, same: preferences });
    expect((await report()).mergedAt).toBe(merged.mergedAt);
    await data.api.merge('p', DEFAULT_POLICY);
    expect((await readPreferences(db, 'p')).preferences).toEqual(stored);
    expect((await report(TWO)).change).toEqual({
      added: 0,
      removed: PAIRS / 10,
      changed: 0,
      same: preferences - PAIRS / 10,
    });
    await data.api.merge('p', TWO);
    expect((await readPreferences(db, 'p')).preferences).toHaveLength(preferences - PAIRS / 10);
    expect((await find()).all).toBe(preferences - PAIRS / 10);
  });

  test('one more person who agrees changes the row that is stored, and is told', async () => {
    await add(feedbackFile(PAIRS));
    const { change } = await data.api.merge('p', DEFAULT_POLICY);
    const ada = (await feedbackFile(PAIRS).text()).split('\n')[8] ?? '';
    await add(new File([ada.replaceAll('Ada', 'Cleo')], 'cleo.jsonl'));
    expect((await report()).change).toEqual({ added: 0, removed: 0, changed: 1, same: change.added - 1 });
    await data.api.merge('p', DEFAULT_POLICY);
    expect((await report()).change).toEqual({ added: 0, removed: 0, changed: 0, same: change.added });
  });

  test('killed at any moment, it has stored all of it or nothing', async () => {
    const pairs = 1000;
    await add(feedbackFile(pairs));
    await data.api.merge('p', DEFAULT_POLICY);
    const { preferences } = expected(pairs);
    const counts: Record<number, number> = { 1: preferences, 2: preferences - pairs / 10 };
    let stands = DEFAULT_POLICY;
    const ended = new Set<boolean>();
    for (const wait of [0, 5, 15, 30, 60, 120, null]) {
      const next = stands === TWO ? DEFAULT_POLICY : TWO;
      await report(next); // read and merged already: what is killed is the writing
      const merging = data.api.merge('p', next).catch(() => undefined);
      await (wait === null ? merging : new Promise((resolve) => setTimeout(resolve, wait)));
      data.terminate();
      data = connectData();
      const { preferences: stored, merged } = await readPreferences(db, 'p');
      const kept = merged?.policy.minAnnotators ?? 0;
      expect(stored).toHaveLength(counts[kept] ?? -1);
      ended.add(kept === next.minAnnotators);
      if (kept === next.minAnnotators) stands = next;
    }
    expect(ended).toEqual(new Set([false, true])); // both have happened
  });

  test('every preference names judgements that are there', async () => {
    await add(feedbackFile(PAIRS));
    await data.api.merge('p', DEFAULT_POLICY);
    const { rows } = await find();
    const ids = rows.flatMap(({ feedbackIds }) => feedbackIds);
    expect(ids.length).toBeGreaterThan(rows.length);
    expect((await data.api.findJudgements('p', { ids }, 0, 1000)).total).toBe(ids.length);
  });
});

describe('merged rows', () => {
  beforeEach(async () => {
    await add(feedbackFile(PAIRS));
    await data.api.merge('p', DEFAULT_POLICY);
  });

  test('come in windows, filtered by words, side, kind, person and tag', async () => {
    const { preferences } = expected(PAIRS);
    const all = await find();
    expect([all.total, all.all, all.annotators, all.tags]).toEqual([
      preferences,
      preferences,
      ['Ada', 'Ben'],
      ['faithful'],
    ]);
    expect((await find({}, 5, 3)).rows).toEqual(all.rows.slice(5, 8));
    expect((await find({ words: 'HARBOUR of "town' })).total).toBe(0);
    expect((await find({ words: 'town 14 BUILT' })).rows.map(({ question }) => question)).toEqual([
      'When was the harbour of town 14 built?',
    ]);
    const [train, test] = [await find({ side: 'train' }), await find({ side: 'test' })];
    expect(train.total + test.total).toBe(preferences);
    expect(test.total).toBeGreaterThan(0);
    expect((await find({ kind: 'disputed' })).total).toBe(0);
    expect((await find({ kind: 'commented' })).rows.every(({ comment }) => comment !== '')).toBe(true);
    expect((await find({ tag: 'faithful' })).rows.every(({ tags }) => tags.includes('faithful'))).toBe(true);
    expect((await find({ annotator: 'Nobody' })).total).toBe(0);
  });

  test('show what a person changed, whatever is merged again', async () => {
    const [row] = (await find()).rows;
    const side = row?.split === 'test' ? 'train' : 'test';
    await change({ id: row?.pair ?? '', writtenFor: row?.id ?? '', chosen: 'Better.', comment: 'Mine.', split: side });
    await data.api.merge('p', DEFAULT_POLICY);
    expect((await find({ kind: 'changed' })).rows).toEqual([
      { ...row, chosen: 'Better.', comment: 'Mine.', split: side, changed: true },
    ]);
  });

  test('leave with their sides; an excluded row leaves in no file', async () => {
    const gone = (await find({ words: 'town 4 built' })).rows[0];
    await change({ id: gone?.pair ?? '', excluded: true });
    const { preferences } = expected(PAIRS);
    expect((await find({ kind: 'excluded' })).total).toBe(1);
    expect(await lines('rlhf')).toHaveLength(preferences - 1);
    expect(await lines('conversational')).toHaveLength(preferences - 1);
    expect(await lines('kto')).toHaveLength(2 * (preferences - 1));
    expect(await lines('sft')).toEqual([]); // the one rewritten answer was of this row

    const { name, blob } = await exported('split');
    expect(name).toBe('dataset_rlhf_split.zip');
    const { parts } = await openZip(blob);
    expect(parts.map(({ path }) => path)).toEqual(['train.jsonl', 'test.jsonl']);
    const texts = await Promise.all(parts.map(async (part) => (await part.blob()).text()));
    expect(texts.join('').trimEnd().split('\n').sort()).toEqual(
      (await (await exported('rlhf')).blob.text()).trimEnd().split('\n').sort(),
    );
    expect(texts[1]?.match(/"split": "test"/g)?.length).toBe((await find({ side: 'test' })).total);

    for (const file of ['csv', 'labelStudio', 'argilla', 'parquet', 'card'] as const) {
      const { blob } = await exported(file);
      const text =
        file === 'argilla' ? await (await openZip(blob)).parts[0]?.blob().then((b) => b.text()) : await blob.text();
      expect(text?.length).toBeGreaterThan(500);
      expect(text).not.toContain('town 4 built');
    }
  });

  test('a rewritten answer leaves as a demonstration', async () => {
    expect(await lines('sft')).toEqual([
      { prompt: expect.stringContaining('town 4 built') as string, completion: 'It was built in 4.' },
    ]);
  });

  test('files of Argilla and Label Studio, dropped on another project, say the same', async () => {
    const of = async (blob: Blob, name: string) => {
      const { format, items } = await readItems(piecesOf(blob), { name });
      return {
        format,
        judged: items.flatMap((item) => item.judgements).filter(({ verdict }) => verdict === 'better').length,
      };
    };
    const { parts } = await openZip((await exported('argilla')).blob);
    expect(parts.map(({ path }) => path)).toEqual(['argilla_records.json', 'settings.json']);
    const better = 2 * PAIRS - (3 * PAIRS) / 10;
    expect(await of(await parts[0]!.blob(), 'argilla_records.json')).toEqual({ format: 'argilla', judged: better });
    const { name, blob } = await exported('labelStudio');
    expect(await of(blob, name)).toEqual({ format: 'labelStudio', judged: better });
  });

  test('the card says how many, how merged, and how far people agree', async () => {
    const { name, blob } = await exported('card');
    expect(name).toBe('README.md');
    const text = await blob.text();
    expect(text).toMatch(/^---\npretty_name: "Harbours"\n/);
    expect(text).toContain('size_categories: ["n<1K"]');
    expect(text).toContain(`| Judgements read | ${2 * PAIRS} |`);
    expect(text).toContain(`| Preferences | ${expected(PAIRS).preferences} |`);
    expect(text).toContain('| left out: people differ | 2 |');
    expect(text).toMatch(/\| Two people agree \| [\d.]+ % \([\d.]+ % to [\d.]+ %\) of \d+ \|/);
  });
});
