// One engine: a device that comes back when it is lost, one model, and jobs that run one after another.
import type { BaseModel } from '../records/baseModel.ts';
import type { Passage } from '../records/generation.ts';
import type { BenchResult } from '../records/report.ts';
import { defaultSampling } from '../records/sampling.ts';
import { Decoder, plannedBytes } from './decoder.ts';
import { generate, type GenerateRow, type GeneratedRow, type RowEvent } from './generate.ts';
import { calibrate } from './gpu/calibrate.ts';
import { openGpu, type Gpu } from './gpu/device.ts';
import { loadLlama, readConfig, type Llama } from './models/llama.ts';
import { parameterCount, weightBytes, weightNeeds, type ModelFiles } from './models/weights.ts';
import { renderPrompt, type Prompt } from './prompt.ts';
import { Tokenizer, type TokenPiece } from './tokenizer.ts';

export class EngineError extends Error {
  override name = 'EngineError';
}

export type EngineEvent =
  | { kind: 'load'; modelId: string; loadedBytes: number; totalBytes: number }
  | { kind: 'compile'; done: number; total: number }
  | { kind: 'lost'; reason: string }
  | { kind: 'recovered'; ms: number };

export interface LoadedModel {
  id: string;
  parameters: number;
  contextLength: number;
  bytesOnGpu: number;
  /** The planner's bytes for one generation at full context. */
  plannedBytes: number;
  loadMs: number;
}

interface Chosen {
  base: BaseModel;
  files: ModelFiles;
  tokenizer: Tokenizer;
}

/** What lives and dies with one device. */
export interface Session {
  gpu: Gpu;
  model: Llama;
  decoder: Decoder;
}

const MAX_LOSSES = 3; // in one job: after that the fault is ours or the driver's, and trying again would not end
const SLICE_MS = 50; // longest predicted submit on a page that a person is using
const PROMPT_WARM_UP = 256; // tokens: the bucket of a usual prompt, compiled while the model loads

export class Engine {
  #chosen: Chosen | null = null;
  #session: Promise<Session> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #calibrated = new WeakSet<Gpu>();
  /** Devices let go on purpose. */
  readonly #dropped = new WeakSet<Gpu>();
  #lostAt: number | null = null;
  readonly #cancels = new Map<string, AbortController>();

  constructor(
    private readonly emit: (event: EngineEvent) => void = () => undefined,
    private readonly api?: GPU,
  ) {}

