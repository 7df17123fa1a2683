// Training in the engine worker: a stored run is trained over the loaded base, logged as it goes, kept, and left as an
// adapter. A worker that is killed leaves the run as it was at its last checkpoint, with the status "running".
import { splitOf } from '../src/curation/split.ts';
import type { Engine } from '../src/engine/engine.ts';
import { loraParts } from '../src/engine/lora.ts';
import { prepareRows, RowsError, type PreparedRows } from '../src/engine/training/prepare.ts';
import type { TrainingEvent } from '../src/engine/training/resilient.ts';
import type { SftState } from '../src/engine/training/sft.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import { loraOf, type SftConfig } from '../src/records/config.ts';
import { validateRun, type LogText, type Run, type RunStatus } from '../src/records/run.ts';
import { readDemonstrations, revisionKey } from '../src/storage/demonstrations.ts';
import { runLock } from '../src/storage/ownedFiles.ts';
import { writeAdapter } from './adapters.ts';
import type { Forecast, TrainEvent } from './api.ts';
import { database } from './database.ts';
import { deleteCheckpoint, readCheckpoint, RunLog, RunProblem, saveRun, writeCheckpoint } from './runStore.ts';

const BETWEEN_EVENTS_MS = 100;

export class Training {
  /** The run under way. */
  #running: { runId: string; wish: 'pause' | 'stop' | null; abort: AbortController } | null = null;
  /** What the last forecast read: most settings leave the rows as they are. */
  #known: { key: string; rows: PreparedRows } | null = null;

  constructor(private readonly engine: Engine) {}

  /** The run that is trained now; null where there is none. */
  get runId(): string | null {
    return this.#running?.runId ?? null;
  }

  async forecast(projectId: string, config: SftConfig): Promise<Forecast> {
    const base = this.#base();
    try {
      const rows = await this.#knownRows(projectId, config, base);
      return { data: rows.data, ...(await this.engine.forecast(rows, config)) };
    } catch (error) {
      if (!(error instanceof RowsError)) throw error;
      const data = { train: 0, test: 0, truncated: 0, dropped: 0, hash: '' };
      const plan = { hash: '', device: '', bytes: 0, recomputedLayers: 0, layers: 0 };
      return { data, steps: 0, plan, stepMs: 0, besideMs: 0, problem: error.message };
    }
  }

  end(runId: string, wish: 'pause' | 'stop'): void {
    if (this.#running?.runId !== runId) return;
    this.#running.wish = wish;
    this.#running.abort.abort();
  }

  async train(runId: string, onEvent: (event: TrainEvent) => void): Promise<Run> {
    if (this.#running)
      throw new RunProblem(`run: one at a time may be trained, got ${runId} beside another. Pause or stop that first.`);
    const running = { runId, wish: null, abort: new AbortController() };
    this.#running = running;
    try {
      return await navigator.locks.request(runLock(runId), { ifAvailable: true }, async (lock) => {
        if (!lock)
          throw new RunProblem('run: it must be trained in one tab alone, got a second. Look at the other tab.');
        const db = await database();
        const run = await db.get('runs', runId);
        if (!run) throw new RunProblem(`run: it must be stored, got no run ${runId}. It may have been deleted.`);
        return new Course(this.engine, db, validateRun(run), running, onEvent, (config, base) =>
          this.#rows(run.projectId, config, base),
        ).run();
      });
    } finally {
      this.#running = null;
    }
  }

  /** Encoded anew only where something that they depend on has changed. */
  async #knownRows(projectId: string, config: SftConfig, base: BaseModel): Promise<PreparedRows> {
    const revision = await (await database()).get('settings', revisionKey(projectId)); // before the rows: never too new
    const { maxLength, seed, testShare } = config;
    const key = JSON.stringify([projectId, revision, base.id, base.sha256, maxLength, seed, testShare]);
    if (revision === undefined || this.#known?.key !== key)
      this.#known = { key, rows: await this.#rows(projectId, config, base) };
    return this.#known.rows;
  }

  async #rows(projectId: string, config: SftConfig, base: BaseModel): Promise<PreparedRows> {
    const { train, test } = splitOf(await readDemonstrations(await database(), projectId), config);
    const given = { train: train.map(({ row }) => row), test: test.map(({ row }) => row) };
    return prepareRows(this.engine.tokenizer, base, given, config);
  }

  #base(): BaseModel {
    if (!this.engine.base) throw new RunProblem('run: its base must be loaded, got none. Load the model first.');
    return this.engine.base;
  }
}

