// Which passages go into a prompt: those that the person keeps, then the best of what was found. Pure.
import type { Hit } from '../../workers/api.ts';
import type { Passage, Place } from '../records/generation.ts';

/** What the person decided about the passages of an asking. */
export interface Choice {
  /** In the prompt, whatever the search finds; in this order. */
  kept: readonly Passage[];
  leftOut: readonly Place[];
}

/** The same passage, or one cut a little differently: they share at least half of the shorter. */
export function isSamePlace(a: Place, b: Place): boolean {
  if (a.documentId !== b.documentId) return false;
  const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start);
  return shared > 0 && 2 * shared >= Math.min(a.end - a.start, b.end - b.start);
}

const isAmong = (place: Place, places: readonly Place[]): boolean => places.some((other) => isSamePlace(place, other));

/** Pinned passages and those kept from an earlier asking, each once, without what was left out. */
export function keep(passages: readonly Passage[], leftOut: readonly Place[]): Passage[] {
  const kept: Passage[] = [];
  for (const passage of passages) if (!isAmong(passage, [...kept, ...leftOut])) kept.push(passage);
  return kept;
}

/** How many passages to look for, so that enough are left. */
export const wanted = ({ kept, leftOut }: Choice, count: number): number =>
  kept.length >= count ? 0 : count + kept.length + leftOut.length;

/** `count` passages, more only if more are kept. */
export function choose({ kept, leftOut }: Choice, hits: readonly Hit[], count: number): Passage[] {
  const found = hits
    .filter(({ passage }) => !isAmong(passage, [...kept, ...leftOut]))
    .map(({ passage, vector, lexical, score }): Passage => ({ ...passage, scores: { vector, lexical, score } }));
  return [...kept, ...found.slice(0, Math.max(0, count - kept.length))];
}

/** Found by words only. False where nothing was looked for, or when it is not known. */
export function isWordsOnly(passages: readonly Passage[]): boolean {
  const scored = passages.flatMap(({ scores }) => scores ?? []);
  return scored.length > 0 && scored.every(({ vector }) => vector === null);
}
