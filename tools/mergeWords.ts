// What the merging command says: its help, each file, where judgements went, and what people agree on.
import type { Merged, Source } from '../src/curation/merge.ts';
import type { Agreement, BiasStats, Loss, Share, SourceCount } from '../src/records/merging.ts';

export const HELP = `Merges feedback files into one dataset of preferences.

  npm run merge -- FILE… --out dataset_rlhf.jsonl [options]

FILE is feedback.jsonl, an Argilla or Label Studio export, or TRL preference rows.

  --out FILE             the dataset to write
  --dry-run              only say what merging would do
  --policy NAME          people who differ: majority (default), weighted, latest, drop
  --ties NAME            ties: ignore (default), half, margin
  --min-agreement SHARE  of the votes, for the winner: 0.5 (default) to 1
  --min-annotators N     people who judged a pair, at least: 1 (default)
  --edits NAME           rewritten answers: apart (default), chosen
  --weight NAME=NUMBER   a person's weight under weighted; 0 leaves a person out; may be repeated

A line that cannot be read is told and left out. Equal input gives an equal dataset, in whatever order the files come.`;

/** Sentences of one file; of the rest only how many. */
const SHOWN_PROBLEMS = 20;

const LOSS_WORDS: Record<Loss, [one: string, many: string]> = {
  duplicate: ['is there once more', 'are there once more'],
  superseded: ['has a later version', 'have a later version'],
  skipped: ['was skipped', 'were skipped'],
  bad: ['finds no answer any good', 'find no answer any good'],
  leftOut: ['is of a person with weight 0', 'are of people with weight 0'],
  tie: ['ends tied', 'end tied'],
  conflict: ['has people who differ', 'have people who differ'],
  disagreement: ['has too few who agree', 'have too few who agree'],
  few: ['was judged by too few people', 'were judged by too few people'],
};

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

export function sourceLines({ name, invalid }: Source, counted: SourceCount | undefined): string[] {
  const { judgements = 0, added = 0, duplicates = 0 } = counted ?? {};
  const parts = [count(judgements, 'judgement'), `${added} new`, count(duplicates, 'duplicate')];
  if (invalid.length > 0) parts.push(`${count(invalid.length, 'line')} with a fault`);
  return [
    `${name}: ${parts.join(', ')}`,
    ...invalid.slice(0, SHOWN_PROBLEMS).map(({ line, problem }) => `  line ${line}: ${problem}`),
    ...(invalid.length > SHOWN_PROBLEMS ? [`  and ${invalid.length - SHOWN_PROBLEMS} more`] : []),
  ];
}

export function reportLines({ funnel }: Merged, agreement: Agreement, bias: BiasStats): string[] {
  const losses = (of: 'judgements' | 'pairs', one: string): string[] =>
    funnel.losses
      .filter((lost) => lost.of === of)
      .map((lost) => `  ${count(lost.count, one)} ${LOSS_WORDS[lost.loss][lost.count === 1 ? 0 : 1]}`);
  const alpha = agreement.alpha === null ? '' : `; Krippendorff's alpha ${agreement.alpha.toFixed(2)}`;
  return [
    `${count(funnel.judgements, 'judgement')}, of which ${funnel.valid} count`,
    ...losses('judgements', 'judgement'),
    `${count(funnel.pairs, 'pair')} of answers, of which ${funnel.preferences} became preferences`,
    ...losses('pairs', 'pair'),
    agreement.percent.n === 0
      ? 'Agreement: no pair was judged by two people'
      : `Agreement: two people say the same in ${shown(agreement.percent)}${alpha}`,
    bias.left.n === 0
      ? 'Position: in which order answers were shown is not known'
      : `Position: the answer shown first won ${shown(bias.left)}; ${meaning(bias.left)}`,
    bias.longer.n === 0
      ? 'Length: no answer was longer than the other'
      : `Length: the longer answer won ${shown(bias.longer)}; ${meaning(bias.longer)}`,
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const shown = ({ share, n, low, high }: Share): string =>
  `${percent(share)} of ${n} (95 % interval ${percent(low)} to ${percent(high)})`;

function meaning({ low, high }: Share): string {
  if (low > 0.5) return 'more often than chance';
  return high < 0.5 ? 'less often than chance' : 'no more than chance explains';
}
