// CSV and TSV → text: every record a paragraph "column: value; column: value", so that a passage can stand alone.
import Papa from 'papaparse';
import { decode } from './encoding.ts';
import { Unread, type Job } from './job.ts';
import { MAX_CHARACTERS, tidy } from './outline.ts';

/** Rows between two pauses. */
const BATCH = 500;

export async function readCsv(bytes: Uint8Array, name: string, job: Job): Promise<string> {
  const source = decode(bytes);
  const rows: string[][] = [];
  Papa.parse<string[]>(source, {
    delimiter: name.toLowerCase().endsWith('.tsv') ? '\t' : '',
    delimitersToGuess: [',', ';', '\t', '|'],
    skipEmptyLines: 'greedy',
    step: ({ data }) => rows.push(data.map(flat)), // row by row: millions of empty ones are never kept
  });
  const [header = [], ...records] = rows;
  if (records.length === 0) return header.filter(Boolean).join(' | ');
  const paragraphs: string[] = [];
  let length = 0;
  for (const [i, record] of records.entries()) {
    if (i % BATCH === 0) await job.step(i, records.length, 'bytes');
    const paragraph = record
      .map((value, column) => (value && header[column] ? `${header[column]}: ${value}` : value)) // a ragged row keeps all
      .filter(Boolean)
      .join('; ');
    length += paragraph.length + 2;
    if (length > MAX_CHARACTERS) throw new Unread('tooLarge', '20');
    if (paragraph) paragraphs.push(paragraph);
  }
  return paragraphs.join('\n\n');
}

const flat = (value: string): string => tidy(value).replaceAll('\n', ' ');
