// What the columns of a file of rows mean, and what a person is told of such a file before and after it is read.
import type { DemonstrationRow } from './demonstration.ts';

export type RowMapping =
  | {
      kind: 'prompt';
      /** Text, or a list of turns. */
      prompt: string;
      /** Joined to the prompt behind "Context:"; null = there is none. */
      context: string | null;
      completion: string;
    }
  | { kind: 'text'; text: string }
  /** A list of {role, content} or {from, value}. */
  | { kind: 'messages'; messages: string };

export type RowKind = RowMapping['kind'];

/** Whose columns they are, as far as their names tell. */
export type RowFormat = 'trl' | 'alpaca' | 'shareGpt' | 'preference' | 'other';

export interface RowColumn {
  name: string;
  /** What its first filled cell holds. */
  holds: 'text' | 'turns' | 'other';
}

export type RowProblem =
  | 'json' // detail: what the parser says
  | 'object' // the line is no object
  | 'missing' // detail: the column
  | 'empty' // detail: the column
  | 'type' // detail: the column, neither text nor turns
  | 'turns' // detail: what is wrong with a turn
  | 'silent' // nobody answers
  | 'unwanted' // detail: the column that says so
  | 'long'; // more than a line may hold

export interface ReadRow {
  /** Counted from 1: of the line, or of the entry of a JSON list. */
  line: number;
  row: DemonstrationRow;
}

export interface RefusedRow {
  line: number;
  problem: RowProblem;
  detail: string;
}

export interface RowsRead {
  /** A JSON list has entries instead of lines. */
  unit: 'line' | 'entry';
  columns: RowColumn[];
  format: RowFormat;
  /** Null when no column could serve: a person must say. */
  mapping: RowMapping | null;
  rows: ReadRow[];
  problems: RefusedRow[];
}

/** A file as it would be imported, with its first rows only. */
export interface RowsPreview extends RowsRead {
  /** Rows in all. */
  count: number;
}

/** Between a question and what it is asked about: as the studio writes it everywhere. */
export const CONTEXT_LINE = '\n\nContext:\n';
