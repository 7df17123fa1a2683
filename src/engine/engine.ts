// One engine: a device that comes back when it is lost, one model, and jobs that run one after another.
import type { BaseModel, Precision } from '../records/baseModel.ts';
import type { Passage } from '../records/generation.ts';
import { modelNeeds, plannedBytes, type Decoder } from './decoder.ts';
import { adaptersOf, Decoders, type AdapterSource } from './decoders.ts';
import { generateBy, type GenerateRow, type GeneratedRow, type RowEvent } from './generate.ts';
import { calibrate } from './gpu/calibrate.ts';
import { openGpu, type Gpu } from './gpu/device.ts';
import { readConfig, type Llama } from './models/llama.ts';
import { loadWeights, parameterCount, weightBytes, type ModelFiles } from './models/weights.ts';
import { mergedWeights, type NamedTensor } from './merge.ts';
import { renderPrompt, type Prompt } from './prompt.ts';
import { Scorers } from './scorers.ts';
import { Tokenizer, type TokenPiece } from './tokenizer.ts';
import type { RunForecast } from './training/forecast.ts';
import { resilient, type TrainingEvent } from './training/resilient.ts';
import type { Trainer, TrainerState } from './training/state.ts';

export class EngineError extends Error {
  override name = 'EngineError';
}

/** The device went while we used it: the work is done again on the next one. */
class DeviceLostError extends EngineError {}

export type EngineEvent =
  | { kind: 'load'; modelId: string; loadedBytes: number; totalBytes: number }
  | { kind: 'compile'; done: number; total: number }
  | { kind: 'lost'; reason: string }
  | { kind: 'recovered'; ms: number }
  /** It did not come back; the next use tries again. */
  | { kind: 'failed'; reason: string };

export interface LoadedModel {
  id: string;
  parameters: number;
  contextLength: number;
  bytesOnGpu: number;
  /** The planner's bytes for one generation at full context. */
  plannedBytes: number;
  /** Hash of the programs that answer: equal hashes compute equal numbers on one adapter. */
  programs: string;
  loadMs: number;
}

interface Chosen {
  base: BaseModel;
  files: ModelFiles;
  tokenizer: Tokenizer;
  precision: Precision;
}

/** What lives and dies with one device. */
export interface Session {
  gpu: Gpu;
  model: Llama;
  /** Who answers without an adapter. */
  decoder: Decoder;
  decoders: Decoders;
  scorers: Scorers;
}

/** What every trainer is given. */
export interface TrainerParts {
  gpu: Gpu;
  model: Llama;
  tokenizer: Tokenizer;
  sliceMs: number;
}

const MAX_LOSSES = 3; // without a finished job: then the fault is ours or the driver's, and trying again would not end
const SLICE_MS = 50; // longest predicted submit on a page that a person is using
const PROMPT_WARM_UP = 96; // tokens: the bucket of a usual prompt, compiled while the model loads

type Work<T> = (session: Session, alive: () => boolean) => Promise<T>;

const EMPTY = { text: '', finish: 'cancelled', tokensPerSecond: 0, firstTokenMs: 0 } as const;

const noAdapters: AdapterSource = (id) =>
  Promise.reject(new EngineError(`engine: adapters must have a place they come from, got none for ${id}. Report it.`));

const rejectWhenLost = (gpu: Gpu): Promise<never> =>
  gpu.lost.then(() => Promise.reject(new EngineError('the device was lost'))); // said in full by #throwLost

/** Buffers that do not fit are an error in words, not zeros. */
async function withinMemory<T>(gpu: Gpu, what: string, work: () => Promise<T>): Promise<T> {
  gpu.device.pushErrorScope('out-of-memory');
  const outcome = await work().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  const full = await gpu.device.popErrorScope().catch(() => null); // a lost device has no scopes; it is told elsewhere
  if (full)
    throw new EngineError(
      `${what}: everything must fit on the GPU, got out of memory. Close other tabs that use the GPU, or use a smaller model.`,
    );
  if ('error' in outcome) throw outcome.error;
  return outcome.value;
}

export class Engine {
  #chosen: Chosen | null = null;
  #session: Promise<Session> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #calibrated = new WeakSet<Gpu>();
  /** Devices let go on purpose. */
  readonly #dropped = new WeakSet<Gpu>();
  #lostAt: number | null = null;
  /** Losses since a job was last finished. */
  #losses = 0;
  /** Answers that wait to be computed or are under way. */
  asked = 0;
  readonly #cancels = new Map<string, AbortController>();

  constructor(
    private readonly emit: (event: EngineEvent) => void = () => undefined,
    private readonly api?: GPU,
    private readonly adapterSource: AdapterSource = noAdapters,
  ) {}

