// The pieces of text of one PDF page → lines in reading order. Pure geometry; points, y upwards.
import { sound } from './outline.ts';

/** What the PDF reader gives: a run of characters and the matrix [a, b, c, d, x, y] that places it. */
export interface Piece {
  str: string;
  dir: string;
  transform: readonly number[];
  width: number;
}

export interface Line {
  text: string;
  x: number;
  /** Right end. */
  end: number;
  /** Of the baseline. */
  y: number;
  size: number;
  /** Which column of its page, counted in reading order: a new one starts elsewhere on the page. */
  column: number;
}

interface Run extends Omit<Line, 'column'> {
  rtl: boolean;
}

/** In ems: a gap that is a space; one that separates columns; CJK is set with gaps that are no spaces. */
const SPACE = 0.17;
const WIDE_SPACE = 0.6;
const GUTTER = 0.9;
const CJK = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/;

export function linesOf(pieces: readonly Piece[]): Line[] {
  const turned: Run[][] = [[], [], [], []];
  for (const piece of pieces) {
    const [turn, run] = runOf(piece);
    if (run) turned[turn]?.push(run);
  }
  // A page on its side is read as one that stands; what is printed across the margin comes last.
  const groups = turned.sort((a, b) => weight(b) - weight(a));
  const lines: Line[] = [];
  for (const runs of groups) {
    const columns = columnsOf(segments(runs), 0);
    for (const column of columns) {
      const number = (lines.at(-1)?.column ?? -1) + 1;
      for (const line of joinRows(column)) lines.push({ ...line, column: number });
    }
  }
  return lines;
}

const weight = (runs: readonly Run[]): number => runs.reduce((sum, run) => sum + run.text.length, 0);

/** The run as on a page turned so that its text is level; the turn is a multiple of 90°. */
function runOf({ str, dir, transform, width }: Piece): [turn: number, run: Run | null] {
  const [a = 1, b = 0, c = 0, d = 1, x = 0, y = 0] = transform;
  const turn = ((Math.round(Math.atan2(b, a) / (Math.PI / 2)) % 4) + 4) % 4;
  const [cos = 1, sin = 0] = [[1, 0], [0, 1], [-1, 0], [0, -1]][turn] ?? []; // prettier-ignore
  const level = { x: x * cos + y * sin, y: -x * sin + y * cos };
  const size = Math.hypot(c, d) || Math.hypot(a, b);
  const text = sound(str.replace(/\u00ad\s*$/, '-')).replace(/\s+/g, ' ');
  if (!text.trim() || ![level.x, level.y, size, width].every(Number.isFinite)) return [turn, null];
  return [turn, { text, x: level.x, end: level.x + Math.abs(width), y: level.y, size, rtl: dir === 'rtl' }];
}

/** Runs of one baseline that no column gap parts. */
function segments(runs: readonly Run[]): Run[] {
  const found: Run[] = [];
  for (const row of rows(runs)) {
    let last: Run | undefined;
    for (const run of row) {
      const size = Math.max(run.size, last?.size ?? 0);
      if (last && run.x - last.end < GUTTER * size) append(last, run);
      else found.push((last = { ...run }));
    }
  }
  return found;
}

/** Runs that share a baseline, from the top, each from the left (from the right where the script runs so). */
function rows(runs: readonly Run[]): Run[][] {
  const found: { y: number; size: number; runs: Run[] }[] = [];
  for (const run of [...runs].sort((a, b) => b.y - a.y || a.x - b.x)) {
    // A raised or lowered character stands within half a line of its row, and rows are sorted: the last few will do.
    const row = found.slice(-3).find(({ y, size }) => Math.abs(y - run.y) < 0.4 * Math.max(size, run.size));
    if (!row) found.push({ y: run.y, size: run.size, runs: [run] });
    else {
      row.runs.push(run);
      if (run.size > row.size) [row.y, row.size] = [run.y, run.size];
    }
  }
  return found.map((row) => row.runs.sort((a, b) => a.x - b.x));
}

