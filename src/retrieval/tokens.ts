// Counts tokens as the embedder sees them: by its own tokenizer, word by word where that gives the same number.
import { Tokenizer } from '@huggingface/tokenizers';

export interface TokenCounter {
  /** Of the tokenizer's text: counts of another tokenizer are other counts. */
  hash: string;
  /** Ids of a text on its own, with the prefix and with what the tokenizer puts around it. */
  count(text: string): number;
}

/** Line breaks are layout; tokenizers take them for rare characters. The embedder reads texts like this, too. */
export const asOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const WORD_START = '▁';
/** Longer words are counted in slices, which may give some tokens more: the tokenizer holds a lattice of the whole. */
const SLICE = 256;
const CACHED_WORDS = 100_000;
const BEFORE = 'a';

/** Two 32-bit products mixed to 53 bits, hex. It tells texts apart, and is no guard against forgery. */
export function textHash(text: string): string {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(16).padStart(14, '0');
}

interface Step {
  type?: string;
  prepend_scheme?: string;
  normalizers?: Step[];
  pretokenizers?: Step[];
}
interface TokenizerFile {
  normalizer: Step | null;
  pre_tokenizer: Step | null;
  model: { type?: string; vocab?: unknown };
}

const steps = (step: Step | null): Step[] =>
  step ? [step, ...(step.normalizers ?? step.pretokenizers ?? []).flatMap(steps)] : [];

/**
 * Whether no token reaches over a space, so that a text has the tokens of its words: true of the tokenizers of BERT,
 * XLM-R and USE, not of byte-level ones.
 */
function countsByWord({ normalizer, pre_tokenizer, model }: TokenizerFile): boolean {
  const splits = steps(pre_tokenizer);
  if (steps(normalizer).some(({ type }) => type === 'Prepend' || type === 'Replace')) return false;
  const metaspace = splits.find(({ type }) => type === 'Metaspace');
  if (!metaspace) return splits.some(({ type }) => /^(BertPreTokenizer|Whitespace|WhitespaceSplit)$/.test(type ?? ''));
  if (metaspace.prepend_scheme === 'never' || model.type !== 'Unigram' || !Array.isArray(model.vocab)) return false;
  const tokens = (model.vocab as [string, unknown][]).map(([token]) => token);
  return tokens.includes(WORD_START) && !tokens.some((token) => token.includes(WORD_START, 1));
}

function open(tokenizerJson: string, configJson: string): { tokenizer: Tokenizer; byWord: boolean } {
  try {
    const file = JSON.parse(tokenizerJson) as TokenizerFile;
    return { tokenizer: new Tokenizer(file, JSON.parse(configJson) as object), byWord: countsByWord(file) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`tokenizer.json: must be one that we can read, got "${problem}". Choose another embedder.`, {
      cause: error,
    });
  }
}

/** `prefix` is what the embedder puts before every text that is counted. */
export function tokenCounter(tokenizerJson: string, configJson: string, prefix = ''): TokenCounter {
  const { tokenizer, byWord } = open(tokenizerJson, configJson);
  const around = tokenizer.encode('').ids.length;
  const idsOf = (text: string): number => tokenizer.encode(text, { add_special_tokens: false }).ids.length;
  const before = idsOf(BEFORE);
  const words = new Map<string, number>();

  /** Of a word behind another one: before some (" ´", " <s>") the space is a token of its own. */
  function ofWord(word: string): number {
    let ids = words.get(word);
    if (ids !== undefined) return ids;
    ids = 0;
    for (let at = 0; at < word.length; at += SLICE) ids += idsOf(`${BEFORE} ${word.slice(at, at + SLICE)}`) - before;
    if (words.size >= CACHED_WORDS) words.clear();
    words.set(word, ids);
    return ids;
  }

  return {
    hash: textHash(tokenizerJson),
    count(text) {
      const whole = prefix + text;
      if (!byWord) return around + idsOf(asOneLine(whole));
      return (whole.match(/\S+/g) ?? []).reduce((sum, word) => sum + ofWord(word), around);
    },
  };
}
