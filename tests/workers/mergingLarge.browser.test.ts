// A hundred thousand judgements in the data worker: taken in, reported, merged, found and exported, with exact counts.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DataApi } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import { DEFAULT_POLICY } from '../../src/records/preference.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import { expected, feedbackFile } from './feedbackLines.ts';

const PAIRS = 50_000;
const at = '2026-03-20T10:00:00.000Z';
const SPLIT = { seed: 1, testShare: 0.1 };

let data: Connection<DataApi>;
let db: Database;

beforeEach(async () => {
  await deleteDatabase();
  db = await openDatabase();
  await write(db, ['projects'], (tx) =>
    tx.objectStore('projects').put({ id: 'p', name: 'p', demo: false, createdAt: at, version: 1 }),
  );
  data = connectData();
});
afterEach(async () => {
  data.terminate();
  db.close();
  await deleteDatabase();
});

const took: string[] = [];
async function timed<T>(what: string, run: Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run;
  took.push(`${what} ${Math.round(performance.now() - start)} ms`);
  return result;
}

test('every one of them is counted, merged and exported exactly once', { timeout: 180_000 }, async () => {
  const file = new File([feedbackFile(PAIRS), '{"half": \n'], 'feedback.jsonl');
  await timed('add', data.api.addFeedbackFiles([file], { projectId: 'p', addedAt: at }));
  const { judgements, valid, preferences, bad, skipped, conflict } = expected(PAIRS);
  const report = await timed('report', data.api.mergeReport('p', DEFAULT_POLICY));
  expect(report.funnel).toMatchObject({ judgements, invalid: 1, valid, pairs: PAIRS, preferences });
  expect(Object.fromEntries(report.funnel.losses.map(({ loss, count }) => [loss, count]))).toEqual({
    ...{ bad, skipped, conflict },
  });
  expect(JSON.stringify(report).length).toBeLessThan(20_000); // nothing large crosses to the page
  const weighted = { ...DEFAULT_POLICY, conflicts: 'weighted' as const };
  await timed('another policy', data.api.mergeReport('p', weighted));
  const merged = await timed('merge', data.api.merge('p', DEFAULT_POLICY));
  expect(merged.change).toEqual({ added: preferences, removed: 0, changed: 0, same: 0 });
  expect(await db.count('preferences')).toBe(preferences);

  const filter = { words: '', side: 'all' as const, kind: 'all' as const, annotator: '', tag: '' };
  const window = await timed('first window', data.api.findPreferences('p', filter, SPLIT, 0, 20));
  expect([window.total, window.rows.length]).toEqual([preferences, 20]);
  const words = { ...filter, words: 'town 49994 ' };
  expect((await timed('search', data.api.findPreferences('p', words, SPLIT, 0, 20))).total).toBe(1);
  const found = await timed('losses', data.api.findJudgements('p', { loss: 'conflict' }, 9_990, 20));
  expect([found.total, found.judgements.length]).toEqual([2 * conflict, 10]);

  for (const [kind, lines] of [
    ['rlhf', preferences],
    ['kto', 2 * preferences],
    ['csv', null],
    ['parquet', null],
  ] as const) {
    const { blob } = await timed(kind, data.api.exportPreferences('p', kind, SPLIT));
    expect(blob.size).toBeGreaterThan(1_000_000);
    if (lines !== null) expect((await blob.text()).split('\n')).toHaveLength(lines + 1);
  }
  const again = await timed('merge again', data.api.merge('p', DEFAULT_POLICY));
  expect(again.change).toEqual({ added: 0, removed: 0, changed: 0, same: preferences });
  console.info(took.join(', '));
});