  /** Reads tokenizer and configuration, opens a device with the limits that the model needs, streams the weights. What
   *  is loaded already stays as it is. */
  load(base: BaseModel, files: ModelFiles, precision: Precision = 'f32'): Promise<LoadedModel> {
    const started = performance.now();
    return this.job(
      async ({ gpu, model, decoder }) => ({
        id: base.id,
        parameters: parameterCount(model.config),
        contextLength: model.config.contextLength,
        bytesOnGpu: weightBytes(model.weights),
        plannedBytes: plannedBytes(gpu, model),
        programs: decoder.hash,
        loadMs: performance.now() - started,
      }),
      async () => {
        if (this.has(base, precision)) return;
        const tokenizer = await Tokenizer.load(files);
        await this.#drop();
        this.#chosen = { base, files, tokenizer, precision };
      },
    );
  }

  /** What is loaded; null before. */
  get base(): BaseModel | null {
    return this.#chosen?.base ?? null;
  }

  /** Whether just this is loaded, or comes back by itself after a loss. */
  has({ id, sha256 }: BaseModel, precision: Precision = 'f32'): boolean {
    const chosen = this.#chosen;
    return chosen?.base.id === id && chosen.base.sha256 === sha256 && chosen.precision === precision;
  }

  get tokenizer(): Tokenizer {
    return this.#need().tokenizer;
  }

  render(question: string, passages: readonly Passage[], reserve: number): Prompt {
    const { base, tokenizer } = this.#need();
    const { contextLength, passageStyle: style, passageSeparator: separator } = base;
    return renderPrompt(tokenizer, question, passages, { contextLength, reserve, style, separator });
  }

  pieces(ids: readonly number[]): TokenPiece[] {
    return this.#need().tokenizer.pieces(ids);
  }

