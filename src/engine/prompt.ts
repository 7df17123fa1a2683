// The prompt of a question over passages, QUESTION + "\n\nContext:\n" + PASSAGES, cut exactly to the model's context.
import type { Passage } from '../records/generation.ts';
import type { Tokenizer, TokenPiece } from './tokenizer.ts';

export class PromptError extends Error {
  override name = 'PromptError';
}

export interface PromptOptions {
  contextLength: number;
  /** Tokens that are kept for the answer. */
  reserve: number;
  /** numbered: "[1] " before each passage. */
  style: 'numbered' | 'plain';
  /** Between two passages. */
  separator: string;
}

export interface Prompt {
  /** The user message. */
  prompt: string;
  /** The whole conversation through the chat template. */
  ids: number[];
  pieces: TokenPiece[];
  /** The passages that are in it; the last may be shorter than it came. */
  passages: Passage[];
  /** Tokens that were cut from the end of the passages. */
  cutTokens: number;
  contextLength: number;
}

/** A passage as the model reads it: on one line, however the document is wrapped. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** How many characters of `text` the first `length` of its one line stand for. */
function unwrapped(text: string, length: number): number {
  let end = 0;
  let shown = 0;
  for (const [part] of text.matchAll(/\s+|\S/gu)) {
    shown += oneLine(part).length;
    if (shown > length) break;
    end += part.length;
  }
  return end;
}

function userMessage(question: string, passages: readonly Passage[], { style, separator }: PromptOptions): string {
  if (passages.length === 0) return question;
  const numbered = passages.map(({ text }, i) => (style === 'numbered' ? `[${i + 1}] ` : '') + oneLine(text));
  return `${question}\n\nContext:\n${numbered.join(separator)}`;
}

/** Where a text may be cut: after each of its tokens, or after each character where its tokens do not spell it. */
function cuts(tokenizer: Tokenizer, text: string): number[] {
  const pieces = tokenizer.pieces(tokenizer.encode(text)).map((p) => p.text);
  const parts = pieces.join('') === text ? pieces.filter(Boolean) : [...text];
  let end = 0;
  return parts.map((part) => (end += part.length));
}

/**
 * Keeps the question and the template whole and cuts the passages from their end, token by token, until prompt and
 * reserve fit the context. A passage of which nothing is left disappears with its number.
 */
export function renderPrompt(
  tokenizer: Tokenizer,
  question: string,
  passages: readonly Passage[],
  options: PromptOptions,
): Prompt {
  const { contextLength, reserve } = options;
  const room = contextLength - reserve;
  const given = passages.filter((p) => p.text.length > 0);
  const measure = (kept: readonly Passage[]): number[] =>
    tokenizer.chat([{ role: 'user', content: userMessage(question, kept, options) }]);

  const whole = measure(given);
  let kept = given;
  let ids = whole;
  if (whole.length > room) {
    const bare = measure([]);
    if (bare.length > room)
      throw new PromptError(
        `prompt: the question may take at most ${Math.max(0, room)} tokens beside ${reserve} for the answer, ` +
          `got ${bare.length}. Ask a shorter question or allow fewer new tokens.`,
      );
    // Every place at which the passages can end, in order; the first is "no passage at all".
    const ends = given.flatMap((p, i) => cuts(tokenizer, oneLine(p.text)).map((length) => ({ i, length })));
    const upTo = (n: number): Passage[] => {
      const end = ends[n - 1];
      const last = end && given[end.i];
      if (!end || !last) return [];
      const text = last.text.slice(0, unwrapped(last.text, end.length));
      return [...given.slice(0, end.i), { ...last, text, end: last.start + text.length }];
    };
    // ends[0 … fits) fits, ends[0 … over) does not: bisection keeps both true.
    let fits = 0;
    let over = ends.length;
    kept = [];
    ids = bare;
    while (over - fits > 1) {
      const middle = (fits + over) >> 1;
      const candidate = upTo(middle);
      const measured = measure(candidate);
      if (measured.length > room) over = middle;
      else [fits, kept, ids] = [middle, candidate, measured];
    }
  }
  return {
    prompt: userMessage(question, kept, options),
    ids,
    pieces: tokenizer.pieces(ids),
    passages: [...kept],
    cutTokens: whole.length - ids.length,
    contextLength,
  };
}
