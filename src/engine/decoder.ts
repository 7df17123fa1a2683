// The GPU's half of generation: key/value caches, row state, and the programs that fill and extend them, kept for reuse.
//
// A session belongs to a number of rows B and a capacity S (positions per row). Its decode program is
// recorded once and replayed for every token; a prefill program is recorded once per length bucket.
import type { Precision } from '../records/baseModel.ts';
import type { Gpu, Needs } from './gpu/device.ts';
import { fnv1a } from '../formats/hash.ts';
import { Recorder, type Program } from './gpu/program.ts';
import { ReadbackRing } from './gpu/readback.ts';
import type { Tensor } from './gpu/tensor.ts';
import type { Adapter } from './lora.ts';
import type { LlamaConfig } from './models/config.ts';
import { forward, logits, type LayerCache, type Llama } from './models/llama.ts';
import { weightNeeds } from './models/weights.ts';
import { gatherRows } from './ops/gatherRows.ts';
import { sample, type SampleState } from './ops/sampling.ts';
import { createSampleState, startRows, type SampleRow } from './sampling.ts';

/** What the rows have drawn so far. */
export interface Drawn {
  count: Uint32Array; // [B]
  /** [B]: 0 going on, 1 end token drawn, 2 the row's last token drawn. */
  done: Uint32Array;
  ids: Uint32Array; // [B, S]
  logprobs: Float32Array; // [B, S]
}

/** Sessions that stay: one for single answers, one for pairs. */
const KEPT_SESSIONS = 2;
/** Blocks of tokens that may be on their way at once. */
const BLOCKS_AHEAD = 3;
const SMALLEST_BUCKET = 16;

/** The least of 16, 24, 32, 48, 64 … that holds `n`, at most `limit`: few programs, and a sixth of padding on average. */
function bucket(n: number, limit: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(n, SMALLEST_BUCKET)));
  const between = 0.75 * power;
  return Math.min(limit, n <= between && between > SMALLEST_BUCKET ? between : power);
}

type Progress = (done: number, total: number) => void;

interface Prefill {
  program: Program;
  ids: Tensor; // [B · T]
  time: number;
}

