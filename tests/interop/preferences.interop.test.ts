// Our preferences in the Python tools: `datasets` reads every file as it was written, TRL trains on them, and agreement is theirs.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agreementOf } from '../../src/curation/agreement.ts';
import { mergeFeedback, type Merged } from '../../src/curation/merge.ts';
import { writeCsv } from '../../src/formats/csv.ts';
import { readItems } from '../../src/formats/judgements.ts';
import { writeParquet } from '../../src/formats/parquet.ts';
import { writeConversational, writeDemonstrations, writeKto, writeRlhf } from '../../src/formats/preferenceFiles.ts';
import { DEFAULT_POLICY } from '../../src/records/preference.ts';
import { python } from './python.ts';

type Row = Record<string, unknown>;
type Loaded = Record<string, { features: Record<string, string>; rows: Row[] }>;

const FEEDBACK = 'datasets/feedback.jsonl';

async function judgements(text: string) {
  const { items, problems } = await readItems(new Blob([text]).stream(), { name: 'feedback.jsonl' });
  expect(problems).toEqual([]);
  return items.flatMap((item) => item.judgements);
}

let folder: string;
let merged: Merged;
let loaded: Loaded;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atelier-preferences-'));
  const source = { fileId: 'f', name: 'feedback.jsonl', format: 'atelier' as const, invalid: [] };
  const policy = { ...DEFAULT_POLICY, ties: 'margin' as const };
  merged = mergeFeedback([{ ...source, judgements: await judgements(await readFile(FEEDBACK, 'utf8')) }], policy);
  const rows = merged.preferences;
  const files = {
    'dataset_rlhf.jsonl': [...writeRlhf(rows)].join(''),
    'dataset_rlhf_conversational.jsonl': [...writeConversational(rows)].join(''),
    'dataset_kto.jsonl': [...writeKto(rows)].join(''),
    'demonstrations.jsonl': [...writeDemonstrations(merged.demonstrations)].join(''),
    'dataset_rlhf.csv': [...writeCsv(rows)].join(''),
    'dataset_rlhf.parquet': new Uint8Array(writeParquet(rows)),
  };
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), data);
  loaded = python('preference_files.py', 'load', folder) as Loaded;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const rowsOf = (name: string): Row[] => loaded[name]?.rows ?? [];
const pick = (rows: readonly Row[], ...keys: string[]): unknown[][] => rows.map((row) => keys.map((key) => row[key]));