/** One run from where it stands to its end. */
class Course {
  readonly #log: RunLog;
  #since = performance.now();
  #told = 0;
  /** Of the last checkpoint, from which it goes on when the device is lost: where the log is cut, and what computed it. */
  #kept = 0;
  #computedBy: { planHash: string; device: string } | null = null;
  /** Meanwhile, by the person: nothing of it is kept. */
  #deleted = false;

  constructor(
    private readonly engine: Engine,
    private readonly db: Awaited<ReturnType<typeof database>>,
    private readonly record: Run,
    private readonly control: { wish: 'pause' | 'stop' | null; abort: AbortController },
    private readonly onEvent: (event: TrainEvent) => void,
    private readonly rowsOf: (config: SftConfig, base: BaseModel) => Promise<PreparedRows>,
  ) {
    this.#log = new RunLog(db, record.id, onEvent, () => this.#gone());
  }

  async run(): Promise<Run> {
    const { record } = this;
    if (record.status === 'done' || record.status === 'stopped') return record;
    try {
      await this.#log.open();
      Object.assign(record, { status: 'running', problem: '', endedAt: null });
      this.#doing('preparing', null);
      const { rows, resume } = await this.#prepare();
      const trainer = this.engine.train({
        config: record.config,
        rows,
        samples: record.samples,
        resume: resume?.state ?? null,
        signal: this.control.abort.signal,
        onCompile: (done, total) => this.#doing('compiling', done / total),
      });
      try {
        let next = await trainer.next();
        for (; !next.done; next = await trainer.next()) await this.#take(next.value);
        await this.#end(next.value);
      } finally {
        await trainer.return(undefined as never);
      }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#say('failed', problem);
      await this.#close('failed', problem);
    }
    if (this.#deleted) await deleteCheckpoint(record.id);
    return record;
  }

  /** Reads the rows and the checkpoint, and holds both against the run. */
  async #prepare() {
    const { engine, record } = this;
    const { base } = engine;
    if (base?.id !== record.modelId || base.sha256 !== record.modelSha256)
      throw new RunProblem(
        `run: its base "${record.modelId}" (${record.modelSha256.slice(0, 8)}) must be loaded, got ` +
          `${base ? `"${base.id}" (${base.sha256.slice(0, 8)})` : 'none'}. Load that model, or start a new run.`,
      );
    const rows = await this.rowsOf(record.config, base);
    const resume = await readCheckpoint(record.id);
    if (resume && (resume.dataHash !== rows.data.hash || resume.baseSha256 !== base.sha256))
      throw new RunProblem(
        'run: the rows must be those that it began with, got others. Start a new run, or bring the rows back.',
      );
    record.data = rows.data;
    record.step = resume?.state.step ?? 0;
    this.#kept = resume?.events ?? 0;
    this.#computedBy = resume;
    await this.#log.cut(this.#kept);
    this.#say(resume ? 'resumed' : 'started', resume ? `${resume.state.step}` : '');
    const { reached } = this.#log;
    if (reached > record.step) this.#say('repeated', `${record.step + 1}–${reached}`);
    await this.#save();
    return { rows, resume };
  }

