// Scores: one number for a prompt and its completion, read by a scalar head where the completion ends.
//
//   score = head · hidden[last token, after the final norm], no bias
// As transformers' LlamaForSequenceClassification, which pools at the rightmost token that is no padding; where a model pads
// with its end token that is the one before the end (TRL's RewardTrainer with such a model). Here lengths are data and no
// token means padding, so the end token itself is read: it alone has seen that the answer is over.
import { NOWHERE } from './training/batches.ts';
import { encodeRow } from './training/rows.ts';
import type { Gpu } from './gpu/device.ts';
import { Recorder, type Program } from './gpu/program.ts';
import { describe, type Tensor } from './gpu/tensor.ts';
import { scalarHead } from './heads.ts';
import type { Adapter } from './lora.ts';
import { forward, type ForwardInputs, type Llama } from './models/llama.ts';
import { gatherRows } from './ops/gatherRows.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ScoreInputs extends Omit<ForwardInputs, 'caches'> {
  /** u32 [B]: row of each last token among the B·T; 0xffffffff for a row that is only padding, whose score is 0. */
  last: Tensor;
  head: Tensor; // [1, D]
}

/** Appends model and head → scores [B, 1]. */
export function recordScores(rec: Recorder, model: Llama, { last, head, ...inputs }: ScoreInputs): Tensor {
  const hidden = forward(rec, model, inputs);
  return scalarHead(rec, gatherRows(rec, hidden, last, { label: 'last tokens' }), { weight: head });
}

/** Prompt and completion as a policy is trained on them, up to the end token: what a template writes behind that (ChatML a
 *  line break) is no part of a drawn answer. */
export function encodeScored(
  tokenizer: Tokenizer,
  joiner: string,
  { prompt, completion }: { prompt: string; completion: string },
): number[] {
  const { ids } = encodeRow(tokenizer, { prompt, completion }, { joiner, maxLength: Infinity });
  const end = tokenizer.eosId;
  return end === undefined ? ids : ids.slice(0, ids.lastIndexOf(end) + 1);
}

export interface ScorePace {
  signal?: AbortSignal;
  sliceMs?: number;
}

/** Rows and tokens of a batch, enough to keep a GPU busy; fewer where the device cannot bind so many. */
const MOST_ROWS = 16;
const MOST_TOKENS = 4096;
/** Programs that stay compiled. */
const KEPT = 6;

interface Sized {
  batch: number;
  time: number;
  program: Program;
  ids: Tensor; // u32 [B·T]
  starts: Tensor; // u32 [B], zeros
  last: Tensor; // u32 [B]
  scores: Tensor; // [B, 1]
}