  /** Reads tokenizer and configuration, opens a device with the limits that the model needs, streams the weights. */
  load(base: BaseModel, files: ModelFiles): Promise<LoadedModel> {
    return this.#enqueue(async () => {
      const started = performance.now();
      this.#chosen = { base, files, tokenizer: await Tokenizer.load(files) };
      await this.#drop();
      const { gpu, model } = await this.session();
      return {
        id: base.id,
        parameters: parameterCount(model.config),
        contextLength: model.config.contextLength,
        bytesOnGpu: weightBytes(model.weights),
        plannedBytes: plannedBytes(gpu, model),
        loadMs: performance.now() - started,
      };
    });
  }

  render(question: string, passages: readonly Passage[], reserve: number): Prompt {
    const { base, tokenizer } = this.#need();
    const { contextLength, passageStyle: style, passageSeparator: separator } = base;
    return renderPrompt(tokenizer, question, passages, { contextLength, reserve, style, separator });
  }

  pieces(ids: readonly number[]): TokenPiece[] {
    return this.#need().tokenizer.pieces(ids);
  }

  /** Rows are one batch. A device lost on the way is rebuilt and the rows are computed again from their seeds. */
  generate(jobId: string, rows: readonly GenerateRow[], onRow: (event: RowEvent) => void): Promise<GeneratedRow[]> {
    const abort = new AbortController();
    this.#cancels.set(jobId, abort);
    const { tokenizer } = this.#need();
    const run = async ({ decoder }: Session, alive: () => boolean): Promise<GeneratedRow[]> => {
      const { signal } = abort;
      const events = generate({ decoder, tokenizer, rows, signal, sliceMs: SLICE_MS, onCompile: this.#onCompile });
      for (;;) {
        const next = await events.next();
        if (next.done) return next.value;
        if (alive()) onRow(next.value);
      }
    };
    return this.job(run).finally(() => {
      this.#cancels.delete(jobId);
      void this.#calibrate();
    });
  }

  /** Measures the device for the slicing of submits, once, when a first answer is out: nobody waits for it. */
  async #calibrate(): Promise<void> {
    const { gpu } = (await this.current()) ?? {};
    if (!gpu || this.#calibrated.has(gpu)) return;
    this.#calibrated.add(gpu);
    await this.job((session) => calibrate(session.gpu)).catch(() => undefined); // a lost device is told elsewhere
  }

  cancel(jobId: string): void {
    this.#cancels.get(jobId)?.abort();
  }

  /** Runs `work` alone on a live device; when the device is lost, again on the next one. */
  job<T>(work: (session: Session, alive: () => boolean) => Promise<T>): Promise<T> {
    return this.#enqueue(async () => {
      for (let losses = 0; ; losses++) {
        const session = await this.session();
        const { gpu } = session;
        const alive = () => gpu.lostReason === null;
        try {
          const lost = gpu.lost.then(({ message }) => Promise.reject(new EngineError(`GPU: lost, ${message}`)));
          const result = await Promise.race([work(session, alive), lost]);
          if (gpu.uncaptured !== null)
            throw new EngineError(`GPU: every command must be valid, got "${gpu.uncaptured}". Report it with #/check.`);
          return result;
        } catch (error) {
          // A map that fails because the device went may reject just before `lost` resolves.
          await Promise.race([gpu.lost, new Promise((resolve) => setTimeout(resolve, 50))]);
          if (alive()) throw error;
          if (losses + 1 >= MAX_LOSSES)
            throw new EngineError(
              `GPU: the device must stay alive through a job, got ${MAX_LOSSES} losses (${gpu.lostReason}). ` +
                'Close other GPU work or update the driver, then try again.',
            );
        }
      }
    });
  }

  /** The live session, if there is one; opens nothing. */
  async current(): Promise<Session | null> {
    const session = (await this.#session?.catch(() => null)) ?? null;
    return session?.gpu.lostReason === null ? session : null;
  }

  /** The live session; opened, or rebuilt after a loss, when there is none. */
  async session(): Promise<Session> {
    const current = await this.current();
    if (current) return current;
    this.#session = this.#open();
    return this.#session;
  }

  async #open(): Promise<Session> {
    const { base, files, tokenizer } = this.#need();
    const config = await readConfig(files);
    const gpu = await openGpu(this.api, weightNeeds(config));
    void gpu.lost.then(({ message, reason }) => this.#onLost(gpu, message || reason));
    try {
      const onProgress = (loadedBytes: number, totalBytes: number) =>
        this.emit({ kind: 'load', modelId: base.id, loadedBytes, totalBytes });
      const model = await loadLlama(gpu, files, { onProgress });
      const decoder = new Decoder(gpu, model);
      const warm = Math.min(PROMPT_WARM_UP, config.contextLength);
      decoder.giveBack(await decoder.borrow(1, warm, config.contextLength, this.#onCompile));
      tokenizer.encode(''); // its tables are built on first use
      if (this.#lostAt !== null) this.emit({ kind: 'recovered', ms: performance.now() - this.#lostAt });
      this.#lostAt = null;
      return { gpu, model, decoder };
    } catch (error) {
      this.#dropped.add(gpu);
      gpu.destroy();
      throw error;
    }
  }

  #onLost(gpu: Gpu, reason: string): void {
    if (this.#dropped.has(gpu)) return;
    this.#lostAt = performance.now();
    this.emit({ kind: 'lost', reason });
    // With no job under way nobody else would; if it fails, the next job meets the same error and says it.
    void this.#enqueue(() => this.session()).catch(() => undefined);
  }

  /** Lets the device go on purpose, without the noise of a loss. */
  async #drop(): Promise<void> {
    const current = await this.#session?.catch(() => null);
    this.#session = null;
    if (!current) return;
    this.#dropped.add(current.gpu);
    current.gpu.destroy();
  }

  /** Tokens per second of one row, after the first token. */
  async speed({ decoder }: Session): Promise<BenchResult> {
    const { tokenizer } = this.#need();
    const promptIds = tokenizer.chat([{ role: 'user', content: 'One, two, three.' }]);
    // Hot sampling seldom ends an answer early.
    const sampling = { ...defaultSampling(), temperature: 2, maxNewTokens: 96 };
    const events = generate({ decoder, tokenizer, rows: [{ promptIds, sampling }] });
    for (;;) {
      const next = await events.next();
      if (next.done) return { name: 'generation', value: next.value[0]?.tokensPerSecond ?? 0, unit: 'tokens/s' };
    }
  }

  dispose(): Promise<void> {
    return this.#enqueue(() => this.#drop());
  }

  readonly #onCompile = (done: number, total: number): void => this.emit({ kind: 'compile', done, total });

  #need(): Chosen {
    if (!this.#chosen) throw new EngineError('engine: a model must be loaded, got none. Open the page again.');
    return this.#chosen;
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
