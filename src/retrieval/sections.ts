// The structure of a text by its lines: sections under headings, blocks in them, and the paragraphs, items and rows of
// a block. Headings, rules and the marks of code blocks are structure and belong to no block.

export interface Span {
  /** Character offsets in the text: [start, end). */
  start: number;
  end: number;
}

export interface Section {
  /** The headings above it, outermost first. */
  headings: string[];
  /** Between blank lines: a paragraph, or the items of a list, or the rows of a table. */
  blocks: Span[][];
}

/** A longer line is text, whatever it begins with. */
const LONGEST_HEADING = 240;

const ITEM = /^\s*(?:[-*+•‣–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s/;
const ROW = /^\s*\||\s\|\s/;
/** Nothing but strokes: between parts, under a title, or under the head of a table. */
const RULE = /^(?=.*[-*_=]\s?[-*_=])[\s|:*_=+-]+$/;
const UNDERLINE = /^ {0,3}(?:(={2,})|-{2,})\s*$/;
const FENCE = /^ {0,3}(```|~~~)/;
const HEADING = /^ {0,3}(#{1,6})(?=\s|$)/;

const headingWords = (line: string): string =>
  line
    .replace(HEADING, '')
    .trim()
    .replace(/(?:^|\s)#+$/, '')
    .trim();

export function* lines(text: string): Generator<Span> {
  for (let start = 0; start < text.length;) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    yield { start, end };
    start = end + 1;
  }
}

export function sections(text: string, markdown: boolean): Section[] {
  const all: Section[] = [];
  const open: { level: number; words: string }[] = [];
  let block: Span[] | null = null;
  let fence: string | null = null;

  /** A new section, under the headings that are open. */
  function begin(): void {
    block = null;
    if (all.at(-1)?.blocks.length === 0) all.pop();
    all.push({ headings: open.map(({ words }) => words), blocks: [] });
  }

  function beginUnder(level: number, words: string): void {
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    if (words) open.push({ level, words });
    begin();
  }

  /** A paragraph of one line becomes the heading that its underline makes it. */
  function underlined(line: string): boolean {
    const found = UNDERLINE.exec(line);
    const [title] = block ?? [];
    if (!markdown || !found || !title || block?.length !== 1) return false;
    const words = text.slice(title.start, title.end);
    if (words.includes('\n') || words.length > LONGEST_HEADING || ITEM.test(words)) return false;
    all.at(-1)?.blocks.pop();
    beginUnder(found[1] ? 1 : 2, words.trim());
    return true;
  }

  /** Reads a line that is structure; false for one that is text. */
  function marks(line: string): boolean {
    if (line.length > LONGEST_HEADING) return false;
    const level = markdown ? HEADING.exec(line)?.[1]?.length : undefined;
    if (level) beginUnder(level, headingWords(line));
    else if (underlined(line)) return true;
    else if (!RULE.test(line)) return false;
    else if (!line.includes('|')) begin();
    return true;
  }

  function add(span: Span, line: string): void {
    const last = block?.at(-1);
    if (block && last && (fence || !(ITEM.test(line) || ROW.test(line)))) last.end = span.end;
    else if (block) block.push(span);
    else all.at(-1)?.blocks.push((block = [span]));
  }

  begin();
  for (const span of lines(text)) {
    const line = text.slice(span.start, span.end);
    const mark = markdown ? FENCE.exec(line)?.[1] : undefined;
    if (mark && mark === (fence ?? mark)) {
      fence = fence ? null : mark;
      block = null;
    } else if (line.trim() === '') block = null;
    else if (fence || !marks(line)) add(span, line);
  }
  return all.filter(({ blocks }) => blocks.length > 0);
}
