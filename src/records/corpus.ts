// How the documents of a project are cut, embedded and searched: settings with their ranges, and what came of it.
import type { BaseModel } from './baseModel.ts';
import { fail, finite, object, text } from './validate.ts';

export interface ChunkSettings {
  /** Longest chunk, in tokens of the embedder. */
  maxTokens: number;
  /** Tokens of the chunk before that are repeated at the start of the next, as whole sentences. */
  overlapTokens: number;
  /** Most sentences in a chunk; 0 = as many as fit. */
  maxSentences: number;
}

export const METHODS = ['weighted', 'rrf', 'vectors', 'words'] as const;

export interface RetrievalSettings {
  /** weighted: cosine + weight · TF-IDF cosine. rrf: reciprocal rank fusion. Or one of the two scores alone. */
  method: (typeof METHODS)[number];
  /** Of the lexical score beside the cosine; used by `weighted`. */
  weight: number;
  /** Maximal marginal relevance (Carbonell & Goldstein 1998): 0 = off, towards 1 = passages unlike each other. */
  diversity: number;
  /** auto: voy where it can serve, else the exact search. */
  index: 'auto' | 'exact';
}

export interface CorpusSettings {
  embedderId: string;
  chunks: ChunkSettings;
  retrieval: RetrievalSettings;
}

export interface Range {
  min: number;
  max: number;
  step: number;
}

/** maxTokens is limited by the embedder, too. */
export const CHUNK_RANGES: Record<keyof ChunkSettings, Range> = {
  maxTokens: { min: 16, max: 512, step: 4 },
  overlapTokens: { min: 0, max: 128, step: 4 },
  maxSentences: { min: 0, max: 20, step: 1 },
};

export const RETRIEVAL_RANGES: Record<'weight' | 'diversity', Range> = {
  weight: { min: 0, max: 2, step: 0.05 },
  diversity: { min: 0, max: 0.9, step: 0.05 },
};

/** Cosine + 0.5 · TF-IDF cosine found most on mixed questions in two languages: see bench/retrieval.ts. */
export const DEFAULT_RETRIEVAL: RetrievalSettings = { method: 'weighted', weight: 0.5, diversity: 0, index: 'auto' };

/** What works best with a model: a tiny one reads single sentences, others fuller passages. */
export const defaultCorpus = (model: BaseModel, embedderId: string): CorpusSettings => ({
  embedderId,
  chunks: { maxTokens: 120, overlapTokens: 0, maxSentences: model.sentencesPerPassage },
  retrieval: { ...DEFAULT_RETRIEVAL },
});

function choice<T extends string>(value: unknown, allowed: readonly T[], where: string): T {
  const found = allowed.find((one) => one === value);
  return found ?? fail(where, `must be one of ${allowed.join(', ')}`, value, 'Choose one of them.');
}

export function validateCorpus(value: unknown, where = 'corpus'): CorpusSettings {
  const v = object(value, where);
  const chunks = object(v.chunks, `${where}.chunks`);
  const retrieval = object(v.retrieval, `${where}.retrieval`);
  const chunk = (key: keyof ChunkSettings): number =>
    finite(chunks[key], `${where}.chunks.${key}`, CHUNK_RANGES[key].min, CHUNK_RANGES[key].max);
  const ranged = (key: 'weight' | 'diversity'): number =>
    finite(retrieval[key], `${where}.retrieval.${key}`, RETRIEVAL_RANGES[key].min, RETRIEVAL_RANGES[key].max);
  return {
    embedderId: text(v.embedderId, `${where}.embedderId`),
    chunks: {
      maxTokens: chunk('maxTokens'),
      overlapTokens: chunk('overlapTokens'),
      maxSentences: chunk('maxSentences'),
    },
    retrieval: {
      method: choice(retrieval.method, METHODS, `${where}.retrieval.method`),
      weight: ranged('weight'),
      diversity: ranged('diversity'),
      index: choice(retrieval.index, ['auto', 'exact'], `${where}.retrieval.index`),
    },
  };
}

export interface Chunk {
  /** Character offsets in the document's text: [start, end). */
  start: number;
  end: number;
  /** In tokens of the embedder. */
  tokens: number;
  /** From 1; null for a text without pages. */
  page: number | null;
  /** The headings above it, outermost first. */
  headings: string[];
}

/** Chunks as they are drawn, [n] each: a long text has a hundred thousand, and as objects they would stop the page. */
export interface Outline {
  starts: Uint32Array;
  ends: Uint32Array;
  /** In tokens of the embedder. */
  tokens: Uint32Array;
}

export const outlineOf = (chunks: readonly Chunk[]): Outline => ({
  starts: Uint32Array.from(chunks, (chunk) => chunk.start),
  ends: Uint32Array.from(chunks, (chunk) => chunk.end),
  tokens: Uint32Array.from(chunks, (chunk) => chunk.tokens),
});

/** The chunks of one document, as they were cut. */
export interface ChunkPlan {
  documentId: string;
  projectId: string;
  /** Hash of text, settings and tokenizer: rows are kept with it and serve no other plan. */
  hash: string;
  chunks: Chunk[];
}

/** Why the exact search serves instead of voy. */
export type ExactReason = 'chosen' | 'dimensions' | 'many' | 'crowded' | 'failed';

export interface CorpusStatus {
  /** A cut document may have no chunks: it holds a heading, or a rule, and nothing else. */
  documents: { documentId: string; cut: boolean; chunks: number; embedded: number }[];
  /** Rows of another embedder or of other chunks lie there and wait to be made anew. */
  stale: boolean;
}
