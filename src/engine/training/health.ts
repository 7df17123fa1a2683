// Watches PPO while it runs: from the figures of each step, and a small memory of earlier ones, to alarms. Pure.
//
// A figure's start is the mean of its first observations; its recent mean forgets (older ones count RECENT times less each).
import type { PpoConfig } from '../../records/ppoConfig.ts';
import { ALARMS, type AlarmName, type MetricName } from '../../records/run.ts';

/** Numbers by name, so that a checkpoint keeps it as it is. */
export type HealthMemory = Record<string, number>;

export interface Alarm {
  alarm: AlarmName;
  serious: boolean;
  value: number;
  limit: number;
}

type Metrics = Partial<Record<MetricName, number>>;

/** One step of a few dozen answers is noisy: with 0.7 about the last three count. */
const RECENT = 0.7;
/** Observations of which the start is the mean: one alone would be luck. */
const START = 3;
/** An alarm has ended when so many observations in a row do not show it: else one at its limit is told again and again. */
const QUIET = 3;

/** True KL is never negative; its estimate may be, a little and for a step. Times the target, but never less than what the
 *  sampling of a few dozen answers wavers by while the policy has hardly moved. */
const NEGATIVE_KL = -0.05;
const LEAST_NEGATIVE_KL = -0.2;
const NEGATIVE_STEPS = 3;
/** Times the target: the band of the chart ends at 1; at twice as much the penalty has lost. */
const RUNAWAY_KL = 2;
/** Off 1 before the first update: rounding of f32 stays below the first; the second turns clipping on by itself. */
const RATIO_OFF = [1e-3, 1e-2] as const;
/** Of the entropy at the start: with a fifth of it nearly every answer is the greedy one, and nothing is tried any more. */
const ENTROPY_LEFT = 0.2;
/** Half of the answers cut off: most of what is scored is no answer. (Half of the rate at the start is never more.) */
const ENDED = 0.5;
/** Times the length at the start. */
const LONGER = 1.5;
const SHORTER = 0.5;
/** Of the trigrams of an answer: plain text stays below a tenth. Above the start, where prompts ask for repeated words. */
const REPEATED = 0.2;
const MORE_REPEATED = 0.1;
/** The value head begins at nothing: it may guess worse than the mean for some steps. */
const USELESS_STEPS = 10;
/** Mean |Δ log π| of two kernels over the same tokens: f32 gives some 1e-6. */
const DRIFT = 1e-4;
/** Of the known answers, as a share. */
const MATCH_LOST = 0.1;

/** 0 = fine, 1 = a warning, 2 = serious. */
interface Finding {
  level: number;
  value: number;
  limit: number;
}

/** What a watch may look at; null = not known, or not yet. */
interface View {
  now: (name: MetricName) => number | null;
  recent: (name: MetricName) => number | null;
  start: (name: MetricName) => number | null;
  /** Observations in a row, this one included, for which the last call with this name was true. */
  running: (name: string, is: boolean) => number;
  config: Pick<PpoConfig, 'klTarget'>;
}

const finding = (level: number | boolean, value: number, limit: number): Finding => ({
  level: Number(level),
  value,
  limit,
});

/** Pay against the start; null before that is known. */
function rises({ recent, start }: View): boolean | null {
  const [now, first] = [recent('objective/scores'), start('objective/scores')];
  return now === null || first === null ? null : now > first;
}

