// Question → passages, and answer → the sentence that supports it best.
import type { Passage } from '../records/generation.ts';
import { passages, sentences, type Span } from './chunk.ts';
import { LexicalIndex } from './lexical.ts';

export interface Source {
  documentId: string;
  documentName: string;
  text: string;
}

export interface Hit {
  passage: Passage;
  score: number;
}

const passage = (source: Source, { start, end }: Span): Passage => ({
  documentId: source.documentId,
  documentName: source.documentName,
  start,
  end,
  text: source.text.slice(start, end),
});

/** Passages with their scores, best first; ties keep the order of the documents. */
function rank(all: Passage[], query: string): Hit[] {
  const scores = new LexicalIndex(all.map((p) => p.text)).scores(query);
  return all.map((p, i) => ({ passage: p, score: scores[i] ?? 0 })).sort((a, b) => b.score - a.score);
}

/** The `count` best passages of `size` sentences each. A short text comes back whole, whatever its words. */
export function retrieve(sources: readonly Source[], question: string, count: number, size: number): Hit[] {
  const all = sources.flatMap((source) => passages(source.text, size).map((span) => passage(source, span)));
  return rank(all, question).slice(0, count);
}

/** The sentence that matches the answer best, the question deciding between sentences that share its words. */
export function evidence(sources: readonly Source[], question: string, answer: string): Passage | null {
  const all = sources.flatMap((source) => sentences(source.text).map((span) => passage(source, span)));
  // The answer twice: its words weigh more than the question's.
  const [best] = rank(all, `${answer} ${answer} ${question}`);
  return best && best.score > 0 ? best.passage : null;
}
