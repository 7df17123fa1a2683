// npm run merge: feedback files → dataset_rlhf.jsonl in plain Node, by the very code that merges in the page.
import { createReadStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { agreementOf } from '../src/curation/agreement.ts';
import { biasOf } from '../src/curation/bias.ts';
import { mergeFeedback, type Source } from '../src/curation/merge.ts';
import { readItems } from '../src/formats/judgements.ts';
import { writeRlhf } from '../src/formats/preferenceFiles.ts';
import { CONFLICTS, DEFAULT_POLICY, TIES, type MergePolicy } from '../src/records/preference.ts';
import { HELP, reportLines, sourceLines } from './mergeWords.ts';

export interface Io {
  /** A line for stdout, and one for stderr. */
  out: (line: string) => void;
  err: (line: string) => void;
}

/** What the person can correct: one sentence and no stack. */
class Mistake extends Error {}

function mistake(where: string, rule: string, got: string, remedy: string): never {
  throw new Mistake(`${where}: ${rule}, got ${got}. ${remedy}`);
}

const OPTIONS = {
  out: { type: 'string' },
  policy: { type: 'string', default: DEFAULT_POLICY.conflicts },
  ties: { type: 'string', default: DEFAULT_POLICY.ties },
  edits: { type: 'string', default: DEFAULT_POLICY.edits },
  'min-agreement': { type: 'string', default: String(DEFAULT_POLICY.minAgreement) },
  'min-annotators': { type: 'string', default: String(DEFAULT_POLICY.minAnnotators) },
  weight: { type: 'string', multiple: true, default: [] as string[] },
  'dry-run': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    throw new Mistake(`options: ${sentence.replace(/\.$/, '')}. Run it with --help for those that there are.`);
  }
}

/** The exit status. What was found goes to stderr, so that nothing but help is on stdout. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    const { values, positionals } = parsed(args);
    if (values.help) {
      io.out(HELP);
      return 0;
    }
    const policy = policyOf(values);
    const dryRun = values['dry-run'];
    if (positionals.length === 0)
      mistake('files', 'must be at least one', 'none', 'Name feedback files, or see --help.');
    const out = values.out || null;
    if (out === null && !dryRun)
      mistake('--out', 'must name the file to write', 'nothing', 'Add --out dataset_rlhf.jsonl, or --dry-run.');
    await checkPaths(positionals, out);

    const sources: Source[] = [];
    for (const path of positionals) sources.push(await readSource(path));
    const merged = mergeFeedback(sources, policy);
    for (const [i, source] of sources.entries())
      for (const line of sourceLines(source, merged.sources[i])) io.err(line);
    for (const line of reportLines(merged, agreementOf(merged.distinct), biasOf(merged.distinct))) io.err(line);
    if (out === null || dryRun) io.err('Dry run: nothing is written.');
    else {
      if (merged.preferences.length === 0)
        mistake(
          '--out',
          'must be given at least one preference',
          'none',
          'Nothing is written. Look at what was lost above.',
        );
      await writeWhole(out, writeRlhf(merged.preferences));
      io.err(`${out}: ${merged.preferences.length} preferences written.`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    io.err(`merge: ${error.message}`);
    return 1;
  }
}

type Values = ReturnType<typeof parsed>['values'];

function policyOf(values: Values): MergePolicy {
  return {
    conflicts: oneOf('--policy', CONFLICTS, values.policy),
    ties: oneOf('--ties', TIES, values.ties),
    edits: oneOf('--edits', ['apart', 'chosen'] as const, values.edits),
    minAgreement: number('--min-agreement', values['min-agreement'], (x) => x >= 0.5 && x <= 1, 'from 0.5 to 1'),
    minAnnotators: number(
      '--min-annotators',
      values['min-annotators'],
      (x) => Number.isInteger(x) && x >= 1,
      'a whole number from 1',
    ),
    weights: Object.fromEntries(
      values.weight.map((given) => {
        const at = given.lastIndexOf('=');
        if (at < 0) mistake('--weight', 'must be name=number', given, 'Write for example --weight Ada=2.');
        return [given.slice(0, at), number('--weight', given.slice(at + 1), (x) => x >= 0, 'a number from 0')];
      }),
    ),
  };
}

function oneOf<T extends string>(option: string, names: readonly T[], given: string): T {
  return (
    names.find((name) => name === given) ?? mistake(option, `must be one of ${names.join(', ')}`, given, 'Choose one.')
  );
}

function number(option: string, given: string, holds: (x: number) => boolean, rule: string): number {
  const x = given.trim() === '' ? NaN : Number(given);
  return Number.isFinite(x) && holds(x) ? x : mistake(option, `must be ${rule}`, given || 'nothing', 'Correct it.');
}

/** Before anything is read: a file that is missing, or would be written over, spoils nothing. */
async function checkPaths(paths: readonly string[], out: string | null): Promise<void> {
  const there = out === null ? null : await stat(out).catch(() => null);
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (!found) mistake(path, 'must be there', 'no such file', 'Correct the path.');
    if (!found.isFile()) mistake(path, 'must be a file', 'something else', 'Name the files themselves.');
    if (out !== null && there?.ino === found.ino && there.dev === found.dev)
      mistake('--out', 'must not be one of the files that are read', out, 'Choose another name.');
  }
  if (out === null) return;
  if (there && !there.isFile()) mistake('--out', 'must be a file', 'something else', 'Choose another name.');
  const folder = await stat(dirname(resolve(out))).catch(() => null);
  if (!folder?.isDirectory())
    mistake('--out', 'must lie in a folder that is there', out, 'Make the folder, or choose another.');
}

async function readSource(path: string): Promise<Source> {
  const name = basename(path);
  const { format, items, problems } = await readItems(createReadStream(path), { name });
  return {
    fileId: path,
    name: path,
    format,
    judgements: items.flatMap(({ judgements }) => judgements),
    invalid: problems.map((problem) => ({ fileId: path, ...problem })),
  };
}

/** Under another name first: a run that is cut off leaves no half of a dataset. */
async function writeWhole(path: string, lines: Iterable<string>): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, inPieces(lines));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    mistake('--out', 'must be a file that can be written', reason, 'Choose another.');
  }
}

/** A write for each line of a large dataset would take longer than merging it. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < 1_000_000) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
