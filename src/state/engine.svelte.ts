// The engine as the app sees it: one worker, its status in words, and the verbs that pages use.
import { NANO, PRECISIONS, type BaseModel, type Precision } from '../records/baseModel.ts';
import type { Passage } from '../records/generation.ts';
import type { BenchResult, DeviceReport, GateResult } from '../records/report.ts';
import type {
  CheckEvent,
  EngineEvent,
  GeneratedRow,
  GenerateRow,
  LoadedModel,
  RenderedPrompt,
  TokenEvent,
  TokenPiece,
} from '../../workers/api.ts';
import { connectEngine, type Connection } from '../../workers/connect.ts';
import type { EngineApi } from '../../workers/api.ts';
import { engineStatus, type EngineStatus } from './engineStatus.svelte.ts';
import { format, sentence, t } from './language.svelte.ts';
import { isText, Persisted } from './persisted.svelte.ts';
import { toasts } from './toasts.svelte.ts';

type Phase =
  | { kind: 'none' }
  | { kind: 'load'; loaded: number; total: number }
  | { kind: 'compile'; done: number; total: number }
  | { kind: 'verify' };

/** The device on which every kernel was last found right. */
const verified = new Persisted('verified device', '', isText);
const isPrecision = (value: unknown): value is Precision => PRECISIONS.some((name) => name === value);

class Engine {
  #connection: Connection<EngineApi> | null = null;
  #loading: Promise<LoadedModel> | null = null;
  #answering = $state.raw<readonly string[]>([]);
  #verifying = false;
  #wrong = $state.raw<readonly string[]>([]);
  #status = $state<EngineStatus['status']>('gpu' in navigator ? 'idle' : 'missing');
  #phase = $state.raw<Phase>({ kind: 'none' });
  #loaded = $state.raw<LoadedModel | null>(null);
  #problem = $state('');
  #jobs = $state(0);
  #path = $state<string>();
  #precision = new Persisted<Precision>('precision', 'f32', isPrecision);
  /** Counts the times the device was lost: a page that waits for an answer tells the person when it grows. */
  losses = $state(0);

  readonly model: BaseModel = NANO;

  get status(): EngineStatus['status'] {
    return this.#status === 'ready' && this.#jobs > 0 ? 'busy' : this.#status;
  }

  get progress(): number | null {
    const phase = this.#phase;
    if (phase.kind === 'load') return phase.total > 0 ? phase.loaded / phase.total : null;
    if (phase.kind === 'compile') return phase.done / phase.total;
    return null;
  }

  get detail(): string {
    const phase = this.#phase;
    if (this.#status === 'lost') return t().engine.recovering;
    if (phase.kind === 'load')
      return t().engine.fetching(
        this.model.name,
        format.bytes(phase.loaded),
        phase.total > 0 ? format.bytes(phase.total) : null, // a host that compresses does not say how much will come
      );
    if (phase.kind === 'compile') return t().engine.compiling(phase.done, phase.total);
    if (phase.kind === 'verify') return t().engine.verifying;
    return this.#problem;
  }

  get loaded(): LoadedModel | null {
    return this.#loaded;
  }

  /** Where the work under way can be seen. */
  get path(): string | undefined {
    return this.#jobs > 0 ? this.#path : undefined;
  }

  /** The worker's methods, for verbs that have a state of their own: inspecting, forecasting, training. */
  get api(): EngineApi {
    return this.#api();
  }

  #api(): EngineApi {
    if (!this.#connection) {
      this.#connection = connectEngine();
      // A worker that cannot start says so to the call that needed it.
      this.#connection.api.listen((event) => this.#onEvent(event)).catch(() => (this.#connection = null));
    }
    return this.#connection.api;
  }

  #onEvent(event: EngineEvent): void {
    if (event.kind === 'load') {
      this.#phase = { kind: 'load', loaded: event.loadedBytes, total: event.totalBytes };
    } else if (event.kind === 'compile') {
      this.#phase = event.done < event.total ? { ...event, kind: 'compile' } : { kind: 'none' };
    } else if (event.kind === 'lost') {
      this.#status = 'lost';
      this.losses++;
      toasts.show(t().engine.lost(event.reason));
    } else if (event.kind === 'recovered') {
      this.#phase = { kind: 'none' };
      this.#status = this.#loaded ? 'ready' : 'idle';
      toasts.show(t().engine.recovered(format.number(event.ms / 1000, 1)));
    } else {
      // It did not come back by itself: the next use loads everything anew.
      this.#phase = { kind: 'none' };
      this.#status = 'idle';
      this.#loading = null;
      this.#problem = t().engine.failed(event.reason);
      toasts.show(this.#problem, { tone: 'error' });
    }
  }

