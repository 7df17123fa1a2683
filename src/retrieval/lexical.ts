// Lexical similarity: cosine of TF-IDF vectors over word prefixes, English and French stop words left out.
//   weight(term, text) = (1 + ln tf) · ln(1 + N / df)          score(a, b) = a · b / (|a| |b|)
// Kept as an inverted index: for each term the texts that hold it, with its weight in their unit vectors.
import { STOP_WORDS } from './stopWords.ts';

const PREFIX = 5; // characters kept of a word: a stemmer for two languages in one line

/** Word prefixes without case and accents; stop words and single letters left out, numbers kept whole. */
export function terms(text: string): string[] {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const found: string[] = [];
  for (const word of plain.match(/\d+(?:[.,]\d+)*|\p{L}+/gu) ?? []) {
    const first = word.charCodeAt(0);
    if (first >= 48 && first <= 57) found.push(word);
    else if (word.length > 1 && !STOP_WORDS.has(word)) found.push(word.slice(0, PREFIX));
  }
  return found;
}

/** How often each occurs, in the order of their first occurrence. */
function count<T>(all: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

/** A list of numbers that grows without boxing them. */
class Numbers {
  #array: Int32Array<ArrayBuffer> = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#array.length) {
      const wider = new Int32Array(2 * this.length);
      wider.set(this.#array);
      this.#array = wider;
    }
    this.#array[this.length++] = value;
  }

  /** [length] */
  get array(): Int32Array<ArrayBuffer> {
    return this.#array.subarray(0, this.length);
  }
}

export class LexicalIndex {
  /** Number of texts. */
  readonly size: number;
  readonly #terms = new Map<string, number>();
  /** Texts that hold term t: #rows and #weights [#first[t], #first[t + 1]). */
  readonly #first: Int32Array<ArrayBuffer>; // [terms + 1]
  readonly #rows: Int32Array<ArrayBuffer>; // [postings]
  readonly #weights: Float32Array<ArrayBuffer>; // [postings]

  constructor(texts: Iterable<string>) {
    // 1. Every text's terms and their counts, text after text.
    const held = new Numbers();
    const often = new Numbers();
    const ends = new Numbers();
    for (const text of texts) {
      for (const [term, tf] of count(terms(text))) {
        held.push(this.#idOf(term));
        often.push(tf);
      }
      ends.push(held.length);
    }
    this.size = ends.length;

    // 2. In how many texts each term occurs, and so where its list begins.
    this.#first = new Int32Array(this.#terms.size + 1);
    for (const term of held.array) this.#first[term + 1] = (this.#first[term + 1] ?? 0) + 1;
    for (let t = 0; t < this.#terms.size; t++) this.#first[t + 1] = (this.#first[t + 1] ?? 0) + (this.#first[t] ?? 0);

    // 3. Weights, of unit length for each text, into the lists.
    const next = this.#first.slice();
    const [ids, tfs] = [held.array, often.array];
    this.#rows = new Int32Array(held.length);
    this.#weights = new Float32Array(held.length);
    let start = 0;
    for (const [row, end] of ends.array.entries()) {
      let squares = 0;
      for (let i = start; i < end; i++) squares += this.#weight(ids[i] ?? 0, tfs[i] ?? 0) ** 2;
      const norm = Math.sqrt(squares);
      for (let i = start; i < end; i++) {
        const term = ids[i] ?? 0;
        const at = next[term] ?? 0;
        next[term] = at + 1;
        this.#rows[at] = row;
        this.#weights[at] = this.#weight(term, tfs[i] ?? 0) / norm;
      }
      start = end;
    }
  }

  #idOf(term: string): number {
    let id = this.#terms.get(term);
    if (id === undefined) this.#terms.set(term, (id = this.#terms.size));
    return id;
  }

  #weight(term: number, tf: number): number {
    const df = (this.#first[term + 1] ?? 0) - (this.#first[term] ?? 0);
    return (1 + Math.log(tf)) * Math.log(1 + this.size / df);
  }

  /** One score in [0, 1] for each text, in order; all 0 when no term matches. */
  scores(query: string): Float32Array<ArrayBuffer> {
    const scores = new Float32Array(this.size);
    const weights = new Map<number, number>();
    for (const [term, tf] of count(terms(query))) {
      const id = this.#terms.get(term);
      if (id !== undefined) weights.set(id, this.#weight(id, tf));
    }
    const norm = Math.hypot(...weights.values());
    for (const [term, weight] of weights)
      for (let i = this.#first[term] ?? 0; i < (this.#first[term + 1] ?? 0); i++) {
        const row = this.#rows[i] ?? 0;
        scores[row] = (scores[row] ?? 0) + (weight / norm) * (this.#weights[i] ?? 0);
      }
    return scores;
  }
}