  /**
   * Rows are one batch. A device lost on the way is rebuilt and the rows are computed again from their seeds; what had
   * been shown is kept when the person stops meanwhile ("cancelled"), or when no device comes back ("error").
   */
  async generate(
    jobId: string,
    rows: readonly GenerateRow[],
    onRow: (event: RowEvent) => void,
  ): Promise<GeneratedRow[]> {
    const { tokenizer } = this.#need();
    const abort = new AbortController();
    const { signal } = abort;
    const shown = rows.map((): GeneratedRow => ({ ...EMPTY, ids: [], logprobs: [] }));
    this.#cancels.set(jobId, abort);
    this.asked++;
    try {
      const done = await this.job(async ({ decoders }, alive) => {
        const options = { tokenizer, rows, signal, sliceMs: SLICE_MS, onCompile: this.#onCompile };
        const events = generateBy((id) => decoders.of(id), options);
        const again = rows.map(() => 0); // tokens of this run: the ones that were shown come a second time
        for (;;) {
          const next = await events.next();
          if (next.done) return next.value;
          const { row, newIds, newLogprobs, text, tokensPerSecond } = next.value;
          const answer = shown[row];
          const count = (again[row] = (again[row] ?? 0) + newIds.length);
          if (!alive() || !answer || count <= answer.ids.length) continue;
          const fresh = count - answer.ids.length;
          answer.ids.push(...newIds.slice(-fresh));
          answer.logprobs.push(...newLogprobs.slice(-fresh));
          Object.assign(answer, { text, tokensPerSecond });
          onRow(next.value);
        }
      });
      return done.map((row, i) => {
        const before = shown[i];
        return before && row.finish === 'cancelled' && before.ids.length > row.ids.length ? before : row;
      });
    } catch (error) {
      if (shown.every((row) => row.ids.length === 0)) throw error;
      this.emit({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
      return shown.map((row) => ({ ...row, finish: signal.aborted ? 'cancelled' : 'error' }));
    } finally {
      this.asked--;
      this.#cancels.delete(jobId);
      void this.#calibrateLater();
    }
  }

  /** When a first answer is out nobody waits for it; a lost device is told elsewhere. */
  async #calibrateLater(): Promise<void> {
    const { gpu } = (await this.current()) ?? {};
    if (!gpu || this.#calibrated.has(gpu)) return;
    await this.job((session) => this.#calibrate(session.gpu)).catch(() => undefined);
  }

  /** Measures the device, once, for the slicing of submits and for forecasts. */
  async #calibrate(gpu: Gpu): Promise<void> {
    if (this.#calibrated.has(gpu)) return;
    this.#calibrated.add(gpu);
    await calibrate(gpu);
  }

  /** What a run would take, by `reckon`; nothing is started. */
  forecast(reckon: (gpu: Gpu, model: Llama) => RunForecast): Promise<RunForecast> {
    return this.job(async ({ gpu, model }) => {
      await this.#calibrate(gpu);
      return reckon(gpu, model);
    });
  }

  /** Trains over the loaded base; other jobs go between its values, and a lost device costs what came after the last
   *  checkpoint: `start` is called again then. */
  train(
    start: (parts: TrainerParts, resume: TrainerState | null) => Trainer,
    resume: TrainerState | null,
  ): AsyncGenerator<TrainingEvent, TrainerState, void> {
    const { tokenizer } = this.#need();
    const begin = async ({ gpu, model }: Session, from: TrainerState | null): Promise<Trainer> => {
      await this.#calibrate(gpu);
      return start({ gpu, model, tokenizer, sliceMs: SLICE_MS }, from);
    };
    return resilient(this, begin, resume);
  }

  /** Every weight of the base with the adapter folded in, f32, by its name in the base's files; no device is needed. */
  async *mergedWeights(adapterId: string): AsyncGenerator<NamedTensor, void, void> {
    const { base, files } = this.#need(); // another base may be loaded meanwhile
    yield* mergedWeights(files, await adaptersOf(base, this.adapterSource)(adapterId));
  }

  cancel(jobId: string): void {
    this.#cancels.get(jobId)?.abort();
  }

  /** Runs `work` alone on a live device; when the device is lost, again on the next one. `before` runs once. */
  job<T>(work: Work<T>, before?: () => Promise<void>): Promise<T> {
    return this.#enqueue(async () => {
      await before?.();
      for (;;) {
        try {
          const result = await this.#work(await this.#live(), work);
          this.#losses = 0;
          return result;
        } catch (error) {
          if (!(error instanceof DeviceLostError) || this.#losses >= MAX_LOSSES) throw error;
        }
      }
    });
  }

  async #work<T>(session: Session, work: Work<T>): Promise<T> {
    const { gpu } = session;
    const alive = (): boolean => gpu.lostReason === null;
    try {
      const result = await Promise.race([withinMemory(gpu, 'GPU', () => work(session, alive)), rejectWhenLost(gpu)]);
      if (gpu.uncaptured !== null)
        throw new EngineError(
          `GPU: every command must be valid, got "${gpu.uncaptured}". Try again; if it stays, report it with #/check.`,
        );
      return result;
    } catch (error) {
      await this.#throwLost(gpu);
      if (gpu.uncaptured !== null) await this.#drop(); // what it holds cannot be trusted: the next job opens another
      throw error;
    }
  }

  /** Throws DeviceLostError when the device is gone: a map may reject just before the loss itself is known. */
  async #throwLost(gpu: Gpu): Promise<void> {
    await Promise.race([gpu.lost, new Promise((resolve) => setTimeout(resolve, 50))]);
    if (gpu.lostReason === null) return;
    throw new DeviceLostError(
      `GPU: the device must stay alive through a job, got ${this.#losses} losses (${gpu.lostReason}). ` +
        'Close other GPU work or update the driver, then try again.',
    );
  }

  /** The live session, if there is one; opens nothing. */
  async current(): Promise<Session | null> {
    const session = (await this.#session?.catch(() => null)) ?? null;
    return session?.gpu.lostReason === null ? session : null;
  }

  /** The live session; opened, or rebuilt after a loss, when there is none. Only the queue calls it. */
  async #live(): Promise<Session> {
    const current = await this.current();
    if (current) return current;
    this.#session = this.#open();
    return this.#session;
  }

  async #open(): Promise<Session> {
    const { base, files, precision } = this.#need();
    const own = await readConfig(files);
    // Never more positions than the record says: caches and plans grow with them.
    const config = { ...own, contextLength: Math.min(own.contextLength, base.contextLength) };
    const gpu = await openGpu(this.api, modelNeeds(config, precision));
    void gpu.lost.then(({ message, reason }) => this.#onLost(gpu, message || reason));
    try {
      const onProgress = (loadedBytes: number, totalBytes: number): void =>
        this.emit({ kind: 'load', modelId: base.id, loadedBytes, totalBytes });
      const decoders = await withinMemory(gpu, base.name, async () => {
        const model = { config, weights: await loadWeights(gpu, config, files, { onProgress, precision }) };
        const made = new Decoders(gpu, model, adaptersOf(base, this.adapterSource));
        const warmed = made.base;
        const warm = Math.min(PROMPT_WARM_UP, config.contextLength);
        warmed.giveBack(await warmed.borrow(1, warm, config.contextLength, this.#onCompile));
        await gpu.idle();
        return made;
      });
      if (gpu.lostReason !== null) throw new EngineError('lost while it was opened'); // said in full below
      if (this.#lostAt !== null) this.emit({ kind: 'recovered', ms: performance.now() - this.#lostAt });
      this.#lostAt = null;
      const { model } = decoders;
      const scorers = new Scorers(gpu, model, adaptersOf(base, this.adapterSource));
      return { gpu, model, decoder: decoders.base, decoders, scorers };
    } catch (error) {
      await this.#throwLost(gpu);
      this.#dropped.add(gpu);
      gpu.destroy();
      throw error;
    }
  }

  #onLost(gpu: Gpu, reason: string): void {
    if (this.#dropped.has(gpu)) return;
    this.#losses++;
    this.#lostAt ??= performance.now();
    this.emit({ kind: 'lost', reason });
    if (this.#losses >= MAX_LOSSES) return this.emit({ kind: 'failed', reason });
    // With no job under way nobody else would open the next one.
    this.#enqueue(() => this.#live()).catch((error: unknown) => {
      if (error instanceof DeviceLostError) return; // its own loss is under way here already
      this.emit({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    });
  }

  /** Lets the device go on purpose, without the noise of a loss. */
  async #drop(): Promise<void> {
    const current = await this.#session?.catch(() => null);
    this.#session = null;
    if (!current) return;
    this.#dropped.add(current.gpu);
    current.gpu.destroy();
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