  /** Of the frozen base on the GPU. */
  get precision(): Precision {
    return this.#precision.value;
  }

  /** A base that is loaded is loaded anew; jobs under way come first. What cannot be loaded so stays as it was. */
  async setPrecision(precision: Precision): Promise<void> {
    const before = this.precision;
    if (precision === before) return;
    this.#precision.value = precision;
    if (!this.#loading) return;
    this.#loading = null;
    await this.ensureLoaded().catch((error: unknown) => {
      this.#precision.value = before;
      throw error;
    });
  }

  /** Loads the model in use once; later calls wait for the same load. A failed load can be tried again. */
  ensureLoaded(): Promise<LoadedModel> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  async #load(): Promise<LoadedModel> {
    this.#status = 'loading';
    this.#problem = '';
    try {
      this.#loaded = await this.#api().load(this.model, document.baseURI, this.precision);
      this.#status = 'ready';
      return this.#loaded;
    } catch (error) {
      this.#status = error instanceof Error && error.name === 'GpuMissingError' ? 'missing' : 'idle';
      this.#problem = sentence(error);
      throw error;
    } finally {
      this.#phase = { kind: 'none' };
    }
  }

  async render(question: string, passages: Passage[], reserve: number): Promise<RenderedPrompt> {
    await this.ensureLoaded();
    return this.#api().render(question, passages, reserve);
  }

  pieces(ids: number[]): Promise<TokenPiece[]> {
    return this.#api().pieces(ids);
  }

  /** `path` is the page where the answer appears; the top bar links there while the job runs. */
  async generate(
    jobId: string,
    rows: GenerateRow[],
    onToken: (event: TokenEvent) => void,
    path?: string,
  ): Promise<GeneratedRow[]> {
    await this.ensureLoaded();
    this.#answering = [...this.#answering, jobId];
    const answers = await this.#job(path, () => this.#api().generate(jobId, rows, onToken)).finally(
      () => (this.#answering = this.#answering.filter((id) => id !== jobId)),
    );
    void this.#verify().catch(() => undefined); // tried again after the next answer
    return answers;
  }

  /** The numerics gate, once for this device, browser and set of programs, when a first answer is out. */
  async #verify(): Promise<void> {
    const { adapter, kernelPlan } = await this.device();
    const parts = [...Object.values(adapter ?? {}), navigator.userAgent, kernelPlan, this.#loaded?.programs];
    const device = parts.join(' ');
    if (verified.value === device || this.#verifying) return;
    this.#verifying = true;
    this.#phase = { kind: 'verify' };
    try {
      const results = await this.#job(undefined, () => this.#api().gate());
      const wrong = results.filter((result) => !result.passed).map((result) => result.kernel);
      this.#wrong = wrong;
      if (wrong.length === 0) verified.value = device;
      else toasts.show(t().engine.wrong(wrong.join(', ')), { tone: 'error' });
    } finally {
      this.#verifying = false;
    }
  }

  /** Kernels that compute wrong numbers here: answers of this device are not to be trusted. */
  get wrong(): readonly string[] {
    return this.#wrong;
  }

  /** Ends every answer under way, kept as far as it came; undefined while there is none to end. */
  get stop(): (() => void) | undefined {
    const under = this.#answering;
    return under.length > 0 ? () => under.forEach((jobId) => void this.cancel(jobId)) : undefined;
  }

  async cancel(jobId: string): Promise<void> {
    await this.#connection?.api.cancel(jobId);
  }

  device(): Promise<DeviceReport> {
    return this.#api().device();
  }

  async check(onEvent: (event: CheckEvent) => void): Promise<{ gate: GateResult[]; bench: BenchResult[] }> {
    await this.ensureLoaded();
    return this.#job('/check', () => this.#api().check(onEvent));
  }

  /** The base with the adapter folded in: a folder in hub layout, zipped. */
  async exportMerged(adapterId: string): Promise<Blob> {
    await this.ensureLoaded();
    return this.#job('/models', () => this.#api().exportMerged(adapterId, document.baseURI));
  }

  async destroyDevice(): Promise<void> {
    await this.ensureLoaded();
    await this.#api().destroyDevice();
  }

  async #job<T>(path: string | undefined, run: () => Promise<T>): Promise<T> {
    this.#jobs++;
    this.#path = path;
    try {
      return await run();
    } finally {
      this.#jobs--;
      this.#phase = { kind: 'none' };
    }
  }
}

export const engine = new Engine();
engineStatus.attach(engine);
