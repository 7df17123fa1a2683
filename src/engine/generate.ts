// Generation: rows of prompts become answers, block by block; an async generator, so that asking for no more ends it.
import type { FinishReason } from '../records/generation.ts';
import type { Sampling } from '../records/sampling.ts';
import { Answer } from './answer.ts';
import type { Decoder, Drawn } from './decoder.ts';
import { TextStream, type Tokenizer } from './tokenizer.ts';

export class GenerateError extends Error {
  override name = 'GenerateError';
}

export interface GenerateRow {
  promptIds: readonly number[];
  sampling: Sampling;
  /** The answer ends before the first of these texts; they never show. */
  stop?: readonly string[];
  /** Tells rows with one prompt and one seed apart. */
  stream?: number;
  /** Who answers; the base without one. */
  adapterId?: string | null;
}

export interface GenerateOptions {
  decoder: Decoder;
  tokenizer: Tokenizer;
  rows: readonly GenerateRow[];
  signal?: AbortSignal;
  /** Longest predicted submit, in ms: short on a page that a person is using. */
  sliceMs?: number;
  onCompile?: (done: number, total: number) => void;
}

/** What is new in one row since its last event. */
export interface RowEvent {
  row: number;
  newIds: number[];
  newLogprobs: number[];
  /** The whole answer so far. */
  text: string;
  tokensPerSecond: number;
  /** null while the row goes on. */
  finish: FinishReason | null;
}

export interface GeneratedRow {
  /** With the end token where the model drew it. */
  ids: number[];
  /** log π(token), one per id; see shaders/sample.wgsl. */
  logprobs: number[];
  text: string;
  finish: FinishReason;
  /** After the first token. */
  tokensPerSecond: number;
  firstTokenMs: number;
}

/** A block should last about this long: a stop reacts within two of them. */
const BLOCK_MS = 40;
const LONGEST_BLOCK = 8;

/** The host's side of one row. */
class Row {
  readonly ids: number[] = [];
  readonly logprobs: number[] = [];
  readonly #answer: Answer;
  finish: FinishReason | null = null;
  firstTokenMs = 0;
  lastTokenMs = 0;

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    this.#answer = new Answer(new TextStream(tokenizer), stops);
  }

  get text(): string {
    return this.#answer.text(this.finish !== null);
  }

  get tokensPerSecond(): number {
    const ms = this.lastTokenMs - this.firstTokenMs;
    return ms > 0 ? (1000 * (this.ids.length - 1)) / ms : 0;
  }

  /** Takes what row `b` has drawn since the last time; the ids that are new. */
  take(drawn: Drawn, b: number, ms: number): number[] {
    const stride = drawn.ids.length / drawn.count.length;
    const count = drawn.count[b] ?? 0;
    const before = this.ids.length;
    while (this.ids.length < count && !this.#answer.stopped) {
      const at = b * stride + this.ids.length;
      this.ids.push(drawn.ids[at] ?? 0);
      this.logprobs.push(drawn.logprobs[at] ?? 0);
      this.#answer.push(drawn.ids[at] ?? 0);
    }
    if (before === 0) this.firstTokenMs = ms;
    this.lastTokenMs = ms;
    if (drawn.done[b] !== 0) this.#answer.end();
    if (this.#answer.stopped) this.finish = 'stop';
    else if (drawn.done[b] !== 0) this.finish = drawn.done[b] === 1 ? 'eos' : 'length';
    return this.ids.slice(before);
  }

  result(): GeneratedRow {
    if (this.finish === null) {
      this.#answer.end();
      this.finish = 'cancelled';
    }
    const { ids, logprobs, text, finish, tokensPerSecond, firstTokenMs } = this;
    return { ids, logprobs, text, finish, tokensPerSecond, firstTokenMs };
  }
}

function check(rows: readonly GenerateRow[], contextLength: number, vocabSize: number): void {
  if (rows.length === 0) throw new GenerateError('generate: at least one row is needed, got 0. Give it a prompt.');
  rows.forEach(({ promptIds }, i) => {
    if (promptIds.length === 0 || promptIds.length >= contextLength)
      throw new GenerateError(
        `generate: a prompt must have 1 to ${contextLength - 1} tokens, got ${promptIds.length} in row ${i}. ` +
          'Shorten the question or the passages.',
      );
    const wrong = promptIds.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (wrong !== undefined)
      throw new GenerateError(
        `generate: ids must be whole numbers below ${vocabSize}, got ${wrong} in row ${i}. Use the model's own tokenizer.`,
      );
  });
}

