// From the person's settings to the sampling of each answer of one asking. Pure.
import type { Sampling } from '../records/sampling.ts';

/** Greedy answers are all alike: a second one needs chance. */
export const TWO_ANSWERS_TEMPERATURE = 0.7;

/** The sampling of each row of one asking: same settings, following seeds. */
export function rowSampling(sampling: Sampling, rows: number, firstSeed: number, contextLength: number): Sampling[] {
  const temperature = rows > 1 ? Math.max(sampling.temperature, TWO_ANSWERS_TEMPERATURE) : sampling.temperature;
  const maxNewTokens = Math.min(sampling.maxNewTokens, longestAnswer(contextLength));
  return Array.from({ length: rows }, (_, row) => ({
    ...sampling,
    temperature,
    maxNewTokens,
    seed: (firstSeed + row) % 2 ** 32,
  }));
}

/** At least half of the context stays for the question and its passages. */
export const longestAnswer = (contextLength: number): number => Math.floor(contextLength / 2);
