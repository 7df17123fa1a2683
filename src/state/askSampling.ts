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

/** Who gives an answer, and how its tokens are chosen. */
export interface Answerer {
  sampling: Sampling;
  /** null: the base. */
  adapterId: string | null;
}

export interface Wanted {
  two: boolean;
  /** Of two answers: the base's beside the adapter's, instead of two draws. */
  beside: boolean;
  adapterId: string | null;
}

/** Base and adapter draw with the same seed: what differs is who answers. Two draws of one differ by their seeds. */
export function answerers(sampling: Sampling, wanted: Wanted, seed: number, contextLength: number): Answerer[] {
  const { two, beside, adapterId } = wanted;
  const draws = (rows: number): Sampling[] => rowSampling(sampling, rows, seed, contextLength);
  if (two && beside && adapterId !== null)
    return [null, adapterId].flatMap((id) => draws(1).map((own) => ({ sampling: own, adapterId: id })));
  return draws(two ? 2 : 1).map((own) => ({ sampling: own, adapterId }));
}

/** At least half of the context stays for the question and its passages. */
export const longestAnswer = (contextLength: number): number => Math.floor(contextLength / 2);
