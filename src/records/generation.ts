// A generation: one answer with everything needed to make it again.
import type { Sampling } from './sampling.ts';

export const GENERATION_VERSION = 1;

/** Part of a document's text, in character offsets: [start, end). */
export interface Place {
  documentId: string;
  start: number;
  end: number;
}

/** What put a passage where it is. */
export interface Scores {
  /** Cosine; null where only words were searched. */
  vector: number | null;
  /** TF-IDF cosine. */
  lexical: number;
  /** What the passages were sorted by. */
  score: number;
}

export interface Passage extends Place {
  /** Name of the document when the passage was taken. */
  documentName: string;
  /** What stands there, line breaks and all. */
  text: string;
  /** From 1; null or absent for a text without pages. */
  page?: number | null;
  /** The headings above it, outermost first. */
  headings?: string[];
  /** Absent where it was not looked for: pinned by the person, or kept from an earlier asking. */
  scores?: Scores;
}

export type FinishReason = 'eos' | 'length' | 'stop' | 'cancelled' | 'error';

export interface Generation {
  id: string;
  projectId: string;
  /** Answers to one asking (two answers side by side) share it. */
  askId: string;
  question: string;
  passages: Passage[];
  /** Found, but left out by the person. */
  leftOut?: Place[];
  /** The user message exactly as it went into the chat template. */
  prompt: string;
  promptIds: number[];
  /** Tokens of the passages that did not fit into the context and were left out. */
  cutTokens: number;
  completionIds: number[];
  /** log π(token) under the sampled (temperature-scaled, untruncated) distribution, one per completion id. */
  logprobs: number[];
  text: string;
  finish: FinishReason;
  sampling: Sampling;
  modelId: string;
  modelSha256: string;
  adapterId: string | null;
  /** What computed it: adapter description and kernel plan, so that a difference can be explained. */
  device: string;
  /** The passage sentence that matches the answer best, shown beside it. */
  evidence: Passage | null;
  tokensPerSecond: number;
  firstTokenMs: number;
  createdAt: string; // UTC, ISO 8601
  version: number;
}
