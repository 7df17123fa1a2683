// Prompts that the policy practises on: encoded as they are asked, some kept for looking, in an order of seed and step alone.
import { fnv1a } from '../../formats/hash.ts';
import type { BaseModel } from '../../records/baseModel.ts';
import type { PpoConfig } from '../../records/ppoConfig.ts';
import { keptForLooking, type ProjectPrompt } from '../../records/prompt.ts';
import type { RunData } from '../../records/run.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { shuffled } from './batches.ts';

export class PromptsError extends Error {
  override name = 'PromptsError';
}

export interface PreparedPrompt {
  ids: readonly number[];
  prompt: string;
  /** What a right answer contains; null where nobody has said. */
  answer: string | null;
}

export interface PreparedPrompts {
  train: readonly PreparedPrompt[];
  /** Never practised on: asked before, during and after. */
  test: readonly PreparedPrompt[];
  data: RunData;
}

export const encodePrompt = (
  tokenizer: Tokenizer,
  { prompt, answer }: Pick<ProjectPrompt, 'prompt' | 'answer'>,
): PreparedPrompt => ({ ids: tokenizer.chat([{ role: 'user', content: prompt }]), prompt, answer });

/** A prompt that leaves no room for an answer is left out; at most half of the others are kept for looking. */
export function preparePrompts(
  tokenizer: Tokenizer,
  { contextLength }: Pick<BaseModel, 'contextLength'>,
  prompts: readonly Pick<ProjectPrompt, 'prompt' | 'answer'>[],
  { seed, testPrompts, maxNewTokens }: Pick<PpoConfig, 'seed' | 'testPrompts' | 'maxNewTokens'>,
): PreparedPrompts {
  const encoded = prompts.map((one) => encodePrompt(tokenizer, one));
  const fitting = encoded.filter(({ ids }) => ids.length > 0 && ids.length + maxNewTokens <= contextLength);
  if (fitting.length === 0)
    throw new PromptsError(
      `prompts: at least one must leave room for ${maxNewTokens} tokens of answer within ${contextLength}, got ` +
        `${prompts.length} prompts of which none does. Add prompts, or lower maxNewTokens.`,
    );
  const kept = keptForLooking(fitting, { seed, testPrompts }); // those that the page takes as the run's samples
  const [train, test] = [fitting.filter((_, i) => !kept.has(i)), fitting.filter((_, i) => kept.has(i))];
  const hash = (part: readonly PreparedPrompt[]): string =>
    fnv1a(part.map(({ ids, answer }) => `${ids.join()}|${answer ?? ''}`).join('\n'));
  return {
    train,
    test,
    data: {
      train: train.length,
      test: test.length,
      truncated: 0,
      dropped: encoded.length - fitting.length,
      hash: `${hash(train)}-${hash(test)}`,
    },
  };
}

/** Those that step `step` (from 0) answers, `samplesPerPrompt` times each in a row: every one once before one comes again. */
export function promptsOfStep(
  prompts: readonly PreparedPrompt[],
  { seed, batch, samplesPerPrompt }: Pick<PpoConfig, 'seed' | 'batch' | 'samplesPerPrompt'>,
  step: number,
): PreparedPrompt[] {
  const distinct = batch / samplesPerPrompt;
  const epochs = new Map<number, readonly PreparedPrompt[]>();
  return Array.from({ length: batch }, (_, row) => {
    const place = step * distinct + Math.floor(row / samplesPerPrompt);
    const epoch = Math.floor(place / prompts.length);
    const order = epochs.get(epoch) ?? shuffled(prompts, seed, 2 * epoch);
    epochs.set(epoch, order);
    return order[place % prompts.length] as PreparedPrompt;
  });
}
