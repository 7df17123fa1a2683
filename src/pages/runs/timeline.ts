// The answers to one fixed question over a run: the first, the latest, and each at which the words changed.
import { isRight, type Answers } from '../../state/runLog.ts';

export interface Moment {
  step: number;
  text: string;
  right: boolean;
  /** What it is paid; null where nothing pays. */
  score: number | null;
}

/** What counts as right: word for word, or what PPO asks of it: that the known answer stands in it. */
type Rightness = (answer: string, expected: string) => boolean;

export function timelineOf(
  answers: readonly Answers[],
  prompt: number,
  expected: string | null,
  rightness: Rightness = isRight,
): Moment[] {
  const all = answers.map(({ step, texts, scores }) => ({
    step,
    text: (texts[prompt] ?? '').trim(),
    score: scores?.[prompt] ?? null,
  }));
  return all
    .filter(({ text }, i) => i === 0 || i === all.length - 1 || text !== all[i - 1]?.text)
    .map((moment) => ({ ...moment, right: expected !== null && rightness(moment.text, expected) }));
}
