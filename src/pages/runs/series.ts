// The lines of a run's charts.
import type { ChartSeries, Tone } from '../../components/uplot.ts';
import type { MetricName, RunKind } from '../../records/run.ts';
import { t } from '../../state/language.svelte.ts';
import { smooth, type Line, type ShownLog } from '../../state/runLog.ts';

const OTHERS: readonly Tone[] = ['a', 'b', 'c', 'd'];

/** Tones of runs that stand beside each other; from the fifth on they come again, and names tell. */
export const toneOf = (index: number): Tone => OTHERS[index % OTHERS.length] ?? 'a';

/** Training loss as faint dots with their smoothed course, test loss as a line with its points. */
export function lossSeries(log: ShownLog): ChartSeries[] {
  const { names } = t().train.run;
  const train = log.line('train/loss');
  const test = log.line('test/loss');
  return [
    { name: names.trainRaw, ...points(train), tone: 'faint', draw: 'dots', quiet: true },
    { name: names.train, x: train.x, y: smooth(train.y), tone: 'muted', draw: 'line' },
    { name: names.test, ...points(test), tone: 'accent', draw: 'both' },
  ];
}

/** Share of pairs in which it chooses as people did: training faint and smoothed, unseen pairs with their points. */
export function choiceSeries(log: ShownLog): ChartSeries[] {
  const { names } = t().train.run;
  const train = log.line('train/accuracy');
  return [
    { name: names.train, x: train.x, y: smooth(train.y), tone: 'muted', draw: 'line' },
    { name: names.test, ...points(log.line('test/accuracy')), tone: 'accent', draw: 'both' },
  ];
}

/** What answers are paid, with their spread around it, and what the fixed prompts are paid. */
export function rewardSeries(log: ShownLog): ChartSeries[] {
  const words = t().train.kinds;
  const { x, y } = log.line('objective/scores');
  const spread = log.line('objective/scores_std').y;
  const beside = (sign: 1 | -1): Float64Array => y.map((mean, i) => mean + sign * (spread[i] ?? 0));
  const around: ChartSeries[] =
    spread.length === y.length && y.length > 1
      ? [
          { name: words.spreadAbove, x, y: beside(1), tone: 'faint', draw: 'line', quiet: true, dashed: true },
          { name: words.spreadBelow, x, y: beside(-1), tone: 'faint', draw: 'line', quiet: true, dashed: true },
        ]
      : [];
  return [
    ...around,
    { name: words.fixedSeries, ...points(log.line('test/score')), tone: 'muted', draw: 'both' },
    { name: words.rewardSeries, x, y, tone: 'accent', draw: 'line' },
  ];
}

/** What lays runs of a kind over each other: the first is what they are for. */
export const OVERLAYS = {
  sft: ['test/loss', 'train/loss'],
  reward: ['test/loss', 'train/loss'],
  ppo: ['objective/scores', 'objective/kl'],
} as const satisfies Record<RunKind, readonly MetricName[]>;
export type Overlay = (typeof OVERLAYS)[RunKind][number];

/** One line for a run among others. */
export function other(log: ShownLog, name: string, tone: Tone, metric: Overlay): ChartSeries {
  const line = log.line(metric);
  const y = metric === 'train/loss' ? smooth(line.y) : line.y;
  return { name, x: line.x, y, tone, draw: metric === 'test/loss' ? 'both' : 'line', dashed: true };
}

export const single = (log: ShownLog, metric: MetricName, name: string): ChartSeries[] => [
  { name, ...points(log.line(metric)), tone: 'accent', draw: 'line' },
];

const points = ({ x, y }: Line): Pick<Line, 'x' | 'y'> => ({ x, y });
