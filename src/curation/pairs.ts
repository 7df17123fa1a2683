// Judgements laid out by what they are about: a pair of answers to one prompt, and everybody's opinion of it.
import type { Judgement } from '../records/feedback.ts';

/** `first` is better, `second` is better, as good, neither is any good. */
export const CATEGORIES = ['first', 'second', 'tie', 'bad'] as const;
export type Category = (typeof CATEGORIES)[number];

export interface Opinion {
  judgement: Judgement;
  category: Category;
  /** Indices of the two answers into the judgement's responses. */
  first: number;
  second: number;
}

/** The same whatever the order, the ids or the files in which its answers came. */
export interface Pair {
  prompt: string;
  /** Trimmed; `first` sorts before `second`. */
  first: string;
  second: string;
  /** In the order of the judgements. */
  opinions: Opinion[];
}

/** All pairs that the judgements rank; what is skipped says nothing. A ranking of k answers is about k (k − 1) / 2 pairs. */
export function pairsOf(judgements: readonly Judgement[]): Pair[] {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  };
  const pairs = new Map<string, Pair>();
  for (const judgement of judgements) {
    if (judgement.status !== 'judged' || judgement.ranks === null) continue;
    const { prompt, ranks, verdict } = judgement;
    const texts = judgement.responses.map((response) => response.trim());
    const about = numberOf(prompt);
    for (let i = 0; i < texts.length; i++) {
      for (let j = i + 1; j < texts.length; j++) {
        const [a, b] = [texts[i] ?? '', texts[j] ?? ''];
        if (a === b) continue; // no choice
        const [first, second] = a < b ? [i, j] : [j, i];
        const key = a < b ? `${about} ${numberOf(a)} ${numberOf(b)}` : `${about} ${numberOf(b)} ${numberOf(a)}`;
        let pair = pairs.get(key);
        if (!pair) {
          pair = { prompt, first: texts[first] ?? '', second: texts[second] ?? '', opinions: [] };
          pairs.set(key, pair);
        }
        const [rank, other] = [ranks[first] ?? 0, ranks[second] ?? 0];
        const category = verdict === 'bad' ? 'bad' : rank < other ? 'first' : rank > other ? 'second' : 'tie';
        pair.opinions.push({ judgement, category, first, second });
      }
    }
  }
  return [...pairs.values()];
}

/** The last opinion of each person, in the order given. */
export function lastOfEach(opinions: readonly Opinion[]): readonly Opinion[] {
  if (opinions.length < 2) return opinions;
  const last = new Map<string, Opinion>();
  for (const opinion of opinions) last.set(opinion.judgement.annotator, opinion);
  return last.size === opinions.length ? opinions : opinions.filter((o) => last.get(o.judgement.annotator) === o);
}
