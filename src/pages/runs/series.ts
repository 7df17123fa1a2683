// The lines of a run's charts.
import type { ChartSeries, Tone } from '../../components/uplot.ts';
import type { MetricName } from '../../records/run.ts';
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

/** One line for a run among others. */
export function otherLoss(log: ShownLog, name: string, tone: Tone, metric: 'train/loss' | 'test/loss'): ChartSeries {
  const line = log.line(metric);
  const y = metric === 'train/loss' ? smooth(line.y) : line.y;
  return { name, x: line.x, y, tone, draw: metric === 'test/loss' ? 'both' : 'line', dashed: true };
}

export const single = (log: ShownLog, metric: MetricName, name: string): ChartSeries[] => [
  { name, ...points(log.line(metric)), tone: 'accent', draw: 'line' },
];

const points = ({ x, y }: Line): Pick<Line, 'x' | 'y'> => ({ x, y });
