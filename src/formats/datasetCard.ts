// README.md of a merged dataset, as the Hugging Face Hub shows it: what the rows are, who made them, how far they agreed.
import type { MergeReport, Share } from '../records/merging.ts';
import type { MergePolicy } from '../records/preference.ts';
import { rlhfColumns, type PreferenceRow } from './preferenceColumns.ts';

export interface DatasetCard {
  /** Of the project. */
  name: string;
  /** UTC, ISO 8601; when they were merged. */
  mergedAt: string;
  /** What leaves: excluded rows are not among them. */
  rows: readonly PreferenceRow[];
  excluded: number;
  demonstrations: number;
  split: { seed: number; testShare: number };
  report: Pick<MergeReport, 'policy' | 'funnel' | 'agreement' | 'bias'>;
}

export function datasetCard(card: DatasetCard): string {
  const { rows, report } = card;
  return `${[
    head(card),
    `# ${oneLine(card.name)}: preferences`,
    `${rows.length} pairs of answers with the one that people preferred, merged from ${report.funnel.judgements} judgements with Atelier on ${card.mergedAt.slice(0, 10)}. The order in which the answers were shown is known of ${report.bias.left.n} of the decided pairs.`,
    LOADING,
    '## Rows',
    table(counts(card)),
    `Sides are drawn by question with seed ${card.split.seed}, ${percent(card.split.testShare)} of questions for testing, unless a person put a row on one; the column \`split\` says which.`,
    '## Columns',
    table(rlhfColumns(rows).map(({ name }) => [`\`${name}\``, MEANINGS[name] ?? ''])),
    '`prompt` is exactly what the model reads: the question and, behind "Context:", its passages. TRL joins `prompt` and `chosen` as they stand; for a model with a chat template take `dataset_rlhf_conversational.jsonl`, where the whole prompt is the turn of the user.',
    'Cells of the CSV file are written as they are: a spreadsheet may take one that starts with = for a formula, and pandas an empty one for a missing number, unless it is told `keep_default_na=False` (`load_dataset` takes that, too).',
    '## How judgements became preferences',
    list(policyWords(report.policy)),
    table(losses(report)),
    '## Agreement',
    table(agreement(report)),
    '## Bias of position and length',
    table([
      ['The answer on the left was preferred', share(report.bias.left)],
      ['The longer answer was preferred', share(report.bias.longer)],
    ]),
    'Intervals are 95 % (Wilson). Without such a bias one half would be expected on the left; a longer answer may also be the better one.',
  ].join('\n\n')}\n`;
}

const LOADING = [
  '```python',
  'from datasets import load_dataset',
  '',
  'preferences = load_dataset("json", data_files="dataset_rlhf.jsonl", split="train")',
  '```',
].join('\n');

/** A license is for the person to choose, and the Hub asks for it where it is missing. */
function head({ name, rows }: DatasetCard): string {
  const size = SIZES.find(([below]) => rows.length < below)?.[1] ?? 'n>1M';
  return [
    '---',
    `pretty_name: ${JSON.stringify(name.replace(/\s+/g, ' ').trim())}`,
    '# license: choose one before you publish',
    'task_categories: [reinforcement-learning, text-generation]',
    'tags: [preference, rlhf, dpo, reward-model, trl, atelier]',
    `size_categories: ["${size}"]`,
    'configs:',
    '  - config_name: default',
    '    data_files: dataset_rlhf.jsonl',
    '---',
  ].join('\n');
}

const SIZES: readonly (readonly [below: number, name: string])[] = [
  [1e3, 'n<1K'],
  [1e4, '1K<n<10K'],
  [1e5, '10K<n<100K'],
  [1e6, '100K<n<1M'],
];

const MEANINGS: Readonly<Record<string, string>> = {
  prompt: 'what the model reads',
  chosen: 'the answer that was preferred',
  rejected: 'the other one',
  annotator_comment: 'what was said with the winning judgements, oldest first, one a line',
  timestamp: 'of the latest judgement: UTC, to the second',
  id: 'made of prompt and answers: the same judgements always make the same one',
  feedback_ids: 'judgements that were counted, whichever way they went',
  annotators: 'who made them',
  agreement: 'share of the votes that went to chosen, 0.5 to 1',
  margin: 'how much better, 1 slightly to 3 by far; 0 where nobody said, and for a tie',
  tags: 'reasons that were given, separated by "; "',
  tie: 'nobody found one better; kept because the policy says so',
  edited: 'chosen is an answer as a person rewrote it',
  changed: 'a person corrected the row after merging',
  split: 'train or test',
};

