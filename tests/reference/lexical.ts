// TF-IDF cosine as it is written down, one map for each text: the oracle of LexicalIndex.
import { terms } from '../../src/retrieval/lexical.ts';

export function lexicalScores(texts: readonly string[], query: string): number[] {
  const documentFrequency = new Map<string, number>();
  for (const text of texts)
    for (const term of new Set(terms(text))) documentFrequency.set(term, (documentFrequency.get(term) ?? 0) + 1);

  function vector(text: string): Map<string, number> {
    const frequency = new Map<string, number>();
    for (const term of terms(text)) frequency.set(term, (frequency.get(term) ?? 0) + 1);
    const weights = new Map<string, number>();
    for (const [term, tf] of frequency) {
      const df = documentFrequency.get(term);
      if (df) weights.set(term, (1 + Math.log(tf)) * Math.log(1 + texts.length / df));
    }
    const norm = Math.sqrt([...weights.values()].reduce((sum, weight) => sum + weight * weight, 0));
    return new Map([...weights].map(([term, weight]) => [term, weight / norm]));
  }

  const q = vector(query);
  return texts.map((text) => [...vector(text)].reduce((sum, [term, weight]) => sum + weight * (q.get(term) ?? 0), 0));
}
