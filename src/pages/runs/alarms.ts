// An alarm as a sentence, its figures written as what they are.
import type { AlarmName } from '../../records/run.ts';
import { format, t } from '../../state/language.svelte.ts';
import type { Alarm } from '../../state/runLog.ts';

/** Alarms whose figures are shares. */
const SHARES: readonly AlarmName[] = ['eosRate', 'repetition', 'matchFalls'];

export function alarmSentence({ alarm, value, limit }: Alarm): string {
  const write = (x: number): string =>
    SHARES.includes(alarm) ? t().common.percent(x) : format.number(x, Math.abs(x) < 0.1 ? 4 : 2);
  return t().align.alarm[alarm](write(value), write(limit));
}
