// Merging in the data worker: files of feedback kept, the dry run, the merge itself, and the judgements behind its figures.
import { agreementOf } from '../src/curation/agreement.ts';
import { biasOf } from '../src/curation/bias.ts';
import { nameOf } from '../src/curation/identity.ts';
import { mergeFeedback, type Merged } from '../src/curation/merge.ts';
import { sha256Hex } from '../src/formats/sha256.ts';
import type { Judgement } from '../src/records/feedback.ts';
import { FEEDBACK_FILE_VERSION, type Agreement, type BiasStats, type FeedbackFile } from '../src/records/merging.ts';
import type { Invalid, Loss, MergeReport } from '../src/records/merging.ts';
import { DEFAULT_POLICY, type MergePolicy, type Preference } from '../src/records/preference.ts';
import { write, type Database } from '../src/storage/database.ts';
import { readMerged, readPreferences, replacePreferences } from '../src/storage/preferences.ts';
import { database } from './database.ts';
import { sourcesOf, type Sources } from './mergeSources.ts';

const SHOWN_INVALID = 1000;

/** The last dry run: its lists of judgements stay here, and windows of them are served. */
interface DryRun {
  projectId: string;
  key: string;
  sources: Sources;
  merged: Merged;
  /** Made when first asked for. */
  byId: Map<string, Judgement> | null;
}

let last: DryRun | null = null;
/** No policy changes how far people agree: measured once for what was read. */
let measured: { key: string; agreement: Agreement; bias: BiasStats } | null = null;
/** What the stored preferences are, by id, under their revision. */
let stored: { revision: string; rows: Map<string, string> } | null = null;

/** Of all but the project. */
function contentOf({ projectId: _, ...row }: Omit<Preference, 'projectId'> & { projectId?: string }): string {
  return nameOf(JSON.stringify(row));
}

export async function addFeedbackFiles(
  files: readonly File[],
  { projectId, addedAt }: { projectId: string; addedAt: string },
): Promise<{ added: string[]; known: string[] }> {
  const came = await Promise.all(
    files.map(async (file) => {
      const bytes = await file.arrayBuffer(); // copied: the file on the person's disk may change or go
      return { name: file.name, bytes: new Blob([bytes]), sha256: await sha256Hex(new Uint8Array(bytes)) };
    }),
  );
  const outcome = { added: [] as string[], known: [] as string[] };
  await write(await database(), ['projects', 'feedbackFiles'], async (tx) => {
    if (!(await tx.objectStore('projects').getKey(projectId)))
      throw new Error('feedback: the project must be there, got one that was deleted meanwhile. Open another project.');
    const store = tx.objectStore('feedbackFiles');
    const there = new Set((await store.index('byProject').getAll(projectId)).map(({ sha256 }) => sha256));
    for (const { name, bytes, sha256 } of came) {
      if (there.has(sha256)) {
        outcome.known.push(name);
        continue;
      }
      there.add(sha256);
      const id = crypto.randomUUID();
      const version = FEEDBACK_FILE_VERSION;
      await store.put({ id, projectId, name, sha256, bytes, addedAt, version } satisfies FeedbackFile);
      outcome.added.push(name);
    }
  });
  return outcome;
}

/** From what was read before where nothing has changed. */
export async function dryRun(db: Database, projectId: string, policy: MergePolicy): Promise<DryRun> {
  const sources = await sourcesOf(db, projectId);
  const key = `${sources.key}\n${JSON.stringify(policy)}`;
  return last?.key === key
    ? last
    : { projectId, key, sources, merged: mergeFeedback(sources.list, policy), byId: null };
}

export async function reportOf(db: Database, run: DryRun, policy: MergePolicy): Promise<MergeReport> {
  const { funnel, sources, preferences, distinct } = run.merged;
  const merged = await readMerged(db, run.projectId);
  if (!merged) stored = { revision: '', rows: new Map() };
  else if (stored?.revision !== merged.revision) {
    const rows = (await readPreferences(db, run.projectId)).preferences;
    stored = { revision: merged.revision, rows: new Map(rows.map((row) => [row.id, contentOf(row)])) };
  }
  const there = stored?.rows ?? new Map<string, string>();
  const { key } = run.sources;
  if (measured?.key !== key) measured = { key, agreement: agreementOf(distinct), bias: biasOf(distinct) };
  const kept = preferences.filter(({ id }) => there.has(id));
  const same = kept.filter((row) => there.get(row.id) === contentOf(row)).length;
  return {
    policy,
    // A hundred thousand ids would only be copied: findJudgements serves what they name.
    funnel: { ...funnel, losses: funnel.losses.map((lost) => ({ ...lost, feedbackIds: [] })) },
    sources,
    invalid: invalidOf(run.sources).slice(0, SHOWN_INVALID),
    agreement: measured.agreement,
    bias: measured.bias,
    change: {
      added: preferences.length - kept.length,
      removed: there.size - kept.length,
      changed: kept.length - same,
      same,
    },
    mergedAt: merged?.at ?? null,
  };
}

export async function mergeReport(projectId: string, policy: MergePolicy): Promise<MergeReport> {
  const db = await database();
  last = await dryRun(db, projectId, policy);
  return reportOf(db, last, policy);
}

/** `change` of what comes back is what this merge has changed. */
export async function merge(projectId: string, policy: MergePolicy): Promise<MergeReport> {
  const db = await database();
  const run = (last = await dryRun(db, projectId, policy));
  const report = await reportOf(db, run, policy);
  const rows = run.merged.preferences.map((preference) => ({ projectId, ...preference }));
  const { at } = await replacePreferences(db, projectId, rows, { at: new Date().toISOString(), policy });
  return { ...report, mergedAt: at };
}

/** Of what is shown; a worker that was started anew has that of the stored preferences. */
async function lastRun(projectId: string): Promise<DryRun> {
  if (last?.projectId === projectId) return last;
  const db = await database();
  return (last = await dryRun(db, projectId, (await readMerged(db, projectId))?.policy ?? DEFAULT_POLICY));
}

export async function findJudgements(
  projectId: string,
  wanted: { loss: Loss } | { ids: string[] },
  from: number,
  count: number,
): Promise<{ total: number; judgements: Judgement[] }> {
  const run = await lastRun(projectId);
  const byId = (run.byId ??= new Map(run.merged.distinct.map((judgement) => [judgement.id, judgement])));
  const ids =
    'ids' in wanted
      ? wanted.ids
      : run.merged.funnel.losses.filter(({ loss }) => loss === wanted.loss).flatMap(({ feedbackIds }) => feedbackIds);
  const found = ids.flatMap((id) => byId.get(id) ?? []);
  return { total: found.length, judgements: found.slice(from, from + count) };
}

export async function findInvalid(
  projectId: string,
  from: number,
  count: number,
): Promise<{ total: number; lines: Invalid[] }> {
  const lines = invalidOf(await sourcesOf(await database(), projectId));
  return { total: lines.length, lines: lines.slice(from, from + count) };
}

const invalidOf = ({ list }: Sources): Invalid[] => list.flatMap(({ invalid }) => invalid);