  async #take(event: TrainingEvent): Promise<void> {
    const { record } = this;
    switch (event.kind) {
      case 'prepared': {
        const { hash } = event.plan;
        const device = `${event.plan.device}, ${browser()}`;
        const before = this.#computedBy;
        record.plan = { ...event.plan, device };
        record.steps = event.steps;
        if (before && (before.planHash !== hash || before.device !== device)) this.#say('otherPlan', '');
        return this.#save();
      }
      case 'doing':
        return this.#doing(event.what, event.share);
      case 'step':
        record.step = event.step;
        return await this.#progress();
      case 'metrics':
        return this.#log.append(event.step, { kind: 'metrics', values: event.values });
      case 'samples':
        return this.#log.append(event.step, { kind: 'samples', texts: event.texts });
      case 'log':
        return this.#log.append(event.step, { kind: 'log', text: event.text, detail: event.detail });
      case 'checkpoint':
        return this.#checkpoint(event.state, 'checkpoint');
      case 'rebuilt':
        record.step = event.step;
        await this.#log.cut(this.#kept);
        return this.#save();
    }
  }

  async #end(state: SftState): Promise<void> {
    const { record, control } = this;
    record.step = state.step;
    const whole = state.step === record.steps && state.evaluated;
    const pausing = (): boolean => control.wish === 'pause' && !whole;
    // Whatever is cut off from here on: the run can end once more from this checkpoint.
    await this.#checkpoint(state, pausing() ? 'paused' : null);
    if (this.#deleted) return;
    if (pausing()) return this.#close('paused'); // asked again: a stop may have come while it was written
    record.adapterId = await this.#keepAdapter(state);
    const status = whole ? 'done' : 'stopped';
    this.#say(status, '');
    record.checkpoint = null;
    await this.#close(status);
    await deleteCheckpoint(record.id);
  }

  /** Under the id of the run: an end that was cut off and comes again leaves the same adapter, no second one. */
  async #keepAdapter({ values }: SftState): Promise<string> {
    const { projectId, name, id, modelId, modelSha256, config } = this.record;
    const lora = loraOf(config);
    const parts = await this.engine.job(async ({ model }) => loraParts(model.config, lora).parts);
    const createdAt = new Date().toISOString();
    const from = { projectId, name, runId: id, baseModelId: modelId, baseSha256: modelSha256 };
    await writeAdapter({ ...from, id, taskType: 'CAUSAL_LM', lora, createdAt }, parts, values);
    return id;
  }

  /** Log, file, pointer, in this order: whatever is cut off, what is there belongs together. */
  async #checkpoint(state: SftState, text: LogText | null): Promise<void> {
    const { record } = this;
    this.#doing('saving', null);
    if (text) this.#log.append(state.step, { kind: 'log', text, detail: `${state.step}` });
    await this.#log.flush();
    const events = this.#log.length;
    const planHash = record.plan?.hash ?? '';
    const computedBy = { planHash, device: record.plan?.device ?? '' };
    const facts = { ...computedBy, baseSha256: record.modelSha256, dataHash: record.data?.hash ?? '', events };
    const bytes = await writeCheckpoint(record.id, { ...facts, state });
    record.checkpoint = { step: state.step, bytes, savedAt: new Date().toISOString(), planHash, events };
    this.#kept = events;
    this.#computedBy = computedBy;
    await this.#save();
  }

  async #close(status: RunStatus, problem = ''): Promise<void> {
    const endedAt = status === 'paused' ? null : new Date().toISOString();
    Object.assign(this.record, { status, problem, endedAt });
    await this.#log.flush();
    await this.#save();
  }

  async #save(): Promise<void> {
    const now = performance.now();
    this.record.trainedMs += now - this.#since;
    this.#since = now;
    if (await saveRun(this.db, this.record)) this.onEvent({ kind: 'run', run: this.record });
    else this.#gone();
  }

  #gone(): void {
    this.#deleted = true;
    this.control.abort.abort();
  }

  #say(text: LogText, detail: string): void {
    this.#log.append(this.record.step, { kind: 'log', text, detail });
  }

  /** A few times a second: a page needs no more. What a person did to the run meanwhile counts at once. */
  async #progress(): Promise<void> {
    const now = performance.now();
    if (now - this.#told < BETWEEN_EVENTS_MS) return;
    this.#told = now;
    const { record } = this;
    const stored = await this.db.get('runs', record.id);
    if (!stored) return this.#gone();
    record.name = stored.name;
    this.onEvent({ kind: 'run', run: record });
    this.#doing('training', record.steps > 0 ? record.step / record.steps : null);
  }

  #doing(what: Extract<TrainEvent, { kind: 'doing' }>['what'], share: number | null): void {
    this.onEvent({ kind: 'doing', runId: this.record.id, what, share });
  }
}

/** "Chrome/130.0": name and version, for the person. */
const browser = (): string => /(Firefox|Edg|Chrome|Version)\/[\d.]+/.exec(navigator.userAgent)?.[0] ?? 'a browser';
