// Searching a corpus: what is asked, what is found with which scores, and how far an indexing is.
import type { ExactReason } from './corpus.ts';
import type { Passage } from './generation.ts';

/** What an indexing is doing, for a progress line with a number. */
export interface IndexEvent {
  step: 'load' | 'chunk' | 'embed';
  /** load: bytes of the embedder; chunk: characters; embed: chunks. */
  done: number;
  total: number;
}

/** One passage with the scores that put it where it is. */
export interface Hit {
  passage: Passage;
  /** Cosine; null where the passage has no row yet or only words were searched. */
  vector: number | null;
  /** TF-IDF cosine. */
  lexical: number;
  /** What they were sorted by. */
  score: number;
}

export interface SearchResult {
  hits: Hit[];
  /** False: by words only, because vectors were not wanted, not there yet, or the embedder could not be loaded. */
  vectors: boolean;
  /** Why vectors could not serve, as a sentence; null where nothing failed. */
  problem: string | null;
  /** The question is in a language in which the embedder matches no paraphrases: its vectors would be noise. */
  foreign: boolean;
  index: { kind: 'voy' | 'exact' | 'none'; why: ExactReason | null; rows: number };
  milliseconds: number;
}

export interface SearchOptions {
  /** Only these documents. */
  documentIds: string[];
  count: number;
  /** Does not load the embedder. */
  wordsOnly: boolean;
}
