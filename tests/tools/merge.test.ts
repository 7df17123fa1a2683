// The merging command on files: what it writes, what it says, and what it refuses.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { writeFeedback } from '../../src/formats/feedbackFile.ts';
import type { Judgement } from '../../src/records/feedback.ts';
import { main } from '../../tools/merge.ts';
import { says } from '../curation/judgements.ts';

const folder = mkdtempSync(join(tmpdir(), 'atelier-merge-'));
const at = (name: string): string => join(folder, name);
const out = at('dataset_rlhf.jsonl');
const put = (name: string, judgements: Judgement[], more = ''): string => {
  writeFileSync(at(name), [...writeFeedback(judgements)].join('') + more);
  return at(name);
};
const rows = (path = out): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

async function merge(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const [said, told]: [string[], string[]] = [[], []];
  const status = await main(args, { out: (line) => said.push(line), err: (line) => told.push(line) });
  return { status, out: said.join('\n'), err: told.join('\n') };
}

const ada = [says('Ada', 'a', { comment: 'clear' }), says('Ada', 'b', { id: 'd/0/Ada', prompt: 'Other?' })];
const ben = [says('Ben', 'b'), says('Ben', 'b', { id: 'd/0/Ben', prompt: 'Other?' })];

beforeEach(() => {
  rmSync(out, { force: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('writes one row a preference, the five columns first, and nothing else beside it', async () => {
  const { status, err, out: stdout } = await merge(put('a.jsonl', ada), put('b.jsonl', ben), '--out', out);
  expect([status, stdout]).toEqual([0, '']);
  const [row, ...others] = rows();
  expect(others).toEqual([]);
  expect(Object.keys(row ?? {}).slice(0, 5)).toEqual([
    'prompt',
    'chosen',
    'rejected',
    'annotator_comment',
    'timestamp',
  ]);
  expect(row).toMatchObject({ prompt: 'Other?', chosen: 'b', rejected: 'a', annotators: ['Ada', 'Ben'], agreement: 1 });
  expect(err).toContain('1 pair has people who differ');
  expect(err).toContain('two people say the same in 50.0 % of 2');
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
});

it('gives the same bytes in any order of files, and when one comes twice', async () => {
  const [a, b] = [put('a.jsonl', ada), put('b.jsonl', ben)];
  const written = async (...files: string[]): Promise<string> => {
    await merge(...files, '--policy', 'weighted', '--weight', 'Ben=3', '--out', out);
    return readFileSync(out, 'utf8');
  };
  const once = await written(a, b);
  expect(rows().map(({ chosen }) => chosen)).toEqual(['b', 'b']);
  expect(await written(b, a)).toBe(once);
  expect(await written(a, b, put('copy.jsonl', [...ben, ...ada]))).toBe(once);
});

it('tells every bad line with its number and goes on', async () => {
  const more = ['not json', '{"prompt": "Q?", "responses": ["only one"], "verdict": "tie"}', ''].join('\n');
  const { status, err } = await merge(put('bad.jsonl', ada, more), '--out', out);
  expect(status).toBe(0);
  expect(rows()).toHaveLength(2);
  expect(err).toContain('2 judgements, 2 new, 0 duplicates, 2 lines with a fault');
  expect(err).toMatch(/line 3: .+must be JSON/);
  expect(err).toMatch(/line 4: .+/);
});

it('shows twenty faults and counts the rest', async () => {
  const { err } = await merge(put('bad.jsonl', [], 'x\n'.repeat(25)), '--dry-run');
  expect(err.match(/^ {2}line \d+:/gm)).toHaveLength(20);
  expect(err).toContain('and 5 more');
});

it('a dry run writes nothing and says the same', async () => {
  const file = put('a.jsonl', ada);
  const dry = await merge(file, '--out', out, '--dry-run');
  expect([dry.status, existsSync(out)]).toEqual([0, false]);
  const wet = await merge(file, '--out', out);
  expect(wet.err.split('\n').slice(0, -1)).toEqual(dry.err.split('\n').slice(0, -1));
});

it('passes every option on', async () => {
  const tied = [says('Ada', 'tie'), says('Ben', 'tie')];
  const given = put('a.jsonl', [...tied, says('Ada', 'a', { id: 'e', prompt: 'E', edit: { response: 0, text: 'A' } })]);
  const count = async (...options: string[]): Promise<number> => {
    rmSync(out, { force: true });
    await merge(given, '--out', out, ...options);
    return existsSync(out) ? rows().length : 0; // nothing is written rather than an empty file, which datasets refuses
  };
  expect(await count()).toBe(1);
  expect(await count('--ties', 'margin')).toBe(2);
  expect(await count('--ties', 'margin', '--min-annotators', '2')).toBe(1);
  expect(await count('--weight', 'Ada=0')).toBe(0);
  expect(await count('--edits', 'chosen')).toBe(1);
  expect(rows()[0]).toMatchObject({ chosen: 'A', edited: true });
  const three = put('three.jsonl', [says('Ada', 'a'), says('Ben', 'b'), says('Cleo', 'a')]);
  for (const [expected, ...options] of [
    [1],
    [0, '--min-agreement', '0.7'],
    [0, '--policy', 'drop'],
    [1, '--policy', 'latest'],
  ] as [number, ...string[]][]) {
    rmSync(out, { force: true });
    await merge(three, '--out', out, ...options);
    expect(existsSync(out) ? rows().length : 0).toBe(expected);
  }
});

it.each([
  ['no file', [], /files: must be at least one/],
  ['a missing file', [at('nothing.jsonl'), '--out', out], /nothing\.jsonl: must be there, got no such file/],
  ['a folder', [folder, '--out', out], /must be a file/],
  ['nowhere to write', [put('kept.jsonl', ada)], /--out: must name the file to write/],
  ['an unknown option', [at('kept.jsonl'), '--frob'], /options: .*--frob/],
  ['an unknown policy', [at('kept.jsonl'), '--out', out, '--policy', 'most'], /--policy: must be one of majority, /],
  ['an unknown way of ties', [at('kept.jsonl'), '--out', out, '--ties', 'win'], /--ties: must be one of/],
  ['a share below a half', [at('kept.jsonl'), '--out', out, '--min-agreement', '0.4'], /--min-agreement: .*got 0\.4/],
  ['half a person', [at('kept.jsonl'), '--out', out, '--min-annotators', '1.5'], /--min-annotators: .*got 1\.5/],
  ['a weight of nobody', [at('kept.jsonl'), '--out', out, '--weight', 'Ada'], /--weight: must be name=number/],
  ['a folder that is not there', [at('kept.jsonl'), '--out', at('no/where.jsonl')], /--out: must lie in a folder/],
  [
    'its own input',
    [at('kept.jsonl'), '--out', join(folder, '.', 'kept.jsonl')],
    /--out: must not be one of the files/,
  ],
])('refuses %s with a sentence', async (_, args, sentence) => {
  const { status, err } = await merge(...args);
  expect([status, err.split('\n').length]).toEqual([1, 1]);
  expect(err).toMatch(sentence);
  expect(existsSync(out)).toBe(false);
  expect(rows(at('kept.jsonl'))).toHaveLength(2);
});

it('explains itself on stdout', async () => {
  const { status, out: stdout, err } = await merge('--help');
  expect([status, err]).toEqual([0, '']);
  for (const option of [
    '--out',
    '--policy',
    '--ties',
    '--min-agreement',
    '--min-annotators',
    '--edits',
    '--weight',
    '--dry-run',
  ])
    expect(stdout).toContain(option);
});

it('keeps the file that is there when nothing is left to write', async () => {
  const given = put('a.jsonl', [says('Ada', 'a')]);
  await merge(given, '--out', out);
  const before = readFileSync(out, 'utf8');
  expect((await merge(given, '--out', out, '--weight', 'Ada=0')).status).toBe(1);
  expect(readFileSync(out, 'utf8')).toBe(before);
});
