// A time in words: "40 s", "3 min", "2 h 10 min".
import { format, t } from './language.svelte.ts';

export function duration(ms: number): string {
  const { seconds, minutes, hours } = t().train.duration;
  const total = Math.max(0, ms) / 1000;
  if (total < 10) return seconds(format.number(total, 1));
  if (total < 90) return seconds(format.number(Math.ceil(total)));
  const whole = Math.round(total / 60);
  return whole < 90
    ? minutes(format.number(whole))
    : hours(format.number(Math.floor(whole / 60)), format.number(whole % 60));
}