/** Yields what is new, row by row, and returns every row in the end. An aborted signal ends it at the next block. */
export async function* generate(options: GenerateOptions): AsyncGenerator<RowEvent, GeneratedRow[], void> {
  const { decoder, tokenizer, rows, signal, sliceMs = Infinity, onCompile } = options;
  const { contextLength, vocabSize, eosIds } = decoder.model.config;
  check(rows, contextLength, vocabSize);
  const started = performance.now();
  const sampled = rows.map(({ promptIds, sampling, stream = 0 }) => {
    const maxNewTokens = Math.min(sampling.maxNewTokens, contextLength - promptIds.length);
    return { promptIds, stream, eosIds, sampling: { ...sampling, maxNewTokens } };
  });
  const longest = Math.max(...rows.map((row) => row.promptIds.length));
  const positions = Math.max(...sampled.map((row) => row.promptIds.length + row.sampling.maxNewTokens));
  const states = rows.map(
    (row) =>
      new Row(
        tokenizer,
        (row.stop ?? []).filter((s) => s !== ''),
      ),
  );

  const session = await decoder.borrow(rows.length, longest, positions, onCompile);
  const underWay: { tokens: number; read: () => Promise<Drawn> }[] = [];
  try {
    let block = 1; // tokens of the next block
    let requested = 1; // tokens asked of every row so far
    const most = Math.max(...sampled.map((row) => row.sampling.maxNewTokens));
    if (!signal?.aborted) underWay.push({ tokens: 1, read: session.prefill(sampled, sliceMs) });
    for (let last = started; underWay.length > 0;) {
      // One block ahead: the GPU works while the last block is read and shown.
      if (requested < most && underWay.length < 2) {
        block = Math.min(block, most - requested);
        underWay.push({ tokens: block, read: session.decode(block, sliceMs) });
        requested += block;
      }
      const first = underWay.shift();
      if (!first) break;
      const drawn = await first.read();
      const now = performance.now();
      for (const [b, row] of states.entries()) {
        if (row.finish !== null) continue;
        const newIds = row.take(drawn, b, now - started);
        const { text, tokensPerSecond, finish } = row;
        const newLogprobs = row.logprobs.slice(row.ids.length - newIds.length);
        yield { row: b, newIds, newLogprobs, text, tokensPerSecond, finish };
      }
      if (signal?.aborted || states.every((row) => row.finish !== null)) break;
      // Blocks grow from one token to what lasts BLOCK_MS; how tokens are grouped never changes what they are.
      const perToken = (now - last) / first.tokens;
      last = now;
      block = Math.max(1, Math.min(2 * block, LONGEST_BLOCK, Math.round(BLOCK_MS / perToken)));
    }
    return states.map((row) => row.result());
  } finally {
    await Promise.allSettled(underWay.map(({ read }) => read()));
    decoder.giveBack(session);
  }
}

/** The same for rows that different adapters answer: those of one are a batch, and the batches come one after another. */
export async function* generateBy(
  decoderOf: (adapterId: string | null) => Promise<Decoder>,
  options: Omit<GenerateOptions, 'decoder'>,
): AsyncGenerator<RowEvent, GeneratedRow[], void> {
  const answerers = options.rows.map((row) => row.adapterId ?? null);
  const results: GeneratedRow[] = [];
  for (const id of answerers.length > 0 ? new Set(answerers) : [null]) {
    const places = answerers.flatMap((other, i) => (other === id ? [i] : []));
    const rows = places.map((i) => options.rows[i] as GenerateRow);
    const events = generate({ ...options, rows, decoder: await decoderOf(id) });
    try {
      let next = await events.next();
      for (; !next.done; next = await events.next()) yield { ...next.value, row: places[next.value.row] ?? 0 };
      next.value.forEach((row, i) => (results[places[i] ?? 0] = row));
    } finally {
      await events.return([]);
    }
  }
  return results;
}
