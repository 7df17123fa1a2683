// Reads an answer beside its passages: what stands where, words that two texts share, words that no passage holds. Pure.
import { align, marksOf, sentencesOf, type Citation, type Mark } from '../records/citation.ts';
import type { Generation } from '../records/generation.ts';

export interface Piece {
  start: number;
  end: number;
  /** Indexes of the spans that cover it. */
  over: number[];
}

/** Cuts [0, length) wherever a span begins or ends. */
export function overlay(length: number, spans: readonly { start: number; end: number }[]): Piece[] {
  const cuts = [...new Set([0, length, ...spans.flatMap(({ start, end }) => [start, end])])]
    .filter((at) => at >= 0 && at <= length)
    .sort((a, b) => a - b);
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i] ?? 0;
    const over = spans.flatMap((span, at) => (span.start <= start && span.end >= end ? [at] : []));
    return { start, end, over };
  });
}

export interface AnswerPart {
  text: string;
  /** Index of the citation whose words these are; -1 for none. */
  citation: number;
  /** "[2]". */
  mark: Mark | null;
  /** Part of a sentence that stands in no passage. */
  uncited: boolean;
}

/** Cuts an answer at its citations, its marks and the sentences without either. The parts joined are the text. */
export function answerParts(text: string, citations: readonly Citation[], passages: number): AnswerPart[] {
  const marks = marksOf(text, passages);
  const uncited = citations.length + marks.length;
  const sentences = sentencesOf(text, citations).filter((sentence) => sentence.uncited);
  return overlay(text.length, [...citations, ...marks, ...sentences]).map(({ start, end, over }) => ({
    text: text.slice(start, end),
    citation: over.find((at) => at < citations.length) ?? -1,
    mark: marks[(over.find((at) => at >= citations.length && at < uncited) ?? -1) - citations.length] ?? null,
    uncited: over.some((at) => at >= uncited),
  }));
}

const known = new WeakMap<Generation, readonly Citation[]>();

/** Looked up once for each answer: a kept one never changes. */
export function citationsOf(generation: Generation): readonly Citation[] {
  const found = known.get(generation);
  if (found) return found;
  const citations = align(
    generation.text,
    generation.passages.map(({ text }) => text),
  );
  known.set(generation, citations);
  return citations;
}

export interface WordPart {
  text: string;
  /** Occurs in the other text too. */
  shared: boolean;
  /** Worth comparing: a number, a name, a word of four letters or more. */
  telling: boolean;
}

const PREFIX = 5; // as the retrieval does: "founded" and "founding" are one word

/** "2,340", "31.5", "Roux", "d'Ardenie" as two words. */
const WORD = /(?:\d{1,3}(?:[.,\u00a0\u202f ]\d{3}(?!\d))+|\d+)(?:[.,]\d+)?|\p{L}[\p{L}\p{M}]*/gu;

const plain = (word: string): string => word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
const isNumber = (word: string): boolean => /\d/.test(word);
/** Numbers are compared whole and without their separators' looks, words by their beginning. */
const key = (word: string): string => (isNumber(word) ? word.replaceAll(/\D/g, ' ') : plain(word).slice(0, PREFIX));
const isTelling = (word: string): boolean => isNumber(word) || word.length >= 4 || /^\p{Lu}{2,}$/u.test(word);

/** Cuts `text` into words and what lies between them. The parts joined are the text. */
export function compareWords(text: string, other: string): WordPart[] {
  const known = new Set([...other.matchAll(WORD)].map(([word]) => key(word)));
  const parts: WordPart[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), shared: false, telling: false });
    parts.push({ text: word, shared: known.has(key(word)), telling: isTelling(word) });
    end = match.index + word.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), shared: false, telling: false });
  return parts;
}
