// Fills chunks with sentences one after another: as many as the budget takes, the end of one repeated in the next.
import type { Span } from './sections.ts';

/** A sentence, or a part of one that is longer than a chunk. */
export interface Atom extends Span {
  /** Without what the tokenizer puts around a text. */
  tokens: number;
  /** Ordinal of its sentence. */
  sentence: number;
  /** Whether its sentence begins with it, or ends. */
  first: boolean;
  last: boolean;
}

export interface Rules {
  /** Tokens of a chunk, at most. */
  budget: number;
  /** Characters of a chunk, at most. */
  room: number;
  overlapTokens: number;
  /** 0 = as many as fit. */
  maxSentences: number;
  /** Tokens around any text. */
  around: number;
  count(span: Span): number;
}

const weight = (atoms: readonly Atom[]): number => atoms.reduce((sum, { tokens }) => sum + tokens, 0);

function withoutFirst(atoms: readonly Atom[]): Atom[] {
  const second = atoms.findIndex(({ first }, i) => i > 0 && first);
  return second < 0 ? [] : atoms.slice(second);
}

export class Packer {
  /** Of the chunk that is being filled; the first `carried` are the overlap with the one before. */
  #atoms: Atom[] = [];
  #carried = 0;
  /** Tokens of the chunk as the sum of its parts. */
  #used: number;

  constructor(
    private readonly rules: Rules,
    private readonly emit: (span: Span, tokens: number) => void,
  ) {
    this.#used = rules.around;
  }

  /** A paragraph that would be torn begins the next chunk, unless this one would be left less than half full. */
  addParagraph(atoms: readonly Atom[]): void {
    const { budget, maxSentences } = this.rules;
    const torn = this.#used + weight(atoms) > budget && this.rules.around + weight(atoms) <= budget;
    if (maxSentences === 0 && torn && this.#used >= budget / 2) this.#close(true);
    for (const atom of atoms) this.#add(atom);
  }

  /** Ends the chunk; the next one repeats nothing of it. */
  end(): void {
    while (this.#atoms.length > this.#carried) this.#close(false);
    this.#keep([]);
  }

  #add(atom: Atom): void {
    while (this.#atoms.length > 0 && !this.#takes(atom))
      if (this.#atoms.length > this.#carried) this.#close(true);
      else this.#keep(withoutFirst(this.#atoms));
    this.#atoms.push(atom);
    this.#used += atom.tokens;
  }

  #takes({ tokens, sentence, start, end }: Atom): boolean {
    const { budget, room, maxSentences } = this.rules;
    const [begin] = this.#atoms;
    const sentences = sentence - (begin?.sentence ?? sentence) + 1;
    if (maxSentences > 0 && sentences > maxSentences) return false;
    return this.#used + tokens <= budget && end - (begin?.start ?? start) <= room;
  }

  #keep(atoms: Atom[]): void {
    this.#atoms = atoms;
    this.#carried = atoms.length;
    this.#used = this.rules.around + weight(atoms);
  }

  /** Tokens of a whole may be more than those of its parts: what is too much goes into the next chunk. */
  #close(carry: boolean): void {
    const atoms = this.#atoms;
    let from = 0;
    let to = atoms.length;
    const span = (): Span => ({ start: atoms[from]?.start ?? 0, end: atoms[to - 1]?.end ?? 0 });
    let tokens = this.rules.count(span());
    while (tokens > this.rules.budget && to - from > 1) {
      if (from < this.#carried) from = this.#carried;
      else to--;
      tokens = this.rules.count(span());
    }
    this.emit(span(), tokens);
    this.#keep(carry && to === atoms.length ? this.#overlap(atoms.slice(from)) : []);
    for (const atom of atoms.slice(to)) this.#add(atom);
  }

  /** Whole sentences of the end of a chunk that fit into the overlap; never all of the chunk. */
  #overlap(atoms: readonly Atom[]): Atom[] {
    if (!atoms.at(-1)?.last) return [];
    let from = atoms.length;
    let tokens = 0;
    for (let i = atoms.length - 1; i > 0; i--) {
      const atom = atoms[i];
      if (!atom || (tokens += atom.tokens) > this.rules.overlapTokens) break;
      if (atom.first) from = i;
    }
    return atoms.slice(from);
  }
}
