// The merged rows as files for other tools. What a person excluded never leaves.
import type { WrittenAnswer } from '../src/curation/merge.ts';
import type { SplitSettings } from '../src/curation/split.ts';
import { writeCsv } from '../src/formats/csv.ts';
import { datasetCard } from '../src/formats/datasetCard.ts';
import { writeConversational, writeDemonstrations, writeKto, writeRlhf } from '../src/formats/preferenceFiles.ts';
import { writeZip, type NewPart } from '../src/formats/zip.ts';
import type { Judgement } from '../src/records/feedback.ts';
import { DEFAULT_POLICY, type ShownPreference } from '../src/records/preference.ts';
import type { Database } from '../src/storage/database.ts';
import type { PreferenceFile } from './api.ts';
import { database } from './database.ts';
import { dryRun, reportOf } from './merging.ts';
import { rowsOf, type Rows } from './preferenceRows.ts';

interface Leaving extends Omit<Rows, 'key'> {
  db: Database;
  projectId: string;
  split: SplitSettings;
  excluded: ShownPreference[];
}

interface Judged {
  judgements: Judgement[];
  demonstrations: WrittenAnswer[];
}

const JSONL = 'application/jsonl';

export async function exportPreferences(
  projectId: string,
  file: PreferenceFile,
  split: SplitSettings,
): Promise<{ name: string; blob: Blob }> {
  const db = await database();
  const { rows: all, merged } = await rowsOf(db, projectId, split);
  const rows = all.filter((row) => !row.excluded);
  const excluded = all.filter((row) => row.excluded);
  return WRITERS[file]({ db, projectId, split, rows, excluded, merged });
}

const WRITERS: Record<PreferenceFile, (leaving: Leaving) => Promise<{ name: string; blob: Blob }>> = {
  rlhf: async ({ rows }) => ({ name: 'dataset_rlhf.jsonl', blob: blobOf(writeRlhf(rows), JSONL) }),
  split: async ({ rows, merged }) => {
    const parts = (['train', 'test'] as const).map((side) => ({
      path: `${side}.jsonl`,
      data: blobOf(writeRlhf(rows.filter((row) => row.split === side)), JSONL),
    }));
    return { name: 'dataset_rlhf_split.zip', blob: await zipped(parts, merged?.at) };
  },
  conversational: async ({ rows }) => ({
    name: 'dataset_rlhf_conversational.jsonl',
    blob: blobOf(writeConversational(rows), JSONL),
  }),
  kto: async ({ rows }) => ({ name: 'dataset_kto.jsonl', blob: blobOf(writeKto(rows), JSONL) }),
  sft: async (leaving) => ({
    name: 'demonstrations.jsonl',
    blob: blobOf(writeDemonstrations((await judgedFor(leaving)).demonstrations), JSONL),
  }),
  argilla: async (leaving) => {
    const { writeArgilla } = await import('../src/formats/argilla.ts');
    const { records, settings } = writeArgilla((await judgedFor(leaving)).judgements);
    const parts = [
      { path: 'argilla_records.json', data: new Blob([records]) },
      { path: 'settings.json', data: new Blob([settings]) },
    ];
    return { name: 'argilla_records.zip', blob: await zipped(parts, leaving.merged?.at) };
  },
  labelStudio: async (leaving) => {
    const { writeLabelStudio } = await import('../src/formats/labelStudio.ts');
    const text = writeLabelStudio((await judgedFor(leaving)).judgements);
    return { name: 'label_studio.json', blob: new Blob([text], { type: 'application/json' }) };
  },
  csv: async ({ rows }) => ({ name: 'dataset_rlhf.csv', blob: blobOf(writeCsv(rows), 'text/csv') }),
  parquet: async ({ rows }) => {
    const { writeParquet } = await import('../src/formats/parquet.ts');
    return { name: 'dataset_rlhf.parquet', blob: new Blob([writeParquet(rows)]) };
  },
  card: async (leaving) => {
    const { db, projectId, rows, excluded, merged, split } = leaving;
    const policy = merged?.policy ?? DEFAULT_POLICY;
    const text = datasetCard({
      name: (await db.get('projects', projectId))?.name ?? '',
      mergedAt: merged?.at ?? new Date().toISOString(),
      rows,
      excluded: excluded.length,
      demonstrations: (await judgedFor(leaving)).demonstrations.length,
      split,
      report: await reportOf(db, await dryRun(db, projectId, policy), policy),
    });
    return { name: 'README.md', blob: new Blob([text], { type: 'text/markdown' }) };
  },
};

/** What the rows are made of, under the policy that made them: without the judgements that an excluded row rests on. */
async function judgedFor({ db, projectId, excluded, merged }: Leaving): Promise<Judged> {
  const { merged: run } = await dryRun(db, projectId, merged?.policy ?? DEFAULT_POLICY);
  const barred = new Set(excluded.flatMap(({ feedbackIds }) => feedbackIds));
  return {
    judgements: run.distinct.filter(({ id }) => !barred.has(id)),
    demonstrations: run.demonstrations.filter(({ feedbackId }) => !barred.has(feedbackId)),
  };
}

/** Lines joined by the thousand: a blob of a hundred thousand parts is slow to make. */
function blobOf(lines: Iterable<string>, type: string): Blob {
  const parts: string[] = [];
  let part: string[] = [];
  for (const line of lines) {
    part.push(line);
    if (part.length < 1000) continue;
    parts.push(part.join(''));
    part = [];
  }
  return new Blob([...parts, part.join('')], { type });
}

function zipped(files: readonly { path: string; data: Blob }[], at = '1980-01-01T00:00:00Z'): Promise<Blob> {
  async function* parts(): AsyncGenerator<NewPart> {
    for (const file of files) yield { ...file, deflate: true };
  }
  return new Response(writeZip(parts(), new Date(at))).blob();
}
