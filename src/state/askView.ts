// What the Ask page shows of one asking: answers that are kept, and the one being written. Pure.
import type { Generation, Passage, Place } from '../records/generation.ts';
import { isWordsOnly, type Choice } from './askPassages.ts';
import type { Answerer } from './askSampling.ts';

export type AskStep = 'index' | 'search' | 'load' | 'prompt' | 'answer' | 'keep';

/** Why passages were found by words only: so chosen, not waited for the index, no vectors, or vectors failed. */
export type WordsOnly = 'chosen' | 'skipped' | 'language' | 'missing' | 'failed';

export interface LiveAnswer extends Answerer {
  text: string;
  tokensPerSecond: number;
}

/** An asking under way, or one that could not be finished. */
export interface Live {
  askId: string;
  projectId: string;
  question: string;
  step: AskStep;
  choice: Choice;
  passages: Passage[];
  /** False when no word of the question occurs in the texts. */
  matched: boolean;
  /** null: vectors served. */
  wordsOnly: WordsOnly | null;
  /** Why vectors failed, as a sentence; "" where they did not. */
  searchProblem: string;
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
  leftOut: readonly Place[];
  wordsOnly: boolean;
  promptIds: number[] | null;
  cutTokens: number;
  /** Oldest first; all to the same prompt. */
  kept: Generation[];
  live: Live | null;
}

export function viewOf(kept: Generation[], live: Live | null): AskView | null {
  const first = kept[0];
  if (first) {
    const { askId, question, passages, leftOut = [], promptIds, cutTokens } = first;
    const wordsOnly = isWordsOnly(passages);
    return { askId, question, passages, leftOut, wordsOnly, promptIds, cutTokens, kept, live };
  }
  if (!live) return null;
  const { askId, question, passages, choice, prompt } = live;
  return {
    askId,
    question,
    passages,
    leftOut: choice.leftOut,
    wordsOnly: live.wordsOnly !== null,
    promptIds: prompt?.ids ?? null,
    cutTokens: prompt?.cutTokens ?? 0,
    kept,
    live,
  };
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
