// The answers to one fixed question over a run: the first, the latest, and each at which the words changed.
import { isRight, type Answers } from '../../state/runLog.ts';

export interface Moment {
  step: number;
  text: string;
  right: boolean;
}

export function timelineOf(answers: readonly Answers[], prompt: number, expected: string | null): Moment[] {
  const all = answers.map(({ step, texts }) => ({ step, text: (texts[prompt] ?? '').trim() }));
  return all
    .filter(({ text }, i) => i === 0 || i === all.length - 1 || text !== all[i - 1]?.text)
    .map(({ step, text }) => ({ step, text, right: expected !== null && isRight(text, expected) }));
}
