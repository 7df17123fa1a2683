// An indexing under way in words: "Embedding: 340 of 1,200 chunks".
import type { Progress } from './indexing.ts';
import { format, t } from './language.svelte.ts';

/** `share` is of what takes long: 0…1, null before it. */
export function describe(progress: Progress | null): { detail: string; share: number | null } {
  if (!progress) return { detail: t().documents.steps.begin, share: null };
  const { step, done, total } = progress;
  const size = step === 'load' ? format.bytes : (n: number): string => format.number(n);
  const share = step === 'embed' && total > 0 ? done / total : null;
  return { detail: t().documents.steps[step](size(done), size(total)), share };
}

/** "about 40 s left"; "" while unknown. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return '';
  const minutes = Math.round(seconds / 60);
  return seconds < 90 ? t().documents.secondsLeft(Math.max(1, Math.ceil(seconds))) : t().documents.minutesLeft(minutes);
}