export class Session {
  readonly #ring: ReadbackRing;
  readonly #caches: readonly LayerCache[];
  readonly #state: SampleState;
  readonly #zeros: Tensor; // [B]
  readonly #last: Tensor; // [B], row of each prompt's last token among the B·T
  readonly #prefills = new Map<number, Prefill>();
  #decode: Program | null = null;

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    readonly batch: number,
    readonly capacity: number,
    readonly adapter: Adapter | null = null,
  ) {
    const { layers, kvHeads, headDim, vocabSize } = model.config;
    const shape = [batch, capacity, kvHeads, headDim];
    this.#caches = Array.from({ length: layers }, (_, i) => ({
      keys: gpu.tensor(`keys ${i}`, shape),
      values: gpu.tensor(`values ${i}`, shape),
    }));
    this.#state = createSampleState(gpu, batch, vocabSize, capacity);
    this.#zeros = gpu.tensor('zeros', [batch], 'u32');
    this.#last = gpu.tensor('last', [batch], 'u32');
    this.#ring = new ReadbackRing(gpu, 8 * batch * (1 + capacity), BLOCKS_AHEAD);
  }

  /** Compiles what prompts of up to `longest` tokens need, unless it is there already. */
  async prepare(longest: number, onCompile?: Progress): Promise<void> {
    const time = bucket(longest, this.capacity);
    if (!this.#prefills.has(time)) this.#prefills.set(time, await this.#recordPrefill(time, onCompile));
    this.#decode ??= await this.#recordDecode(onCompile);
  }

  async #recordPrefill(time: number, onCompile?: Progress): Promise<Prefill> {
    const { gpu, model, batch, adapter } = this;
    const rec = new Recorder(gpu, `prefill ${batch}×${time}`);
    const ids = gpu.tensor('prompt ids', [batch * time], 'u32');
    try {
      const hidden = forward(rec, model, { ids, starts: this.#zeros, batch, time, caches: this.#caches, adapter });
      sample(rec, logits(rec, model, gatherRows(rec, hidden, this.#last)), this.#state);
      return { program: await this.#compile(rec, onCompile), ids, time };
    } catch (error) {
      ids.slot?.buffer.destroy();
      throw error;
    }
  }

  async #recordDecode(onCompile?: Progress): Promise<Program> {
    const { gpu, model, batch, adapter } = this;
    const rec = new Recorder(gpu, `decode ${batch}`);
    const { ids, lengths } = this.#state;
    const hidden = forward(rec, model, { ids, starts: lengths, batch, time: 1, caches: this.#caches, adapter });
    sample(rec, logits(rec, model, hidden), this.#state);
    return this.#compile(rec, onCompile);
  }

  /** Its programs run one after another and leave what counts in caches and state: a smaller one shares the memory of a
   *  larger one, so that `plannedBytes` holds for prompts of any length when the longest comes first. */
  #compile(rec: Recorder, onCompile?: Progress): Promise<Program> {
    const needed = rec.plan().arenas;
    const holds = ({ program: { arenas } }: Prefill): boolean =>
      needed.every((bytes, i) => bytes <= (arenas[i]?.size ?? 0));
    return rec.compile(onCompile, [...this.#prefills.values()].find(holds)?.program.arenas);
  }

  /** Changes with every kernel text, constant and grid of the programs recorded so far. */
  get hash(): string {
    return fnv1a([...[...this.#prefills.values()].map(({ program }) => program.hash), this.#decode?.hash].join());
  }

  /** Enters the rows, runs their prompts and draws the first token of each. */
  prefill(rows: readonly SampleRow[], sliceMs: number): () => Promise<Drawn> {
    const { gpu } = this;
    const longest = Math.max(...rows.map((row) => row.promptIds.length));
    const found = this.#prefills.get(bucket(longest, this.capacity));
    if (!found || rows.length !== this.batch)
      throw new Error(
        `session: prepared rows must be given, got ${rows.length} of ${longest} tokens. Call prepare first.`,
      );
    const { program, ids, time } = found;
    const padded = new Uint32Array(rows.length * time);
    rows.forEach((row, b) => padded.set(row.promptIds, b * time));
    gpu.write(ids, padded);
    gpu.write(
      this.#last,
      Uint32Array.from(rows, (row, b) => b * time + row.promptIds.length - 1),
    );
    startRows(gpu, this.#state, rows, this.model.config.vocabSize);
    program.run(sliceMs);
    return this.#readDrawn(() => undefined);
  }

  /** Draws `tokens` more tokens of every row, all in one submit, or one of them in slices; done rows stay as they are. */
  decode(tokens: number, sliceMs: number): () => Promise<Drawn> {
    if (tokens > 1)
      return this.#readDrawn((encoder) => {
        for (let i = 0; i < tokens; i++) this.#decode?.encode(encoder);
      });
    this.#decode?.run(sliceMs);
    return this.#readDrawn(() => undefined);
  }

  #readDrawn(encode: (encoder: GPUCommandEncoder) => void): () => Promise<Drawn> {
    const { count, done, outIds, outLogprobs } = this.#state;
    let read: (() => Promise<ArrayBuffer>) | undefined;
    this.gpu.submit((encoder) => {
      encode(encoder);
      read = this.#ring.copy(encoder, count, done, outIds, outLogprobs);
    });
    return async () => {
      const bytes = (await read?.()) ?? new ArrayBuffer(0);
      const { batch, capacity } = this;
      const words = (from: number, length: number) => new Uint32Array(bytes, 4 * from, length);
      return {
        count: words(0, batch),
        done: words(batch, batch),
        ids: words(2 * batch, batch * capacity),
        logprobs: new Float32Array(bytes, 4 * (2 * batch + batch * capacity), batch * capacity),
      };
    };
  }

  dispose(): void {
    this.#decode?.dispose();
    for (const { program, ids } of this.#prefills.values()) {
      program.dispose();
      ids.slot?.buffer.destroy();
    }
    const resident = [...this.#caches.flatMap((c) => [c.keys, c.values]), ...(Object.values(this.#state) as Tensor[])];
    for (const t of [...resident, this.#zeros, this.#last]) t.slot?.buffer.destroy();
    this.#ring.dispose();
  }
}

export class Decoder {
  /** Least recently used first. */
  #sessions: Session[] = [];
  readonly #busy = new Set<Session>();

  constructor(
    readonly gpu: Gpu,
    readonly model: Llama,
    /** Who answers over the base; its values may change between two answers, as they do while it is trained. */
    readonly adapter: Adapter | null = null,
  ) {}

  /** A session for `batch` rows of `positions` tokens in all, whose prompts have up to `longest`. Give it back. */
  async borrow(batch: number, longest: number, positions: number, onCompile?: Progress): Promise<Session> {
    const capacity = bucket(positions, this.model.config.contextLength);
    const free = this.#sessions.filter((s) => !this.#busy.has(s));
    let session = free.find((s) => s.batch === batch && s.capacity >= capacity); // more room costs no time
    if (!session) {
      for (const old of free.slice(0, Math.max(0, free.length + 1 - KEPT_SESSIONS))) this.#forget(old);
      session = new Session(this.gpu, this.model, batch, capacity, this.adapter);
    }
    this.#sessions = [...this.#sessions.filter((s) => s !== session), session];
    this.#busy.add(session);
    try {
      await session.prepare(longest, onCompile);
    } catch (error) {
      this.#busy.delete(session);
      this.#forget(session);
      throw error;
    }
    return session;
  }

  /** Hash of the programs of the session used last; "" before the first. */
  get hash(): string {
    return this.#sessions.at(-1)?.hash ?? '';
  }

  giveBack(session: Session): void {
    this.#busy.delete(session);
  }

  #forget(session: Session): void {
    this.#sessions = this.#sessions.filter((s) => s !== session);
    session.dispose();
  }

  dispose(): void {
    for (const session of this.#sessions) session.dispose();
    this.#sessions = [];
  }
}

/** Bytes that one generation of `batch` rows of up to `positions` tokens takes besides the weights, before anything is
 *  allocated: prompts as long as that, caches, and what the rows have drawn, on the GPU and on its way back. */
export function plannedBytes(gpu: Gpu, model: Llama, batch = 1, positions = Infinity): number {
  const { contextLength, layers, kvHeads, headDim, vocabSize } = model.config;
  const time = bucket(Math.min(positions, contextLength), contextLength);
  const cache = 4 * batch * time * kvHeads * headDim; // the keys of a layer, or its values
  const limit = gpu.device.limits.maxStorageBufferBindingSize;
  if (cache > limit)
    throw new RangeError(
      `session: the keys of a layer may take at most ${limit} bytes on this device, got ${cache}. Use a shorter context.`,
    );
  const rec = new Recorder(gpu, 'plan');
  const ids = rec.temp('ids', [batch * time], 'u32');
  const starts = rec.temp('starts', [batch], 'u32');
  const hidden = forward(rec, model, { ids, starts, batch, time });
  logits(rec, model, gatherRows(rec, hidden, starts));
  const drawn = batch * (vocabSize / 8 + 8 * (1 + BLOCKS_AHEAD) * (1 + time));
  return Math.ceil(rec.plan().bytes + 2 * layers * cache + drawn);
}

/** Whether so many rows take at most `room` bytes, and no tensor of theirs more than the device can bind. */
export function rowsFit(gpu: Gpu, model: Llama, rows: number, positions: number, room: number): boolean {
  try {
    return plannedBytes(gpu, model, rows, positions) <= room;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The limits that the weights and one layer's cache need. */
export function modelNeeds(config: LlamaConfig, precision: Precision): Needs {
  const cache = 4 * config.contextLength * config.kvHeads * config.headDim;
  const { maxStorageBufferBindingSize, maxBufferSize } = weightNeeds(config, precision);
  return {
    maxStorageBufferBindingSize: Math.max(maxStorageBufferBindingSize, cache),
    maxBufferSize: Math.max(maxBufferSize, cache),
  };
}
