// Question → rows of chunks, best first; and answer → the sentence that supports it best.
import type { RetrievalSettings } from '../records/corpus.ts';
import type { LexicalIndex } from './lexical.ts';
import type { Neighbour } from './vectorIndex.ts';

export interface Ranked {
  row: number;
  /** Cosine; null where only words were searched. */
  vector: number | null;
  /** TF-IDF cosine. */
  lexical: number;
  /** What they were sorted by, before diversity. */
  score: number;
}

/** The vectors of the rows, as one question sees them. */
export interface VectorScores {
  neighbours(k: number): Neighbour[];
  score(row: number): number;
  similarity(a: number, b: number): number;
}

export interface Question {
  /** TF-IDF cosine of every row. */
  lexical: Float32Array;
  allowed: (row: number) => boolean;
  /** Null = search by words alone. */
  vectors: VectorScores | null;
  settings: RetrievalSettings;
  count: number;
}

const RRF_K = 60; // Cormack et al. 2009
const MIN_CANDIDATES = 100;
const CANDIDATES_PER_HIT = 20;

/** Rows of the k highest values among those allowed, best first; ties by row. */
export function highest(values: Float32Array, k: number, allowed: (row: number) => boolean): number[] {
  const best: number[] = [];
  const value = (row: number | undefined): number => (row === undefined ? -Infinity : (values[row] ?? -Infinity));
  for (let row = 0; row < values.length; row++) {
    if (best.length === k && value(row) <= value(best[k - 1])) continue;
    if (!allowed(row)) continue;
    let at = best.length;
    while (at > 0 && value(best[at - 1]) < value(row)) at--;
    best.splice(at, 0, row);
    if (best.length > k) best.pop();
  }
  return best;
}

const byScore = (a: Ranked, b: Ranked): number => b.score - a.score || a.row - b.row;

/** Σ 1 / (k + rank) over the two orders. A row without any word of the question has no rank among the words. */
function fuse(candidates: readonly Ranked[]): Ranked[] {
  const scores = new Map(candidates.map(({ row }) => [row, 0]));
  const add = (order: readonly Ranked[]): void => {
    for (const [i, { row }] of order.entries()) scores.set(row, (scores.get(row) ?? 0) + 1 / (RRF_K + i + 1));
  };
  const by = (key: (one: Ranked) => number) => candidates.toSorted((a, b) => key(b) - key(a) || a.row - b.row);
  add(by(({ vector }) => vector ?? 0));
  add(by(({ lexical }) => lexical).filter(({ lexical }) => lexical > 0));
  return candidates.map((one) => ({ ...one, score: scores.get(one.row) ?? 0 }));
}

/**
 * Maximal marginal relevance (Carbonell & Goldstein 1998), scores relative to the best one: those of rank fusion are
 * small.  next = argmax (1 − λ) · score / best − λ · max cosine to those chosen
 */
function diverse(
  sorted: readonly Ranked[],
  count: number,
  lambda: number,
  similarity: (a: number, b: number) => number,
): Ranked[] {
  const best = sorted[0]?.score ?? 0;
  const scale = best > 0 ? best : 1;
  const left = sorted.map((one) => ({ one, nearest: 0 }));
  const chosen: Ranked[] = [];
  while (chosen.length < count && left.length > 0) {
    const values = left.map(({ one, nearest }) => ((1 - lambda) * one.score) / scale - lambda * nearest);
    const [next] = left.splice(values.indexOf(Math.max(...values)), 1);
    if (!next) break;
    for (const other of left) {
      const like = similarity(next.one.row, other.one.row);
      other.nearest = chosen.length === 0 ? like : Math.max(other.nearest, like);
    }
    chosen.push(next.one);
  }
  return chosen;
}

/**
 * The `count` best rows. Candidates are the best by vectors and the best by words, scored exactly both ways, so a row
 * that only one of them finds still gets both scores. Where fewer match than wanted the others follow: a short text
 * comes back whole, whatever its words. Diversity needs vectors; by words alone it changes nothing.
 */
export function rank({ lexical, allowed, vectors, settings, count }: Question): Ranked[] {
  const k = Math.max(MIN_CANDIDATES, CANDIDATES_PER_HIT * count);
  const rows = new Set(highest(lexical, k, allowed));
  for (const { row } of vectors?.neighbours(k) ?? []) if (allowed(row)) rows.add(row);
  const method = vectors ? settings.method : 'words';
  let candidates = [...rows].map((row): Ranked => {
    const vector = vectors ? vectors.score(row) : null;
    const words = lexical[row] ?? 0;
    const score = method === 'words' ? words : (vector ?? 0) + (method === 'weighted' ? settings.weight * words : 0);
    return { row, vector, lexical: words, score };
  });
  if (method === 'rrf') candidates = fuse(candidates);
  const sorted = candidates.toSorted(byScore);
  if (!vectors || settings.diversity === 0) return sorted.slice(0, count);
  return diverse(sorted, count, settings.diversity, (a, b) => vectors.similarity(a, b));
}

/** The sentence that matches the answer best, the question deciding between those that share its words; or −1. */
export function closest(sentences: LexicalIndex, question: string, answer: string): number {
  // The answer twice: its words weigh more than the question's.
  const scores = sentences.scores(`${answer} ${answer} ${question}`);
  const [best] = highest(scores, 1, () => true);
  return best !== undefined && (scores[best] ?? 0) > 0 ? best : -1;
}
