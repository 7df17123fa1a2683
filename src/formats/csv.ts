// Merged preferences as CSV after RFC 4180: a header, commas, CRLF, quotes where they are needed, lists as JSON.
import { cellText, rlhfColumns, type PreferenceRow } from './preferenceColumns.ts';

/** White space at the ends is quoted, too: some readers trim what is not. */
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** Cells are as they are, formulas of spreadsheets included: what is read back is what was written. */
export function* writeCsv(rows: readonly PreferenceRow[]): Generator<string> {
  const columns = rlhfColumns(rows);
  yield line(columns.map((column) => column.name));
  for (const row of rows) yield line(columns.map((column) => cellText(column, row)));
}

const line = (cells: readonly string[]): string => `${cells.map(quoted).join(',')}\r\n`;

const quoted = (cell: string): string => (NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
