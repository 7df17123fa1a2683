// Reads an answer beside its passages: citations, words that two texts share, words that no passage holds. Pure.

export interface TextPart {
  text: string;
  /** The number in "[2]"; null for ordinary text. */
  cites: number | null;
}

/** Cuts "Anna Roux [2]." at its citations. The parts joined are the text. */
export function citationParts(text: string): TextPart[] {
  return text
    .split(/(\[\d{1,3}\])/)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, cites: /^\[\d{1,3}\]$/.test(part) ? Number(part.slice(1, -1)) : null }));
}

export interface WordPart {
  text: string;
  /** Occurs in the other text too. */
  shared: boolean;
  /** Worth comparing: a number, a name, a word of four letters or more. */
  telling: boolean;
}

const PREFIX = 5; // as the retrieval does: "founded" and "founding" are one word

/** "2,340", "31.5", "Roux", "d'Ardenie" as two words. */
const WORD = /(?:\d{1,3}(?:[.,\u00a0\u202f ]\d{3}(?!\d))+|\d+)(?:[.,]\d+)?|\p{L}[\p{L}\p{M}]*/gu;

const plain = (word: string): string => word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
const isNumber = (word: string): boolean => /\d/.test(word);
/** Numbers are compared whole and without their separators' looks, words by their beginning. */
const key = (word: string): string => (isNumber(word) ? word.replaceAll(/\D/g, ' ') : plain(word).slice(0, PREFIX));
const isTelling = (word: string): boolean => isNumber(word) || word.length >= 4 || /^\p{Lu}{2,}$/u.test(word);

/** Cuts `text` into words and what lies between them. The parts joined are the text. */
export function compareWords(text: string, other: string): WordPart[] {
  const known = new Set([...other.matchAll(WORD)].map(([word]) => key(word)));
  const parts: WordPart[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const [word] = match;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), shared: false, telling: false });
    parts.push({ text: word, shared: known.has(key(word)), telling: isTelling(word) });
    end = match.index + word.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), shared: false, telling: false });
  return parts;
}
