// The columns of a merged dataset: the five that every tool reads, then where each row comes from.
import type { Preference, ShownPreference } from '../records/preference.ts';

/** A merged row; the table's rows also say on which side they are and whether a person changed them. */
export type PreferenceRow = Omit<Preference, 'projectId' | 'version'> &
  Partial<Pick<ShownPreference, 'split' | 'changed'>>;

/** Every row has a value of the column's kind, never null: a reader that takes the type of a column from its first rows is
 *  right about the rest. */
export type Column = { name: string } & (
  | { kind: 'text'; of: (row: PreferenceRow) => string }
  | { kind: 'texts'; of: (row: PreferenceRow) => readonly string[] }
  | { kind: 'float'; of: (row: PreferenceRow) => number }
  | { kind: 'flag'; of: (row: PreferenceRow) => boolean }
);

const SHARED: readonly Column[] = [
  { name: 'annotator_comment', kind: 'text', of: (row) => row.comment },
  { name: 'timestamp', kind: 'text', of: (row) => row.timestamp },
  { name: 'id', kind: 'text', of: (row) => row.id },
  { name: 'feedback_ids', kind: 'texts', of: (row) => row.feedbackIds },
  { name: 'annotators', kind: 'texts', of: (row) => row.annotators },
  { name: 'agreement', kind: 'float', of: (row) => row.agreement },
];
/** TRL adds it to the loss, where 0 changes nothing: so it says 0 where nobody said how much better. */
const MARGIN: Column = { name: 'margin', kind: 'float', of: (row) => row.margin ?? 0 };
const MARKS: readonly Column[] = [
  // One text: a list that is empty in all of the first rows would have no type.
  { name: 'tags', kind: 'text', of: (row) => row.tags.join('; ') },
  { name: 'tie', kind: 'flag', of: (row) => row.tie },
  { name: 'edited', kind: 'flag', of: (row) => row.edited },
];
const TABLE: readonly Column[] = [
  { name: 'changed', kind: 'flag', of: (row) => row.changed ?? false },
  { name: 'split', kind: 'text', of: (row) => row.split ?? 'train' },
];

/** What stands behind prompt, chosen and rejected, the same for all rows of one file. */
export function provenance(rows: readonly PreferenceRow[]): Column[] {
  const margin = rows.some((row) => row.margin !== null) ? [MARGIN] : [];
  const table = rows.some((row) => row.split !== undefined) ? TABLE : [];
  return [...SHARED, ...margin, ...MARKS, ...table];
}

export function rlhfColumns(rows: readonly PreferenceRow[]): Column[] {
  return [
    { name: 'prompt', kind: 'text', of: (row) => row.prompt },
    { name: 'chosen', kind: 'text', of: (row) => row.chosen },
    { name: 'rejected', kind: 'text', of: (row) => row.rejected },
    ...provenance(rows),
  ];
}

/** 2 becomes 2.0, or a column that starts with whole numbers would be one of whole numbers. */
const decimal = (x: number): string => (Number.isInteger(x) ? `${x}.0` : `${x}`);

export const cellJson = (column: Column, row: PreferenceRow): string =>
  column.kind === 'float' ? decimal(column.of(row)) : JSON.stringify(column.of(row));

/** For tables, where text needs no quotes of its own. */
export const cellText = (column: Column, row: PreferenceRow): string =>
  column.kind === 'text' ? column.of(row) : cellJson(column, row);
