// Embeds the chunks of one document from where it was left, keeping a segment of rows every few seconds.

/** Texts that are embedded at once: a stop waits for no more than these. */
const BATCH = 32;
/** A closed tab loses at most these rows, or these seconds. */
const SEGMENT_ROWS = 256;
const SEGMENT_MS = 5000;
/** Texts whose rows are remembered: page headers, disclaimers and the like come again soon. */
const REMEMBERED = 2048;

/** Rows of the texts embedded last: the same text is embedded once. */
export class RecentRows {
  readonly #rows = new Map<string, Float32Array>();

  get(text: string): Float32Array | undefined {
    const row = this.#rows.get(text);
    if (row) this.set(text, row); // the youngest again
    return row;
  }

  set(text: string, row: Float32Array): void {
    this.#rows.delete(text);
    this.#rows.set(text, row);
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > REMEMBERED && oldest !== undefined) this.#rows.delete(oldest);
  }
}

export interface EmbedRows {
  /** Of all chunks of the document. */
  texts: readonly string[];
  /** Rows that are there already. */
  from: number;
  dim: number;
  recent: RecentRows;
  signal: AbortSignal;
  embed(texts: string[]): Promise<Float32Array>;
  /** False: the document is gone, and nothing more is wanted. */
  keep(first: number, rows: Float32Array): Promise<boolean>;
  onRows(count: number): void;
}

/** Ends with the batch under way when the signal does; what was embedded until then is kept, also before an error. */
export async function embedRows({ texts, from, dim, recent, signal, embed, keep, onRows }: EmbedRows): Promise<void> {
  let pending: Float32Array[] = [];
  let first = from;
  let since = performance.now();

  async function flush(): Promise<boolean> {
    const rows = new Float32Array(pending.length * dim);
    for (const [i, row] of pending.entries()) rows.set(row, i * dim);
    const start = first;
    first += pending.length;
    pending = [];
    since = performance.now();
    return rows.length === 0 || keep(start, rows);
  }

  try {
    for (let at = from; at < texts.length && !signal.aborted; at += BATCH) {
      const batch = texts.slice(at, at + BATCH);
      const known = new Map(batch.map((text) => [text, recent.get(text)]));
      const missing = [...known.keys()].filter((text) => !known.get(text));
      const made = missing.length > 0 ? await embed(missing) : new Float32Array();
      for (const [i, text] of missing.entries()) {
        const row = made.slice(i * dim, (i + 1) * dim);
        recent.set(text, row);
        known.set(text, row);
      }
      for (const text of batch) pending.push(known.get(text) as Float32Array);
      onRows(batch.length);
      const due = pending.length >= SEGMENT_ROWS || performance.now() - since > SEGMENT_MS;
      if (due && !(await flush())) return;
      await breathe();
    }
  } finally {
    await flush();
  }
}

/** Computing leaves no pause: only a timer lets the messages of the page in, a stop among them. */
const BREATH_MS = 50;
let lastBreath = 0;

export async function breathe(): Promise<void> {
  if (performance.now() - lastBreath < BREATH_MS) return;
  await new Promise((resolve) => setTimeout(resolve));
  lastBreath = performance.now();
}
