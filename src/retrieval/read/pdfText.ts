// The lines of all pages of a PDF → one text: paragraphs, headings, items; headers, footers and page numbers left out.
import { Outline } from './outline.ts';
import type { Line } from './pdfLines.ts';
import { withoutRunning } from './pdfRunning.ts';

export interface PagedText {
  text: string;
  pages: number[];
  emptyPages: number[];
}

/** 1 to 6 = a heading of that level. */
type Kind = number | 'item' | 'paragraph';

/** A block that grows line by line. */
interface Growing {
  kind: Kind;
  text: string;
  /** Where in the text a page begins. */
  marks: [page: number, offset: number][];
  last: Line;
}

/** What is usual in this document: size of its running text, distance of its lines in ems, sizes of its headings. */
interface Usual {
  size: number;
  leading: number;
  headings: number[];
}

/** Left and right edge of a column. */
type Edges = [left: number, right: number];

/** In ems: lines of one heading stand closer than this. */
const HEADING_LEADING = 1.4;
const BULLET = /^[•▪◦‣·●○■–—*-]\s+(?=\S)/;
const NUMBERED = /^(\d{1,3}|[a-zA-Z])[.)]\s/;
/** A line of a list of contents. */
const CONTENTS = /… ?\S{1,6}$/;
const ENDED = /[.!?…:;。！？][)"'”’»\]]*$/;
const CJK = '[\\u2e80-\\u9fff\\uff00-\\uffef]';
const CJK_JOINT = new RegExp(`${CJK}\\n${CJK}`);

export function textOf(pages: readonly (readonly Line[])[]): PagedText {
  const kept = withoutRunning(pages);
  const lines = kept.flat();
  const usual = usualOf(kept);
  const compounds = new Set(lines.flatMap(({ text }) => text.match(/\p{L}{1,40}-\p{L}{1,40}/gu) ?? []));
  const outline = new Outline();
  const starts: number[] = [0];
  let block: Growing | null = null;
  for (const [page, own] of kept.entries()) {
    const edges = edgesOf(own);
    for (const [i, line] of own.entries()) {
      const kind = kindOf(line, usual);
      if (block && goesOn(block, kind, line, i === 0, edges.get(line.column) ?? [0, 0], usual)) {
        block.text = join(block, line, edges.get(line.column), compounds);
        if (i === 0) block.marks.push([page, block.text.length - line.text.length]);
        block.last = line;
      } else {
        if (block) write(block, outline, starts);
        const text = kind === 'item' ? line.text.replace(BULLET, '') : line.text;
        block = { kind, text, marks: i === 0 ? [[page, 0]] : [], last: line };
      }
    }
  }
  if (block) write(block, outline, starts);
  // A page without text begins where the next one does.
  for (let page = pages.length - 1; page >= 0; page--) starts[page] ??= starts[page + 1] ?? outline.length;
  const emptyPages = pages.flatMap((own, page) => (own.length === 0 ? [page + 1] : []));
  return { text: outline.toString(), pages: starts, emptyPages };
}

function write({ kind, text, marks }: Growing, outline: Outline, starts: number[]): void {
  if (kind === 'item') outline.item(0, text);
  else if (kind === 'paragraph') outline.paragraph(text);
  else outline.heading(kind, text);
  // The outline may have put "## " or "- " before the words: inner places are counted from the end.
  for (const [page, offset] of marks)
    starts[page] ??= offset === 0 ? outline.start : outline.length - text.length + offset;
}

const half = (points: number): number => Math.round(points * 2) / 2;

function usualOf(pages: readonly (readonly Line[])[]): Usual {
  const sizes = new Map<number, number>();
  const distances = new Map<number, number>();
  for (const lines of pages)
    for (const [i, { size, text, y, column }] of lines.entries()) {
      sizes.set(half(size), (sizes.get(half(size)) ?? 0) + text.length);
      const before = lines[i - 1];
      if (!before || before.column !== column || half(before.size) !== half(size)) continue;
      const distance = Math.round(((before.y - y) / size) * 20) / 20;
      if (distance > 0.8 && distance < 3) distances.set(distance, (distances.get(distance) ?? 0) + 1);
    }
  const size = commonest(sizes) ?? 10;
  const headings = [...sizes.keys()].filter((other) => other >= 1.15 * size).sort((a, b) => b - a);
  return { size, leading: leadingOf(distances), headings };
}