function counts({ rows, excluded, demonstrations }: DatasetCard): Pairs {
  const number = (of: (row: PreferenceRow) => boolean | undefined): string => `${rows.filter(of).length}`;
  return [
    ['Preferences', `${rows.length}`],
    ['for training', number((row) => row.split !== 'test')],
    ['for testing', number((row) => row.split === 'test')],
    ['Prompts', `${new Set(rows.map((row) => row.prompt)).size}`],
    ['Ties', number((row) => row.tie)],
    ['With a rewritten answer', number((row) => row.edited)],
    ['Corrected after merging', number((row) => row.changed)],
    ['Left out by hand', `${excluded}`],
    ['Rewritten answers (demonstrations.jsonl)', `${demonstrations}`],
  ];
}

function policyWords({ conflicts, ties, minAgreement, minAnnotators, edits, weights }: MergePolicy): string[] {
  const differ = {
    majority: 'Where people differ, the majority counts: one vote a person.',
    weighted:
      'Where people differ, votes weigh by how much better the person found it, and by the weight of the person.',
    latest: 'Of all judgements on a pair, the latest alone counts.',
    drop: 'Pairs on which people differ are left out.',
  }[conflicts];
  const tied = {
    ignore: 'A tie says nothing.',
    half: 'A tie is half a vote for each.',
    margin: 'A tie is half a vote for each; pairs that end tied are kept with margin 0.',
  }[ties];
  const given = Object.entries(weights);
  return [
    differ,
    tied,
    `At least ${percent(minAgreement)} of the votes for the winner, of at least ${minAnnotators} people.`,
    edits === 'chosen'
      ? 'An answer that a person rewrote stands for the one that was preferred.'
      : 'Rewritten answers are not among the preferences.',
    ...(given.length > 0
      ? [`Weights: ${given.map(([name, weight]) => `${oneLine(name)} ${weight}`).join(', ')}; others 1.`]
      : []),
  ];
}

const LOSS_WORDS: Readonly<Record<string, string>> = {
  duplicate: 'the same judgement once more',
  superseded: 'an earlier version, or an earlier opinion of the same person',
  skipped: 'skipped',
  bad: 'both bad',
  leftOut: 'of a person who is left out',
  tie: 'ended tied',
  conflict: 'people differ',
  disagreement: 'too little agreement',
  few: 'too few people',
};

function losses({ funnel }: DatasetCard['report']): Pairs {
  const lost = (of: 'judgements' | 'pairs'): Pairs =>
    funnel.losses
      .filter((entry) => entry.of === of && entry.count > 0)
      .map(({ loss, count }) => [`left out: ${LOSS_WORDS[loss] ?? loss}`, `${count}`]);
  return [
    ['Judgements read', `${funnel.judgements}`],
    ...lost('judgements'),
    ['Judgements counted', `${funnel.valid}`],
    ['Pairs of answers', `${funnel.pairs}`],
    ...lost('pairs'),
    ['Preferences', `${funnel.preferences}`],
  ];
}

const agreement = ({ agreement: { annotators, shared, percent: agreed, alpha } }: DatasetCard['report']): Pairs => [
  ['People', `${annotators.length}`],
  ['Pairs of answers that several people judged', `${shared}`],
  ['Two people agree', share(agreed)],
  ["Krippendorff's α (nominal)", alpha === null ? 'not defined' : alpha.toFixed(3)],
];

type Pairs = (readonly [string, string])[];

const percent = (x: number): string => `${Math.round(1000 * x) / 10} %`;
const share = ({ n, share: x, low, high }: Share): string =>
  n === 0 ? 'nothing to measure' : `${percent(x)} (${percent(low)} to ${percent(high)}) of ${n}`;

/** In a table's cell, a list or a heading: one line, no marks that would end it or start others. */
const oneLine = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[|<>[\]`*_#\\]/g, '\\$&')
    .trim();

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
const table = (rows: Pairs): string => ['| | |', '|---|---|', ...rows.map(([a, b]) => `| ${a} | ${b} |`)].join('\n');
