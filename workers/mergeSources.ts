// What merging reads, kept in the data worker: a project's own judgements and its files, each read again only when it changed.
import type { Source } from '../src/curation/merge.ts';
import { readItems } from '../src/formats/judgements.ts';
import { judgementOf, type Judgement } from '../src/records/feedback.ts';
import type { FeedbackFile } from '../src/records/merging.ts';
import { comparisonsKey, readComparisons } from '../src/storage/comparisons.ts';
import type { Database } from '../src/storage/database.ts';
import { feedbackKey, feedbackOfProject } from '../src/storage/feedback.ts';
import { piecesOf } from '../src/storage/files.ts';

export interface Sources {
  /** Own feedback first, then files in the order in which they came. */
  list: Source[];
  /** Another value than last time = something in it is different. */
  key: string;
}

interface Kept {
  key: string;
  source: Promise<Source>;
}

let kept = new Map<string, Kept>();
let keptOf = '';

export async function sourcesOf(db: Database, projectId: string): Promise<Sources> {
  if (keptOf !== projectId) [kept, keptOf] = [new Map<string, Kept>(), projectId]; // one project is open at a time
  const ours = kept;
  const marks = [comparisonsKey(projectId), feedbackKey(projectId)].map((key) => db.get('settings', key));
  const ownKey = JSON.stringify(await Promise.all(marks));
  const files = (await db.getAllFromIndex('feedbackFiles', 'byProject', projectId)).sort(inOrder);
  const ids = files.map(({ id }) => id);
  for (const id of ours.keys()) if (id !== '' && !ids.includes(id)) ours.delete(id);
  const wanted = [
    take(ours, '', ownKey, () => readOwn(db, projectId)),
    ...files.map((file) => take(ours, file.id, file.id, () => readFile(file))),
  ];
  return { list: await Promise.all(wanted), key: [projectId, ownKey, ...ids].join('\n') };
}

/** Those that came together by name. */
function inOrder(a: FeedbackFile, b: FeedbackFile): number {
  const [left, right] = [a, b].map(({ addedAt, name, id }) => JSON.stringify([addedAt, name, id])) as [string, string];
  return left < right ? -1 : 1;
}

/** Two questions at once read a file once; what could not be read is tried again. */
function take(from: Map<string, Kept>, id: string, key: string, read: () => Promise<Source>): Promise<Source> {
  const known = from.get(id);
  if (known?.key === key) return known.source;
  const made = { key, source: read() };
  from.set(id, made);
  made.source.catch(() => {
    if (from.get(id) === made) from.delete(id);
  });
  return made.source;
}

async function readOwn(db: Database, projectId: string): Promise<Source> {
  const comparisons = new Map((await readComparisons(db, projectId)).map((comparison) => [comparison.id, comparison]));
  const judgements: Judgement[] = [];
  for await (const slice of feedbackOfProject(db, projectId))
    for (const feedback of slice) {
      const comparison = comparisons.get(feedback.comparisonId);
      const judgement = comparison && judgementOf(comparison, feedback);
      if (judgement) judgements.push(judgement);
    }
  return { fileId: '', name: '', format: null, judgements, invalid: [] };
}

async function readFile({ id, name, bytes }: FeedbackFile): Promise<Source> {
  const { format, items, problems } = await readItems(piecesOf(bytes), { name });
  const judgements: Judgement[] = [];
  for (const item of items) for (const judgement of item.judgements) judgements.push(judgement);
  return { fileId: id, name, format, judgements, invalid: problems.map((found) => ({ fileId: id, ...found })) };
}
