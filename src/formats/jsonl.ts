// JSON Lines, and a JSON list in their place: values with the number of the line or entry that each came from.

/** A longer line is refused, so that one file without line breaks does not fill the memory. In characters. */
export const MAX_LINE = 50_000_000;
/** A list is parsed whole. In characters. */
export const MAX_LIST = 250_000_000;

export type JsonLine = { line: number } & ({ value: unknown } | { problem: 'json' | 'long'; detail: string });

export interface JsonLines {
  unit: 'line' | 'entry';
  lines: JsonLine[];
}

interface Limits {
  maxLine: number;
  maxList: number;
}

/** Never throws for what the bytes are; blank lines are counted and left out. */
export async function readJsonLines(pieces: AsyncIterable<Uint8Array>, limits?: Limits): Promise<JsonLines> {
  const lines: JsonLine[] = [];
  const unit = await eachJsonLine(pieces, (line) => lines.push(line), limits);
  return { unit, lines };
}

/** The same, one after another as they come: of a large file the values need not all be there at once. */
export async function eachJsonLine(
  pieces: AsyncIterable<Uint8Array>,
  take: (line: JsonLine) => void,
  { maxLine, maxList }: Limits = { maxLine: MAX_LINE, maxList: MAX_LIST },
): Promise<JsonLines['unit']> {
  /** The lines of a file that starts as a list does, until it is known to be one; null once it cannot be. */
  let held: Line[] | null = [];
  let heldLength = 0;
  let first = '';
  const takeLine = ({ line, text, length }: Line): void => {
    if (length > maxLine) take({ line, problem: 'long', detail: String(length) });
    else if (text.trim() !== '') take({ line, ...parse(text) });
  };
  const release = (): void => {
    held?.forEach(takeLine);
    held = null;
  };
  for await (const lines of splitLines(decoded(pieces), maxLine))
    for (const line of lines) {
      if (!held) {
        takeLine(line);
        continue;
      }
      held.push(line);
      heldLength += line.length + 1;
      first ||= line.text.trimStart().slice(0, 1);
      if ((first !== '' && first !== '[') || heldLength > maxList || line.length > maxLine) release();
    }
  if (held && first === '[') {
    const list = parse(held.map(({ text }) => text).join('\n'));
    if ('value' in list && Array.isArray(list.value)) {
      for (const [i, value] of (list.value as unknown[]).entries()) take({ line: i + 1, value });
      return 'entry';
    }
  }
  release();
  return 'line';
}

/** One value a line, UTF-8, each line ended. */
export function* writeJsonLines(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${wellFormed(value)}\n`;
}

/** Half a surrogate pair, as cut texts end: Python's readers refuse the whole file for it. */
const LONE = /\p{Surrogate}/gu;

function wellFormed(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes('\\ud')) return text;
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'string' ? part.replaceAll(LONE, '\ufffd') : part,
  );
}

function parse(text: string): { value: unknown } | { problem: 'json'; detail: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { problem: 'json', detail: error instanceof Error ? error.message : String(error) };
  }
}

/** UTF-8 unless it opens with the mark of UTF-16, which Windows tools write; the mark is dropped, bad bytes become U+FFFD. */
async function* decoded(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  let head: number[] = []; // the mark may be cut, too
  for await (const piece of pieces) {
    if (decoder) yield decoder.decode(piece, { stream: true });
    else if (head.length + piece.length < 2) head = [...head, ...piece];
    else {
      decoder = new TextDecoder(encodingOf([...head, ...piece.subarray(0, 2)]));
      yield decoder.decode(Uint8Array.from(head), { stream: true }) + decoder.decode(piece, { stream: true });
    }
  }
  yield decoder ? decoder.decode() : new TextDecoder().decode(Uint8Array.from(head));
}

function encodingOf([a, b]: readonly number[]): string {
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
}

interface Line {
  line: number;
  /** '' when it is longer than it may be. */
  text: string;
  length: number;
}

/** The lines that end within each text. */
async function* splitLines(texts: AsyncIterable<string>, maxLine: number): AsyncGenerator<Line[]> {
  let line = 0;
  let parts: string[] = [];
  let length = 0;
  const take = (part: string): void => {
    length += part.length;
    if (length > maxLine) parts = [];
    else parts.push(part);
  };
  const end = (): Line => {
    const whole = parts.length === 1 ? (parts[0] ?? '') : parts.join('');
    const text = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    const ended = { line: ++line, text, length: length > maxLine ? length : text.length };
    [parts, length] = [[], 0];
    return ended;
  };
  for await (const text of texts) {
    const ended: Line[] = [];
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      take(text.slice(from, at));
      ended.push(end());
      from = at + 1;
    }
    take(text.slice(from));
    yield ended;
  }
  if (length > 0) yield [end()];
}
