// What the Ask page shows of one asking: answers that are kept, and the one being written. Pure.
import type { Generation, Passage } from '../records/generation.ts';
import type { Sampling } from '../records/sampling.ts';

export type AskStep = 'search' | 'load' | 'prompt' | 'answer' | 'keep';

export interface LiveAnswer {
  text: string;
  sampling: Sampling;
  tokensPerSecond: number;
}

/** An asking under way, or one that could not be finished. */
export interface Live {
  askId: string;
  projectId: string;
  question: string;
  step: AskStep;
  passages: Passage[];
  /** False when no word of the question occurs in the texts. */
  matched: boolean;
  prompt: { prompt: string; ids: number[]; cutTokens: number } | null;
  answers: LiveAnswer[];
  /** engine.losses when it began. */
  lossesBefore: number;
  stopping: boolean;
  /** What ended it; null while it goes on. */
  problem: Error | null;
}

export interface AskView {
  askId: string;
  question: string;
  passages: Passage[];
  promptIds: number[] | null;
  cutTokens: number;
  /** Oldest first; all to the same prompt. */
  kept: Generation[];
  live: Live | null;
}

export function viewOf(kept: Generation[], live: Live | null): AskView | null {
  const first = kept[0];
  if (first) {
    const { askId, question, passages, promptIds, cutTokens } = first;
    return { askId, question, passages, promptIds, cutTokens, kept, live };
  }
  if (!live) return null;
  const { askId, question, passages, prompt } = live;
  return { askId, question, passages, promptIds: prompt?.ids ?? null, cutTokens: prompt?.cutTokens ?? 0, kept, live };
}

/** Askings with their answers, newest first. */
export function historyOf(generations: readonly Generation[]): AskView[] {
  const byAsk = new Map<string, Generation[]>();
  for (const generation of generations) {
    const own = byAsk.get(generation.askId);
    if (own) own.push(generation);
    else byAsk.set(generation.askId, [generation]);
  }
  return [...byAsk.values()].reverse().flatMap((kept) => viewOf(kept, null) ?? []);
}
