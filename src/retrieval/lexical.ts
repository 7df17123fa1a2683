// Lexical similarity: cosine of TF-IDF vectors over word prefixes, English and French stop words left out.
//   weight(term, text) = (1 + ln tf) · ln(1 + N / df)          score(a, b) = a · b / (|a| |b|)

const STOP_WORDS = new Set(
  (
    'a an the of to in on at for by with from and or but as is are was were be been being it its this that these those ' +
    'do does did has have had can could will would should may might must not no how what which who whom whose when where ' +
    'why many much there their they he she his her him them we our you your i my me than then so if into about over under ' +
    'tell know please say says said ' +
    'le la les un une des du de au aux et ou mais en dans sur pour par avec sans que qui quoi dont quel quelle quels quelles ' +
    'comment combien quand pourquoi est sont etait etaient sera etre ete ont avait avoir ce cet cette ces il elle ils elles ' +
    'on nous vous je tu se sa ses son leur leurs ne pas plus moins ici y lui c d j l m n qu s t quelqu savoir voudrais dire'
  ).split(' '),
);

const PREFIX = 5; // characters kept of a word: a stemmer for two languages in one line

/** Word prefixes without case and accents; stop words and single letters left out, numbers kept whole. */
export function terms(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return [...plain.matchAll(/\d+(?:[.,]\d+)*|\p{L}+/gu)]
    .map(([word]) => word)
    .filter((word) => !STOP_WORDS.has(word) && (word.length > 1 || /\d/.test(word)))
    .map((word) => (/\d/.test(word) ? word : word.slice(0, PREFIX)));
}

export class LexicalIndex {
  readonly #documentFrequency = new Map<string, number>();
  readonly #vectors: Map<string, number>[]; // unit length

  constructor(readonly texts: readonly string[]) {
    const counted = texts.map((text) => count(terms(text)));
    for (const counts of counted)
      for (const term of counts.keys()) this.#documentFrequency.set(term, (this.#documentFrequency.get(term) ?? 0) + 1);
    this.#vectors = counted.map((counts) => this.#unit(counts));
  }

  #unit(counts: Map<string, number>): Map<string, number> {
    const weighted = new Map<string, number>();
    let squares = 0;
    for (const [term, tf] of counts) {
      const df = this.#documentFrequency.get(term);
      if (df === undefined) continue;
      const weight = (1 + Math.log(tf)) * Math.log(1 + this.texts.length / df);
      weighted.set(term, weight);
      squares += weight * weight;
    }
    for (const [term, weight] of weighted) weighted.set(term, weight / Math.sqrt(squares));
    return weighted;
  }

  /** One score in [0, 1] for each text, in order; all 0 when no term matches. */
  scores(query: string): Float64Array {
    const q = this.#unit(count(terms(query)));
    return Float64Array.from(this.#vectors, (vector) => {
      let dot = 0;
      for (const [term, weight] of q) dot += weight * (vector.get(term) ?? 0);
      return dot;
    });
  }
}

function count(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
