// The one way in which extracted texts are written: Markdown-like blocks, told apart by blank lines.
//   # Heading              one to six #
//   A paragraph.           its lines stay lines (a break in a page, a poem)
//   - item                 nested items are indented by two spaces
//   a | b | c              one row of a table
// A line of running text that begins with "#" is written "\#", as in Markdown: only headings begin with "#".
import { Unread } from './job.ts';

/** Characters of one document, at most. */
export const MAX_CHARACTERS = 20_000_000;

type Kind = 'heading' | 'paragraph' | 'item' | 'row';

/** Spaces as one, none at the ends of lines; characters that no text holds are dropped; accents composed. */
export function tidy(text: string): string {
  return sound(text)
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim();
}

/** Line ends are \n, accents composed; control characters and halves of characters are dropped. */
export function sound(text: string): string {
  return text
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\ufeff\ufffe\uffff]|\p{Surrogate}/gu, '')
    .normalize('NFC');
}

/** Running text in which no line looks like a heading. */
export const escaped = (text: string): string => text.replace(/^#/gm, '\\#');

const flat = (text: string): string => tidy(text).replaceAll('\n', ' ');

export class Outline {
  #parts: string[] = [];
  #length = 0;
  #start = 0;
  #last: Kind | null = null;

  get length(): number {
    return this.#length;
  }

  /** Where the last block begins. */
  get start(): number {
    return this.#start;
  }

  heading(level: number, text: string): void {
    const words = flat(text);
    if (words) this.#add('heading', `${'#'.repeat(Math.min(Math.max(level, 1), 6))} ${words}`);
  }

  paragraph(text: string): void {
    this.#add('paragraph', escaped(tidy(text)));
  }

  /** Text whose spaces and lines mean something: code, verse. */
  verbatim(text: string): void {
    this.#add('paragraph', escaped(sound(text).trimEnd().replace(/^\n+/, '')));
  }

  /** `level` from 0; a later paragraph of an item has no mark of its own. */
  item(level: number, text: string, marked = true): void {
    const words = flat(text);
    if (words) this.#add('item', `${'  '.repeat(Math.min(level, 8))}${marked ? '- ' : '  '}${words}`);
  }

  row(cells: readonly string[]): void {
    const words = cells.map(flat);
    if (words.some(Boolean)) this.#add('row', escaped(words.join(' | ').trim()));
  }

  toString(): string {
    return this.#parts.join('');
  }

  #add(kind: Kind, text: string): void {
    if (!text) return;
    const close = kind === this.#last && (kind === 'item' || kind === 'row');
    const gap = this.#length === 0 ? '' : close ? '\n' : '\n\n';
    this.#start = this.#length + gap.length;
    this.#length = this.#start + text.length;
    if (this.#length > MAX_CHARACTERS) throw new Unread('tooLarge', '20');
    this.#parts.push(gap, text);
    this.#last = kind;
  }
}