/** Scores rows of ids with one adapter and head; neither is freed by it. One call at a time. */
export class Scorer {
  /** Least recently used first. */
  readonly #programs = new Map<string, Sized>();
  /** The largest: all others share its memory, as only one of them runs at a time. */
  #host: Program | null = null;

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    readonly adapter: Adapter | null,
    readonly head: Tensor,
  ) {
    if (head.shape.length !== 2 || head.shape[0] !== 1 || head.shape[1] !== model.config.hiddenSize)
      throw new Error(
        `scorer: the head must be [1, ${model.config.hiddenSize}] for this base, got ${describe(head)}. Load the base that it ` +
          'was trained on.',
      );
  }

  /** Yields the share that is done; scores in the order of the rows, null where the signal was aborted. */
  async *score(
    rows: readonly (readonly number[])[],
    { signal, sliceMs }: ScorePace = {},
  ): AsyncGenerator<number, number[] | null, void> {
    const { contextLength } = this.model.config;
    const wrong = rows.findIndex(({ length }) => length < 1 || length > contextLength);
    if (wrong >= 0)
      throw new Error(
        `scorer: a row must have 1…${contextLength} tokens, got ${rows[wrong]?.length} in row ${wrong + 1}. Shorten it.`,
      );
    const scores = rows.map(() => 0);
    const lengthOf = (i: number): number => rows[i]?.length ?? 0;
    // The longest first: what does not fit is refused at once.
    const order = rows.map((_, i) => i).sort((a, b) => lengthOf(b) - lengthOf(a));
    for (let at = 0; at < order.length;) {
      if (signal?.aborted) return null;
      const time = timeOf(lengthOf(order[at] as number), contextLength);
      const sized = await this.#sized(order.length - at, time);
      const members = order.slice(at, at + sized.batch);
      const found = await this.#run(
        sized,
        members.map((i) => rows[i] as readonly number[]),
        sliceMs,
      );
      members.forEach((i, b) => (scores[i] = found[b] as number));
      at += members.length;
      yield at / order.length;
    }
    return signal?.aborted ? null : scores;
  }

  async #run(
    { batch, time, ...on }: Sized,
    rows: readonly (readonly number[])[],
    sliceMs?: number,
  ): Promise<Float32Array> {
    const ids = new Uint32Array(batch * time);
    const last = new Uint32Array(batch).fill(NOWHERE);
    rows.forEach((row, b) => {
      ids.set(row, b * time);
      last[b] = b * time + row.length - 1;
    });
    this.gpu.write(on.ids, ids);
    this.gpu.write(on.last, last);
    on.program.run(sliceMs);
    return this.gpu.read(on.scores);
  }

  /** A program for about so many rows: the power of two that holds them, as far as the device can bind it. */
  async #sized(rows: number, time: number): Promise<Sized> {
    const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_TOKENS / time)));
    for (let batch = Math.min(floorPower(most), ceilPower(rows)); ; batch /= 2) {
      const key = `${batch}×${time}`;
      const sized = this.#programs.get(key) ?? (await this.#record(batch, time));
      if (!sized) continue;
      this.#programs.delete(key);
      const others = [...this.#programs].filter(([, { program }]) => program !== this.#host);
      for (const [oldest, old] of others.slice(0, Math.max(0, this.#programs.size + 1 - KEPT))) {
        this.#programs.delete(oldest);
        free(old);
      }
      this.#programs.set(key, sized);
      return sized;
    }
  }

  /** null where a tensor of several rows is larger than the device can bind. */
  async #record(batch: number, time: number): Promise<Sized | null> {
    const { gpu, model, adapter, head } = this;
    const rec = new Recorder(gpu, `score ${batch}×${time}`);
    const ids = gpu.tensor('ids', [batch * time], 'u32');
    const [starts, last] = [gpu.tensor('starts', [batch], 'u32'), gpu.tensor('last', [batch], 'u32')];
    try {
      const scores = rec.keep(recordScores(rec, model, { ids, starts, last, batch, time, adapter, head }));
      const program = await this.#compile(rec);
      return { batch, time, program, ids, starts, last, scores };
    } catch (error) {
      for (const t of [ids, starts, last]) t.slot?.buffer.destroy();
      if (batch > 1 && error instanceof RangeError) return null;
      throw error;
    }
  }

  async #compile(rec: Recorder): Promise<Program> {
    const shared = this.#host?.arenas ?? [];
    const holds = rec.plan().arenas.every((bytes, i) => bytes <= (shared[i]?.size ?? 0));
    if (this.#host && holds) return rec.compile(undefined, shared);
    this.dispose(); // the memory of those that there are is too small
    return (this.#host = await rec.compile());
  }

  dispose(): void {
    for (const sized of this.#programs.values()) free(sized);
    this.#programs.clear();
    this.#host = null;
  }
}

function free({ program, ids, starts, last }: Sized): void {
  program.dispose();
  for (const t of [ids, starts, last]) t.slot?.buffer.destroy();
}

const ceilPower = (n: number): number => 2 ** Math.ceil(Math.log2(n));
const floorPower = (n: number): number => 2 ** Math.floor(Math.log2(n));

/** The least of 16, 24, 32, 48, 64 … that holds `n`: few programs, and a sixth of padding on average. */
function timeOf(n: number, limit: number): number {
  const power = ceilPower(Math.max(n, 16));
  return Math.min(limit, n <= 0.75 * power && power > 16 ? 0.75 * power : power);
}
