// What is shown of what a search found, and which questions an embedder was not made for. Pure.
import type { Embedder } from '../records/embedder.ts';
import type { Hit } from '../records/search.ts';
import { languageOf } from './stopWords.ts';
import { asOneLine } from './tokens.ts';

/** Looked at beyond those that are wanted, because some may say the same. */
export const SPARE = 16;

/** Of passages with the same words, in several files say, the best one. */
export function onceEach(hits: readonly Hit[]): Hit[] {
  const seen = new Set<string>();
  return hits.filter(({ passage }) => {
    const text = asOneLine(passage.text);
    return !seen.has(text) && seen.add(text);
  });
}

/** Such questions are searched by words, as the page promises: their vectors are noise (see bench/retrieval.ts). */
export function isForeign(question: string, embedder: Embedder | null): boolean {
  const language = languageOf(question);
  const { languages = [] } = embedder ?? {};
  return language !== null && languages.length > 0 && !languages.includes(language);
}
