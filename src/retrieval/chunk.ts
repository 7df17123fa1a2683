// Cuts a text into chunks that an embedder can take: whole paragraphs where they fit, else sentences, clauses, words.
import type { Chunk, ChunkSettings } from '../records/corpus.ts';
import { pageAt } from '../records/document.ts';
import { Packer, type Atom } from './pack.ts';
import { sections, type Span } from './sections.ts';
import { sentencesOf, SMALLER, trimmed } from './sentences.ts';

export interface Cut {
  text: string;
  markdown: boolean;
  /** Character offset at which each page begins. */
  pages: readonly number[] | null;
}

/** Of running text it has four or five. A run of characters that the tokenizer does not know is one token, however long:
 *  there the characters limit a chunk. */
const CHARACTERS_PER_TOKEN = 8;

export function sentences({ text, markdown }: Pick<Cut, 'text' | 'markdown'>): Span[] {
  return sections(text, markdown).flatMap(({ blocks }) => blocks.flat().flatMap((unit) => sentencesOf(text, unit)));
}

/**
 * Chunks in the order of the text. None has more than min(maxTokens, limit) tokens by `count`, unless a single
 * character has, nor more than eight times as many characters. They never cross a heading; where sentences are limited
 * they never cross a paragraph; without overlap they share nothing.
 */
export function chunk(cut: Cut, settings: ChunkSettings, limit: number, count: (text: string) => number): Chunk[] {
  const steps = cutting(cut, settings, limit, count);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** The same, with a stop after every sentence. */
export function* cutting(
  cut: Cut,
  settings: ChunkSettings,
  limit: number,
  count: (text: string) => number,
): Generator<undefined, Chunk[]> {
  const { text, markdown, pages } = cut;
  const budget = Math.max(1, Math.min(settings.maxTokens, limit));
  const room = CHARACTERS_PER_TOKEN * budget;
  const around = count('');
  const counted = ({ start, end }: Span): number => count(text.slice(start, end));
  const chunks: Chunk[] = [];
  let ordinal = 0; // of sentences

  /** The parts of a span that fit into a chunk, by the coarsest cuts that make them fit. */
  function fitting(span: Span, level = 0): (Span & { tokens: number })[] {
    const { start, end } = trimmed(text, span);
    if (start === end) return [];
    const smaller = SMALLER[level];
    const tokens = smaller && end - start > room ? Infinity : counted({ start, end });
    if (tokens <= budget || !smaller) return [{ start, end, tokens: tokens - around }];
    const parts: (Span & { tokens: number })[] = [];
    // Parts of as many characters as a chunk has tokens: about a quarter of it.
    for (const part of smaller(text.slice(start, end), budget))
      parts.push(...fitting({ start: start + part.start, end: start + part.end }, level + 1));
    return parts;
  }

  function* atomsOf(paragraph: Span): Generator<undefined, Atom[]> {
    const atoms: Atom[] = [];
    for (const span of sentencesOf(text, paragraph)) {
      const parts = fitting(span);
      const sentence = ++ordinal;
      for (const [i, { start, end, tokens }] of parts.entries())
        atoms.push({ start, end, tokens, sentence, first: i === 0, last: i === parts.length - 1 });
      yield;
    }
    return atoms;
  }

  for (const { headings, blocks } of sections(text, markdown)) {
    const packer = new Packer({ ...settings, budget, room, around, count: counted }, ({ start, end }, tokens) =>
      chunks.push({ start, end, tokens, page: pageAt(pages, start), headings }),
    );
    for (const block of blocks) {
      for (const paragraph of block) packer.addParagraph(yield* atomsOf(paragraph));
      if (settings.maxSentences > 0) packer.end();
    }
    packer.end();
  }
  return chunks;
}