function append(line: Run, run: Run): void {
  const [before, after] = [line.text.at(-1) ?? '', run.text[0] ?? ''];
  const gap = (run.x - line.end) / Math.max(Math.min(line.size, run.size), 0.1);
  const spaced = gap > (CJK.test(before) && CJK.test(after) ? WIDE_SPACE : SPACE);
  const space = spaced && before !== ' ' && after !== ' ' ? ' ' : '';
  const rtl = line.rtl && run.rtl;
  line.text = rtl ? run.text + space + line.text : line.text + space + run.text;
  if (run.size > line.size) [line.y, line.size] = [run.y, run.size];
  line.end = Math.max(line.end, run.end);
  line.rtl = rtl;
}

function joinRows(segments: readonly Run[]): Run[] {
  return rows(segments).map(([first, ...others]) => {
    const line = { ...(first as Run) };
    for (const other of others) append(line, other);
    line.text = line.text
      .replace(/(?:[.·] ?){5,}/g, ' … ')
      .replace(/ +/g, ' ')
      .trim(); // … the dots of a contents list
    return line;
  });
}

/** Text columns that a clear gutter parts, each read to its end; what spans the gutter is read where it stands. */
function columnsOf(runs: readonly Run[], depth: number): Run[][] {
  const gutter = depth < 4 ? findGutter(runs) : null;
  if (gutter === null) return runs.length > 0 ? [[...runs]] : [];
  const bands: { left: Run[]; right: Run[]; across: Run[] }[] = [];
  for (const row of rows(runs)) {
    const across = row.some(({ x, end }) => x < gutter && end > gutter);
    const last = bands.at(-1);
    if (!last || last.across.length > 0 !== across) bands.push({ left: [], right: [], across: [] });
    const band = bands.at(-1);
    for (const run of row) (across ? band?.across : run.end <= gutter ? band?.left : band?.right)?.push(run);
  }
  const columns: Run[][] = [];
  let plain: Run[] | null = null; // bands after each other that are no columns are one
  for (const { left, right, across } of bands) {
    // A title beside a date, a row of a table: columns only where both sides hold running text.
    if (runsOn(left) && runsOn(right)) {
      columns.push(...columnsOf(left, depth + 1), ...columnsOf(right, depth + 1));
      plain = null;
    } else {
      if (!plain) columns.push((plain = []));
      for (const run of [...across, ...left, ...right]) plain.push(run); // a page may hold more than a call takes
    }
  }
  return columns;
}

/** At least four lines, most of them long: a table's cells are short. */
function runsOn(runs: readonly Run[]): boolean {
  const lengths = runs.map(({ text }) => (CJK.test(text) ? 2 : 1) * text.length).sort((a, b) => a - b);
  return runs.length >= 4 && (lengths[lengths.length >> 1] ?? 0) >= 20;
}

/** The middle of the vertical strip that fewest lines cross: titles may, and half a page set in one column. */
function findGutter(runs: readonly Run[]): number | null {
  if (runs.length < 8) return null;
  const left = runs.reduce((least, { x }) => Math.min(least, x), Infinity);
  const right = runs.reduce((most, { end }) => Math.max(most, end), -Infinity);
  const edges = runs
    .flatMap(({ x, end }): [number, number][] => [
      [x, 1],
      [end, -1],
    ]) // prettier-ignore
    .sort(([a, up], [b, down]) => a - b || up - down);
  let best: { crossing: number; width: number; middle: number } | null = null;
  let crossing = 0;
  for (const [i, [x, change]] of edges.entries()) {
    crossing += change;
    const width = (edges[i + 1]?.[0] ?? x) - x;
    const middle = x + width / 2;
    const inside = middle > left + 0.15 * (right - left) && middle < right - 0.15 * (right - left);
    if (!inside || width < 4 || crossing > runs.length / 2) continue;
    if (!best || crossing < best.crossing || (crossing === best.crossing && width > best.width))
      best = { crossing, width, middle };
  }
  return best?.middle ?? null;
}
