// A batch of answers to be made for judging: prompts × contenders, generated in the background and resumed where it stopped.
import type { Sampling } from './sampling.ts';

export const BATCH_VERSION = 1;

/** Who answers: an adapter (null = the base) with its way of sampling. */
export interface Contender {
  adapterId: string | null;
  sampling: Sampling;
}

export interface Batch {
  id: string;
  projectId: string;
  modelId: string;
  /** Questions; those that carry "\n\nContext:\n" keep their passages, others are looked up in the project's documents. */
  prompts: string[];
  /** At least two; contenders alike but for their seed are two draws of one model. */
  contenders: Contender[];
  /** Prompts that are done: resuming goes on with the next. */
  done: number;
  /** Of them, prompts whose answers were all alike: nothing to compare. */
  alike: number;
  /** Of them, prompts that could not be answered, each with why. */
  failed: { prompt: string; problem: string }[];
  status: 'running' | 'paused' | 'done';
  createdAt: string; // UTC, ISO 8601
  version: number;
}