function commonest(counts: ReadonlyMap<number, number>): number | undefined {
  return [...counts].reduce<[number, number] | undefined>(
    (best, one) => (best && best[1] >= one[1] ? best : one),
    undefined,
  )?.[0];
}

/** The smallest distance that is common: where paragraphs are single lines, the gap between them is commoner still. */
function leadingOf(distances: ReadonlyMap<number, number>): number {
  const most = Math.max(...distances.values(), 0);
  const common = [...distances].filter(([, count]) => count >= Math.max(2, most / 4)).map(([distance]) => distance);
  return common.length > 0 ? Math.min(...common) : 1.3;
}

function edgesOf(lines: readonly Line[]): Map<number, Edges> {
  const edges = new Map<number, Edges>();
  for (const { column, x, end } of lines) {
    const [left, right] = edges.get(column) ?? [x, end];
    edges.set(column, [Math.min(left, x), Math.max(right, end)]);
  }
  return edges;
}

/** Clearly larger than the running text, and short, is a heading; its level is the rank of its size. */
function kindOf({ text, size }: Line, { headings }: Usual): Kind {
  const rank = headings.indexOf(half(size));
  if (CONTENTS.test(text)) return 'paragraph';
  if (rank >= 0 && text.length <= 150 && /\p{L}{2}/u.test(text) && !/[,;]$/.test(text)) return Math.min(rank + 1, 6);
  return BULLET.test(text) ? 'item' : 'paragraph';
}

/** Ends well before the right edge of its column: at least by this share of the width. */
function isShort({ end }: Line, edges: Edges | undefined, share = 0.25): boolean {
  return edges !== undefined && end < edges[1] - share * (edges[1] - edges[0]);
}

function goesOn(block: Growing, kind: Kind, line: Line, turned: boolean, edges: Edges, usual: Usual): boolean {
  const { last } = block;
  const distance = (last.y - line.y) / Math.max(last.size, line.size);
  const below = !turned && last.column === line.column && distance > 0;
  if (typeof kind === 'number') return kind === block.kind && below && distance < HEADING_LEADING;
  if (typeof block.kind === 'number' || kind === 'item') return false;
  if (Math.abs(line.size - last.size) > 0.12 * usual.size) return false;
  const ended = ENDED.test(last.text);
  // Over the end of a column or page goes only a sentence that is visibly not finished.
  if (!below) return !ended && /^[\p{Ll}\p{Lo}]/u.test(line.text);
  if (distance > usual.leading + 0.22) return false;
  if (block.kind === 'item') return line.x > edges[0] + 0.3 * line.size || !ended;
  if (ended && (isShort(last, edges) || line.x > last.x + 0.8 * line.size)) return false;
  return !(NUMBERED.test(line.text) && (ended || isShort(last, edges)));
}

/** Words that the end of a line divided are put together, unless the document writes them with a hyphen elsewhere. */
function join(block: Growing, { text }: Line, edges: Edges | undefined, compounds: ReadonlySet<string>): string {
  const before = block.text;
  const left = /(\p{L}{1,40})[-‐]$/u.exec(before.slice(-60))?.[1];
  const right = /^\p{Ll}\p{L}{0,39}/u.exec(text)?.[0];
  if (left !== undefined && right !== undefined)
    return compounds.has(`${left}-${right}`) ? before + text : before.slice(0, -1) + text;
  if (CJK_JOINT.test(`${before.at(-1)}\n${text[0]}`)) return before + text;
  // Lines that are short in the middle of a block were meant as lines: an address, a list without marks.
  const meant =
    CONTENTS.test(before.slice(-20)) ||
    isShort(block.last, edges, 0.5) ||
    (isShort(block.last, edges) && /^[\p{Lu}\d]/u.test(text));
  return `${before}${meant ? '\n' : ' '}${text}`;
}
