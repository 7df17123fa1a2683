// A generation: one answer with everything needed to make it again.
import type { Sampling } from './sampling.ts';

export const GENERATION_VERSION = 1;

export interface Passage {
  documentId: string;
  /** Name of the document when the passage was taken. */
  documentName: string;
  /** Character offsets in the document's text: [start, end). */
  start: number;
  end: number;
  /** What stands there, line breaks and all. */
  text: string;
  /** From 1; null or absent for a text without pages. */
  page?: number | null;
  /** The headings above it, outermost first. */
  headings?: string[];
}

export type FinishReason = 'eos' | 'length' | 'stop' | 'cancelled' | 'error';

export interface Generation {
  id: string;
  projectId: string;
  /** Answers to one asking (two answers side by side) share it. */
  askId: string;
  question: string;
  passages: Passage[];
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
