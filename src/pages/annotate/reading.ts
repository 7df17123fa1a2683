// Which words of the passages the answers use, and the sentences around them. Pure, and looked up once a comparison.
import { align, sentencesOf } from '../../records/citation.ts';
import type { Task } from '../../records/comparison.ts';

export interface Used {
  /** Of the passage: [start, end). */
  start: number;
  end: number;
  /** Index of the response that uses it. */
  response: number;
}

/** A run of a passage; null text = left out here. */
export interface Piece {
  text: string;
  /** Responses that use these words. */
  by: number[];
  gap: boolean;
}

/** Longer tasks are shown without it rather than late. In characters. */
const LONGEST = 20_000;

/** Per passage, what the answers use of it; null where that is not looked up. */
export function usesOf({ passages, responses }: Pick<Task, 'passages' | 'responses'>): Used[][] | null {
  const texts = passages.map(({ text }) => text);
  const length = texts.join('').length + responses.reduce((sum, { text }) => sum + text.length, 0);
  if (length > LONGEST) return null;
  const uses: Used[][] = texts.map(() => []);
  for (const [response, { text }] of responses.entries())
    for (const { passage, from, to } of align(text, texts))
      if (to > from) uses[passage]?.push({ start: from, end: to, response });
  return uses;
}

/** The sentences of a passage that hold something used: [start, end), ascending and apart. */
export function usedSentences(text: string, uses: readonly Used[]): { start: number; end: number }[] {
  return sentencesOf(text, []).filter(({ start, end }) => uses.some((use) => use.start < end && use.end > start));
}

/** The passage cut at what is used; folded, only the sentences around it, with gaps between them. */
export function piecesOf(text: string, uses: readonly Used[], folded: boolean): Piece[] {
  const shown = folded ? usedSentences(text, uses) : [{ start: 0, end: text.length }];
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end } of shown) {
    if (text.slice(from, start).trim() !== '') pieces.push({ text: '…', by: [], gap: true });
    else if (start > from) pieces.push({ text: text.slice(from, start), by: [], gap: false });
    const inside = uses.flatMap((use) => [use.start, use.end]).filter((at) => at > start && at < end);
    const cuts = [...new Set([start, ...inside, end])].sort((a, b) => a - b);
    for (const [i, at] of cuts.slice(0, -1).entries()) {
      const to = cuts[i + 1] ?? end;
      const over = uses.filter((use) => use.start <= at && use.end >= to).map(({ response }) => response);
      pieces.push({ text: text.slice(at, to), by: [...new Set(over)], gap: false });
    }
    from = end;
  }
  if (folded && shown.length > 0 && text.slice(from).trim() !== '') pieces.push({ text: '…', by: [], gap: true });
  return pieces;
}
