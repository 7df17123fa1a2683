// The merged rows in the data worker: read again only when they were merged or changed, searched, and shown in windows.
import { shownPreferences } from '../src/curation/shownPreferences.ts';
import type { SplitSettings } from '../src/curation/split.ts';
import type { ShownPreference } from '../src/records/preference.ts';
import type { Database } from '../src/storage/database.ts';
import {
  readMerged,
  readPreferenceEdits,
  readPreferences,
  type Merged,
  type StoredPreferences,
} from '../src/storage/preferences.ts';
import type { PreferenceFilter } from './api.ts';
import { database } from './database.ts';

export interface Rows {
  /** Another value than last time = rows, changes or sides are different. */
  key: string;
  rows: ShownPreference[];
  merged: Merged | null;
}

let stored: { key: string; read: StoredPreferences } | null = null;
let shown: Rows | null = null;
let found: { key: string; rows: ShownPreference[] } | null = null;
let names: { key: string; annotators: string[]; tags: string[] } | null = null;

/** By time, then id. */
export async function rowsOf(db: Database, projectId: string, split: SplitSettings): Promise<Rows> {
  const mergedKey = `${projectId}\n${(await readMerged(db, projectId))?.revision ?? ''}`;
  if (stored?.key !== mergedKey) stored = { key: mergedKey, read: await readPreferences(db, projectId) };
  const { preferences, merged } = stored.read;
  const edits = await readPreferenceEdits(db, projectId);
  const key = `${mergedKey}\n${JSON.stringify([split.seed, split.testShare, edits])}`;
  if (shown?.key !== key) shown = { key, rows: shownPreferences(preferences, edits, split), merged };
  return shown;
}

export async function findPreferences(
  projectId: string,
  filter: PreferenceFilter,
  split: SplitSettings,
  from: number,
  count: number,
): Promise<{ total: number; all: number; rows: ShownPreference[]; annotators: string[]; tags: string[] }> {
  const { key, rows } = await rowsOf(await database(), projectId, split);
  const wanted = `${key}\n${JSON.stringify(filter)}`;
  if (found?.key !== wanted) found = { key: wanted, rows: rows.filter(fits(filter)) };
  if (names?.key !== key) names = { key, annotators: distinct(rows, 'annotators'), tags: distinct(rows, 'tags') };
  const { annotators, tags } = names;
  return { total: found.rows.length, all: rows.length, rows: found.rows.slice(from, from + count), annotators, tags };
}

function fits({ words, side, kind, annotator, tag }: PreferenceFilter): (row: ShownPreference) => boolean {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return (row) => {
    if (side !== 'all' && row.split !== side) return false;
    if (!isKind(row, kind)) return false;
    if (annotator !== '' && !row.annotators.includes(annotator)) return false;
    if (tag !== '' && !row.tags.includes(tag)) return false;
    if (wanted.length === 0) return true;
    const text = `${row.prompt}\n${row.chosen}\n${row.rejected}\n${row.comment}`.toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  };
}

function isKind(row: ShownPreference, kind: PreferenceFilter['kind']): boolean {
  if (kind === 'disputed') return row.agreement < 1;
  if (kind === 'commented') return row.comment !== '';
  return kind === 'all' || row[kind];
}

const distinct = (rows: readonly ShownPreference[], of: 'annotators' | 'tags'): string[] => {
  const all = new Set<string>();
  for (const row of rows) for (const name of row[of]) all.add(name);
  return [...all].sort();
};
