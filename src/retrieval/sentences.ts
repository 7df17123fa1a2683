// Sentences of a paragraph by Intl.Segmenter, its false ends joined, whatever the language and however lines are wrapped.
import { lines, type Span } from './sections.ts';

// One locale for everybody: the same text gives the same chunks on every machine.
const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' });
const WORDS = new Intl.Segmenter('en', { granularity: 'word' });

/** Characters segmented at once: the segmenter's time grows with the square of the text. No sentence is longer. */
const SENTENCE_WINDOW = 2048;
const WORD_WINDOW = 256;

/** Lines of this many characters are taken for lines that were wrapped. */
const WRAPPED = { min: 40, max: 160, full: 0.8 };

/** A segment that begins like this goes on the one before it. */
const GOES_ON = /^[\p{Ll}\p{Pe}\p{Pf}.,;:!?…%]/u;

/** A segment that ends like this is not over: titles, shortened words, initials, the number of an item. */
const NOT_OVER = new RegExp(
  '(?:^|[\\s(«“"])(?:' +
    'Dr|Drs|Mr|Mrs|Ms|Messrs|Prof|St|Ste|Mme|Mmes|Mlle|MM|Me|Mgr|Gen|Gén|Col|Lt|Capt|Sgt|Rev|Hon|Gov|Sen|Rep|' +
    'No|Nos|Nr|[Nn]°|Fig|fig|Tab|tab|Eq|eq|Sec|sec|Vol|vol|Ch|ch|chap|art|Art|al|vs|cf|Cf|ca|env|approx|' +
    'p|pp|ex|e\\.g|i\\.e|c\\.-à-d|av|apr|\\p{Lu}' +
    ')\\.$|^\\W*(?:\\d{1,3}|[ivxIVX]{1,4})[.)]$',
  'u',
);
const LONGEST_ABBREVIATION = 12;

/** What a character may not be torn before: marks, joiners, the second half of a pair. */
const TEARS = /[\p{M}\u200d\ufe0f]|[\udc00-\udfff]/u;

/** A place at or before `at` where cutting tears no character; if there is none after `from`, one that tears no pair. */
function whole(text: string, from: number, at: number): number {
  for (let cut = at; cut > from; cut--)
    if (!TEARS.test(text.charAt(cut)) && text.charAt(cut - 1) !== '\u200d') return cut;
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at + 1 : at;
}

/** Where the segments of a text begin and end, looked at stretch by stretch. */
function* segments(segmenter: Intl.Segmenter, text: string, size: number): Generator<Span> {
  for (let at = 0; at < text.length;) {
    const stretch = text.slice(at, at + size);
    const found: Span[] = [];
    for (const { index, segment } of segmenter.segment(stretch))
      found.push({ start: at + index, end: at + index + segment.length });
    // The last one may go on behind the stretch: it is looked at again, from its start.
    if (at + size < text.length && found.length > 1) found.pop();
    const last = found.at(-1);
    if (last && last.end === at + size) {
      const space = stretch.search(/\s\S*$/);
      last.end = space > 0 ? at + space + 1 : whole(text, at, last.end);
    }
    yield* found;
    at = last?.end ?? text.length;
  }
}

/** The text of a paragraph with line ends that are only layout as spaces, so that they end no sentence. */
function unwrapped(text: string): string {
  if (!text.includes('\n')) return text;
  const all = [...lines(text)];
  const width = all.reduce((longest, { start, end }) => Math.max(longest, end - start), 0);
  if (width < WRAPPED.min || width > WRAPPED.max) return text;
  return all
    .map(({ start, end }, i) => {
      const next = all[i + 1];
      if (!next) return text.slice(start, end);
      // Wrapped is a line that had no room for the first word of the next one.
      const word = /^\s*(\S*)/.exec(text.slice(next.start, next.end))?.[0].length ?? 0;
      return text.slice(start, end) + (end - start + word >= WRAPPED.full * width ? ' ' : '\n');
    })
    .join('');
}

export function trimmed(text: string, { start, end }: Span): Span {
  while (start < end && /\s/.test(text.charAt(start))) start++;
  while (end > start && /\s/.test(text.charAt(end - 1))) end--;
  return { start, end };
}

/** Sentences of text[start, end), trimmed; a sentence longer than the stretch comes in parts. */
export function sentencesOf(text: string, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  for (const segment of segments(SENTENCES, unwrapped(text.slice(start, end)), SENTENCE_WINDOW)) {
    const span = trimmed(text, { start: start + segment.start, end: start + segment.end });
    if (span.start === span.end) continue;
    const last = spans.at(-1);
    const before = last ? text.slice(Math.max(last.start, last.end - LONGEST_ABBREVIATION), last.end) : '';
    const goesOn = GOES_ON.test(text.slice(span.start, span.start + 2)) || NOT_OVER.test(before);
    if (last && goesOn && span.end - last.start <= SENTENCE_WINDOW) last.end = span.end;
    else spans.push(span);
  }
  return spans;
}

/** What lies between the ends of the matches. */
function* between(text: string, mark: RegExp): Generator<Span> {
  let start = 0;
  for (const match of text.matchAll(mark)) {
    const end = match.index + match[0].length;
    yield { start, end };
    start = end;
  }
  if (start < text.length) yield { start, end: text.length };
}

/** Neighbours together while they have no more than `size` characters: fewer pieces to count and to fill in. */
function* together(spans: Iterable<Span>, size: number): Generator<Span> {
  let group: Span | null = null;
  for (const { start, end } of spans)
    if (group && end - group.start <= size) group.end = end;
    else {
      if (group) yield group;
      group = { start, end };
    }
  if (group) yield group;
}

function* pieces(text: string, size: number): Generator<Span> {
  for (let start = 0; start < text.length;) {
    const end = start + size < text.length ? whole(text, start, start + size) : text.length;
    yield { start, end };
    start = end;
  }
}

/** Clauses of a sentence, words of a clause, parts of a run without spaces, pieces of a monster, characters. */
export const SMALLER: readonly ((text: string, size: number) => Iterable<Span>)[] = [
  (text, size) => together(between(text, /[;:,—–|]\s|[、，；：]/g), size),
  (text, size) => together(between(text, /\s+/g), size),
  (text, size) => together(segments(WORDS, text, WORD_WINDOW), size),
  pieces,
  (text, size) => pieces(text, Math.ceil(size / 8)),
  (text) => pieces(text, 1),
];