describe('datasets', () => {
  const TEXT = "Value('string')";
  const FIVE = ['prompt', 'chosen', 'rejected', 'annotator_comment', 'timestamp'];

  it('the demo makes rows of every kind: ties, several people, edits apart', () => {
    expect(merged.preferences.length).toBeGreaterThan(45);
    expect(merged.preferences.some((row) => row.tie)).toBe(true);
    expect(merged.preferences.some((row) => row.annotators.length === 3)).toBe(true);
    expect(merged.demonstrations.length).toBeGreaterThan(4);
  });

  it.each(['dataset_rlhf.jsonl', 'dataset_rlhf.parquet'])(
    '%s has our columns, typed, and our rows in order',
    (name) => {
      const { features = {} } = loaded[name] ?? {};
      expect(Object.keys(features).slice(0, 5)).toEqual(FIVE);
      for (const key of [...FIVE.slice(0, 4), 'id', 'tags']) expect(features[key], key).toBe(TEXT);
      expect(features.margin).toBe("Value('float64')");
      expect(features.tie).toBe("Value('bool')");
      expect(features.feedback_ids).toMatch(/^List\(Value\('string'\)/);
      const keys = [
        'prompt',
        'chosen',
        'rejected',
        'annotator_comment',
        'id',
        'feedback_ids',
        'annotators',
        'agreement',
      ];
      expect(pick(rowsOf(name), ...keys)).toEqual(
        merged.preferences.map((row) => [
          ...[
            row.prompt,
            row.chosen,
            row.rejected,
            row.comment,
            row.id,
            row.feedbackIds,
            row.annotators,
            row.agreement,
          ],
        ]),
      );
      expect(rowsOf(name).map((row) => row.margin)).toEqual(merged.preferences.map((row) => row.margin ?? 0));
    },
  );

  it('CSV says the same, to `datasets` and to the csv module', () => {
    const wanted = merged.preferences.map((row) => [row.prompt, row.chosen, row.rejected]);
    expect(pick(rowsOf('dataset_rlhf.csv'), 'prompt', 'chosen', 'rejected')).toEqual(wanted);
    expect(pick(rowsOf('csv module'), 'prompt', 'chosen', 'rejected')).toEqual(wanted);
  });

  it('conversations are one turn of the user and one of the assistant', () => {
    const turn = (role: string, content: string) => [{ role, content }];
    expect(pick(rowsOf('dataset_rlhf_conversational.jsonl'), 'prompt', 'chosen', 'rejected')).toEqual(
      merged.preferences.map((row) => [
        turn('user', row.prompt),
        turn('assistant', row.chosen),
        turn('assistant', row.rejected),
      ]),
    );
  });

  it('KTO has both answers of every row that is no tie, demonstrations what people wrote', () => {
    const decided = merged.preferences.filter((row) => !row.tie);
    expect(decided.length).toBeLessThan(merged.preferences.length);
    expect(pick(rowsOf('dataset_kto.jsonl'), 'prompt', 'completion', 'label')).toEqual(
      decided.flatMap((row) => [
        [row.prompt, row.chosen, true],
        [row.prompt, row.rejected, false],
      ]),
    );
    expect(loaded['dataset_kto.jsonl']?.features.label).toBe("Value('bool')");
    const written = merged.demonstrations.map(({ prompt, completion }) => JSON.stringify([prompt, completion]));
    expect(pick(rowsOf('demonstrations.jsonl'), 'prompt', 'completion').map((row) => JSON.stringify(row))).toEqual([
      ...new Set(written),
    ]);
  });
});

describe('TRL', () => {
  interface Trained {
    losses: Record<string, number[]>;
    accuracy: number;
    swapped: number;
  }
  let trained: Trained;
  beforeAll(() => {
    trained = python('preference_files.py', 'train', folder, 'public/models/nano') as Trained;
  });

  it('takes two steps with every trainer', () => {
    expect(Object.keys(trained.losses)).toHaveLength(6);
    for (const [name, losses] of Object.entries(trained.losses)) {
      expect(losses, name).toHaveLength(2);
      for (const loss of losses) expect(loss > 0 && Number.isFinite(loss), `${name}: ${loss}`).toBe(true);
    }
  });

  it('takes our chosen for chosen: exchanged, a scorer is right where it was wrong', () => {
    expect(trained.accuracy).not.toBeCloseTo(0.5, 3);
    expect(trained.accuracy + trained.swapped).toBeCloseTo(1, 6);
  });
});

describe('agreement', () => {
  interface Theirs {
    kappa: Record<string, number>;
    alpha: number;
  }

  it('κ of every two people and α are those of scikit-learn and krippendorff', async () => {
    const theirs = python('preference_files.py', 'agreement', FEEDBACK) as Theirs;
    const ours = agreementOf(merged.distinct);
    expect(ours.pairs).toHaveLength(3);
    for (const { a, b, kappa } of ours.pairs)
      expect(Math.abs((kappa ?? NaN) - (theirs.kappa[[a, b].sort().join('/')] ?? NaN)), `${a}, ${b}`).toBeLessThan(
        1e-9,
      );
    expect(Math.abs((ours.alpha ?? NaN) - theirs.alpha)).toBeLessThan(1e-9);
  });

  it('one judgement turned round is noticed', async () => {
    const lines = (await readFile(FEEDBACK, 'utf8')).split('\n');
    const shared = merged.preferences.find((row) => row.annotators.length === 3 && row.agreement === 1);
    const turned = lines.map((line) => {
      const row = line === '' ? {} : (JSON.parse(line) as Row);
      const mine = row.id === shared?.feedbackIds[0];
      return mine ? JSON.stringify({ ...row, ranks: (row.ranks as number[]).toReversed() }) : line;
    });
    expect(turned.filter((line, i) => line !== lines[i])).toHaveLength(1);
    const path = join(folder, 'turned.txt');
    await writeFile(path, turned.join('\n'));
    const { alpha } = python('preference_files.py', 'agreement', path) as Theirs;
    expect(Math.abs((agreementOf(merged.distinct).alpha ?? NaN) - alpha)).toBeGreaterThan(1e-3);
  });
});