/** null: this step says nothing about it. */
const WATCHES: Record<AlarmName, (view: View) => Finding | null> = {
  klNegative({ now, recent, running, config }) {
    const [kl, mean] = [now('objective/kl'), recent('objective/kl')];
    if (kl === null || mean === null) return null;
    const limit = Math.min(NEGATIVE_KL * config.klTarget, LEAST_NEGATIVE_KL);
    return finding(running('klNegative', mean < limit) >= NEGATIVE_STEPS ? 2 : 0, mean, limit);
  },
  klRunaway({ now, recent, config: { klTarget } }) {
    const mean = recent('objective/kl');
    if (now('objective/kl') === null || mean === null) return null;
    const serious = mean > RUNAWAY_KL * klTarget;
    return finding(serious ? 2 : mean > klTarget, mean, serious ? RUNAWAY_KL * klTarget : klTarget);
  },
  ratioOff({ now }) {
    const ratio = now('policy/first_ratio');
    if (ratio === null) return null;
    const [off, [warn, limit]] = [Math.abs(ratio - 1), RATIO_OFF];
    return finding(off > limit ? 2 : off > warn, off, off > limit ? limit : warn);
  },
  entropyCollapse({ now, recent, start }) {
    const [mean, first] = [recent('objective/entropy'), start('objective/entropy')];
    if (now('objective/entropy') === null || mean === null || first === null) return null;
    return finding(mean < ENTROPY_LEFT * first, mean, ENTROPY_LEFT * first);
  },
  eosRate({ now, recent, start }) {
    const [mean, first] = [recent('objective/eos_rate'), start('objective/eos_rate')];
    if (now('objective/eos_rate') === null || mean === null || first === null) return null;
    return finding(mean < ENDED, mean, ENDED);
  },
  lengthDrift(view) {
    const [mean, first] = [view.recent('objective/length'), view.start('objective/length')];
    const better = rises(view);
    if (view.now('objective/length') === null || mean === null || !first || better === null) return null;
    const times = mean / first;
    return finding(better && (times > LONGER || times < SHORTER), times, times < 1 ? SHORTER : LONGER);
  },
  repetition({ now, recent, start }) {
    const [mean, first] = [recent('objective/repetition'), start('objective/repetition')];
    if (now('objective/repetition') === null || mean === null || first === null) return null;
    const limit = Math.max(REPEATED, first + MORE_REPEATED);
    return finding(mean > limit, mean, limit);
  },
  valueUseless({ now, recent, running }) {
    const [explained, mean] = [now('val/explained_variance'), recent('val/explained_variance')];
    if (explained === null || mean === null) return null;
    return finding(running('valueUseless', explained < 0) >= USELESS_STEPS, mean, 0);
  },
  drift({ now }) {
    const drift = now('policy/drift');
    return drift === null ? null : finding(drift > DRIFT, drift, DRIFT);
  },
  // Greedy answers to fixed prompts: no noise of sampling, so the first look is the start, and each is held against it.
  matchFalls(view) {
    const match = view.now('test/match');
    const first = view.start('test/match');
    const [paid, before] = [view.now('test/score'), view.start('test/score')];
    const better = paid !== null && before !== null ? paid > before : rises(view);
    if (match === null || first === null || better === null) return null;
    const limit = first - MATCH_LOST;
    return finding(better && match < limit ? 2 : 0, match, limit);
  },
};

/** Known whole at their first observation. */
const FIXED: readonly MetricName[] = ['test/match', 'test/score'];
/** Figures that are remembered. */
const WATCHED: readonly MetricName[] = [
  ...(['objective/kl', 'objective/entropy', 'objective/eos_rate', 'objective/length', 'objective/repetition'] as const),
  ...(['objective/scores', 'val/explained_variance'] as const),
  ...FIXED,
];

/** Takes the figures of a step, or some of them; an alarm that goes on is told once, and again when it becomes serious. */
export function observe(
  before: HealthMemory,
  metrics: Metrics,
  config: Pick<PpoConfig, 'klTarget'>,
): { memory: HealthMemory; alarms: Alarm[] } {
  const memory = { ...before };
  const get = (key: string): number => memory[key] ?? 0;
  const now = (name: MetricName): number | null => {
    const value = metrics[name];
    return value !== undefined && Number.isFinite(value) ? value : null;
  };
  for (const name of WATCHED) {
    const value = now(name);
    if (value !== null) remember(memory, name, value);
  }
  const known = (key: string, name: MetricName): number | null => memory[`${key} ${name}`] ?? null;
  const view: View = {
    config,
    now,
    recent: (name) => known('recent', name),
    start: (name) => (get(`seen ${name}`) >= observationsOf(name) ? known('start', name) : null),
    running: (name, is) => (memory[`running ${name}`] = is ? get(`running ${name}`) + 1 : 0),
  };
  const alarms: Alarm[] = [];
  for (const alarm of ALARMS) {
    const found = WATCHES[alarm](view);
    if (!found) continue;
    const { level, value, limit } = found;
    const told = get(`told ${alarm}`);
    if (level > told) alarms.push({ alarm, serious: level === 2, value, limit });
    const quiet = level === 0 && told > 0 ? get(`quiet ${alarm}`) + 1 : 0;
    memory[`told ${alarm}`] = quiet >= QUIET ? 0 : Math.max(level, told);
    memory[`quiet ${alarm}`] = quiet >= QUIET ? 0 : quiet;
  }
  return { memory, alarms };
}

const observationsOf = (name: MetricName): number => (FIXED.includes(name) ? 1 : START);

function remember(memory: HealthMemory, name: MetricName, value: number): void {
  const seen = (memory[`seen ${name}`] ?? 0) + 1;
  if (seen <= observationsOf(name))
    memory[`start ${name}`] = (memory[`start ${name}`] ?? 0) * ((seen - 1) / seen) + value / seen;
  const weight = (memory[`weight ${name}`] ?? 0) * RECENT;
  memory[`recent ${name}`] = ((memory[`recent ${name}`] ?? 0) * weight + value) / (weight + 1);
  memory[`weight ${name}`] = weight + 1;
  memory[`seen ${name}`] = Math.min(seen, START);
}
