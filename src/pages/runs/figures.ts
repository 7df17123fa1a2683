// The smaller charts of a run, by its kind: what each shows and how its numbers are written.
import type { MetricName, RunKind } from '../../records/run.ts';
import { t } from '../../state/language.svelte.ts';

export interface Figure {
  metric: MetricName;
  label: string;
  as: 'share' | 'rate' | 'number' | 'fine';
  /** Of what a healthy run has: dashed across. */
  level?: number;
  /** Left out where it was never measured. */
  optional?: true;
}

export function figuresOf(kind: RunKind): Figure[] {
  const { charts } = t().train.run;
  const pace: Figure[] = [
    { metric: 'lr', label: charts.lr, as: 'rate' },
    { metric: 'grad_norm', label: charts.gradNorm, as: 'number' },
    { metric: 'tokens_per_second', label: charts.speed, as: 'number', ...(kind === 'ppo' && { optional: true }) },
  ];
  if (kind === 'sft')
    return [
      { metric: 'test/exact_match', label: charts.exact, as: 'share', optional: true },
      { metric: 'test/accuracy', label: charts.accuracy, as: 'share' },
      { metric: 'train/accuracy', label: charts.trainAccuracy, as: 'share' },
      ...pace,
    ];
  if (kind === 'reward') {
    const { margin, testMargin, meanScore } = t().train.kinds;
    return [
      { metric: 'train/margin', label: margin, as: 'number', level: 0 },
      { metric: 'test/margin', label: testMargin, as: 'number', level: 0 },
      { metric: 'test/mean_score', label: meanScore, as: 'number', level: 0 },
      ...pace,
    ];
  }
  const { metric: words } = t().align;
  const of = (metric: keyof typeof words, as: Figure['as'], more: Partial<Figure> = {}): Figure => ({
    metric,
    label: words[metric].label,
    as,
    ...more,
  });
  return [
    of('test/score', 'number', { optional: true }),
    of('test/match', 'share', { optional: true }),
    of('objective/entropy', 'number'),
    of('objective/length', 'number'),
    of('objective/eos_rate', 'share'),
    of('objective/repetition', 'share'),
    of('policy/clipfrac_avg', 'share'),
    of('policy/approxkl_avg', 'rate'),
    of('val/explained_variance', 'number', { level: 0 }),
    of('objective/kl_coef', 'rate'),
    of('policy/first_ratio', 'fine'),
    of('policy/drift', 'rate'),
    ...pace,
    of('rollout_tokens_per_second', 'number', { optional: true }),
  ];
}
