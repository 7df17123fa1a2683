// Files of tasks for the data worker: looked into, taken in by one strict write, and feedback written as a file.
import { shownOrder } from '../src/curation/queue.ts';
import { comparisonId, comparisonOf, taskKey } from '../src/curation/tasks.ts';
import { writeFeedback } from '../src/formats/feedbackFile.ts';
import { readItems, type ItemsRead } from '../src/formats/judgements.ts';
import { sha256Hex } from '../src/formats/sha256.ts';
import { taskFileOf, type Comparison, type TaskFile } from '../src/records/comparison.ts';
import { judgementOf, type Judgement } from '../src/records/feedback.ts';
import { putComparisons, readComparisons } from '../src/storage/comparisons.ts';
import { write, type Database } from '../src/storage/database.ts';
import { feedbackOfProject } from '../src/storage/feedback.ts';
import { piecesOf } from '../src/storage/files.ts';
import type { TasksImport, TasksPreview } from './api.ts';
import { database } from './database.ts';

const SHOWN = 3;
const TASK_FILE_VERSION = 1;

interface Looked {
  read: ItemsRead;
  sha256: string;
  /** Made of project and bytes: two tabs keep it once. */
  taskFileId: string;
  known: TaskFile | null;
  elsewhere: TaskFile | null;
  /** Those that the project has not; what stands twice in the file is there once. */
  fresh: { key: string; comparison: Omit<Comparison, 'position'> }[];
}

async function look(db: Database, file: File, projectId: string, createdAt: string): Promise<Looked> {
  const sha256 = await sha256Hex(new Uint8Array(await file.arrayBuffer()));
  const read = await readItems(piecesOf(file), { name: file.name });
  const same = (await db.getAll('taskFiles')).filter((one) => one.sha256 === sha256);
  const known = same.find((one) => one.projectId === projectId) ?? null;
  const elsewhere = same.find((one) => one !== known) ?? null;
  const taskFileId = known?.id ?? comparisonId(projectId, sha256);
  const there = new Set((await readComparisons(db, projectId)).map(taskKey));
  const fresh: Looked['fresh'] = [];
  for (const { line, task } of read.items) {
    const key = taskKey(task);
    if (there.has(key)) continue;
    there.add(key);
    // made of the question and its answers: two tabs that take the same file in at once add it once
    const id = comparisonId(projectId, key);
    const source = { kind: 'file' as const, taskFileId, line };
    fresh.push({ key, comparison: comparisonOf(task, { id, projectId, source, createdAt }) });
  }
  return { read, sha256, taskFileId, known, elsewhere, fresh };
}

/** How the file would be taken in; nothing is kept. */
export async function previewTasks(file: File, projectId: string): Promise<TasksPreview> {
  const { read, known, elsewhere, fresh } = await look(await database(), file, projectId, '');
  const { format, head, unit, problems } = read;
  // in the order of a screen: where the better answer stands first in the file, nobody is told so before judging
  const tasks = fresh.slice(0, SHOWN).map(({ comparison }, position) => {
    const order = shownOrder(comparison.seed, 0, comparison.responses.length);
    return { ...comparison, position, responses: order.flatMap((i) => comparison.responses[i] ?? []) };
  });
  const there = read.items.length - fresh.length;
  return { format, unit, head, tasks, count: fresh.length, there, problems, known, elsewhere };
}

/** All good lines or none: the file and its comparisons are one write. */
export async function importTasks(
  file: File,
  { projectId, createdAt }: { projectId: string; createdAt: string },
): Promise<TasksImport> {
  const db = await database();
  const { read, sha256, taskFileId, known, fresh } = await look(db, file, projectId, createdAt);
  const refused = read.problems.length;
  const taskFile: TaskFile = known ?? {
    ...{ id: taskFileId, projectId, name: file.name, sha256, head: read.head },
    ...{ tasks: read.items.length, createdAt, version: TASK_FILE_VERSION },
  };
  const ids = fresh.map(({ comparison }) => comparison.id);
  const result = { ids, known: read.items.length - fresh.length, refused };
  if (read.items.length === 0 || (known && fresh.length === 0)) return result;
  await write(db, ['projects', 'comparisons', 'taskFiles', 'settings'], async (tx) => {
    if ((await tx.objectStore('projects').get(projectId)) === undefined)
      throw new Error('tasks: the project must be there, got one that was deleted meanwhile. Open another project.');
    const made = fresh.map(({ comparison }) => comparison);
    await putComparisons(tx.objectStore('comparisons'), tx.objectStore('settings'), projectId, made);
    await tx.objectStore('taskFiles').put(taskFile);
  });
  return result;
}

/** What was decided, in the order of its comparisons. A publisher gets that on its own tasks, and nothing beside. */
export async function exportFeedback(
  projectId: string,
  annotator: string | null,
  taskFileId: string | null,
): Promise<Blob> {
  const db = await database();
  const all = await readComparisons(db, projectId);
  const wanted = taskFileId === null ? all : all.filter((one) => taskFileOf(one) === taskFileId);
  const comparisons = new Map(wanted.map((one, place) => [one.id, { one, place }]));
  const found: { place: number; judgement: Judgement }[] = [];
  for await (const rows of feedbackOfProject(db, projectId))
    for (const row of rows) {
      const comparison = comparisons.get(row.comparisonId);
      if (!comparison || (annotator !== null && row.annotator !== annotator)) continue;
      const judgement = judgementOf(comparison.one, row);
      if (judgement) found.push({ place: comparison.place, judgement });
    }
  found.sort((a, b) => a.place - b.place || a.judgement.round - b.judgement.round);
  return new Blob([...writeFeedback(found.map(({ judgement }) => judgement))], { type: 'application/jsonl' });
}
