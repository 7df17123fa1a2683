// Files of demonstrations for the data worker: looked into, taken over in one strict write, and written for other tools.
import { splitOf, type SplitSettings } from '../src/curation/split.ts';
import { readRows, writeRows } from '../src/formats/rowFiles.ts';
import { DEMONSTRATION_VERSION, type Demonstration } from '../src/records/demonstration.ts';
import type { RowMapping, RowsPreview } from '../src/records/rowMapping.ts';
import { write } from '../src/storage/database.ts';
import { importedId, readDemonstrations, revisionKey } from '../src/storage/demonstrations.ts';
import { piecesOf } from '../src/storage/files.ts';
import type { RowsFile, RowsImport, RowsTarget } from './api.ts';
import { database } from './database.ts';

const SHOWN = 5;
/** Requests under way at a time within the one transaction. */
const AT_ONCE = 1000;

export async function previewRows(file: Blob, mapping: RowMapping | null): Promise<RowsPreview> {
  const { rows, ...read } = await readRows(piecesOf(file), mapping);
  return { ...read, rows: rows.slice(0, SHOWN), count: rows.length };
}

/** A row that the project has already is not added again: to import a file twice changes nothing. */
export async function importRows(files: readonly RowsFile[], target: RowsTarget): Promise<RowsImport> {
  const { projectId, createdAt, position } = target;
  const db = await database();
  const there = new Set((await readDemonstrations(db, projectId)).map(({ row }) => JSON.stringify(row)));
  const importId = crypto.randomUUID();
  const made: Demonstration[] = [];
  let known = 0;
  let refused = 0;
  for (const { file, mapping, split } of files) {
    const { rows, problems } = await readRows(piecesOf(file), mapping);
    refused += problems.length;
    for (const { row } of rows) {
      if (there.has(JSON.stringify(row))) {
        known++;
        continue;
      }
      const i = made.length;
      const id = importedId(importId, i);
      const version = DEMONSTRATION_VERSION;
      made.push({ id, projectId, row, split, source: file.name, position: position + i, createdAt, version });
    }
  }
  const result = { importId, added: made.length, known, refused };
  if (made.length === 0) return result;
  await write(db, ['projects', 'demonstrations', 'settings'], async (tx) => {
    if (!(await tx.objectStore('projects').getKey(projectId)))
      throw new Error('import: the project must be there, got one that was deleted meanwhile. Open another project.');
    const store = tx.objectStore('demonstrations');
    for (let from = 0; from < made.length; from += AT_ONCE)
      await Promise.all(made.slice(from, from + AT_ONCE).map((row) => store.put(row)));
    await tx.objectStore('settings').put(importId, revisionKey(projectId));
  });
  return result;
}

/** train.jsonl and test.jsonl as TRL's SFTTrainer loads them. */
export async function exportRows(projectId: string, settings: SplitSettings): Promise<{ train: Blob; test: Blob }> {
  const { train, test } = splitOf(await readDemonstrations(await database(), projectId), settings);
  const blob = (rows: readonly Demonstration[]): Blob =>
    new Blob([...writeRows(rows.map(({ row }) => row))], { type: 'application/jsonl' });
  return { train: blob(train), test: blob(test) };
}
