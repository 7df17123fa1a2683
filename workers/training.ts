// Training in the engine worker: a stored run is trained over the loaded base, logged as it goes, kept, and left as an
// adapter. A worker that is killed leaves the run as it was at its last checkpoint, with the status "running".
import type { Engine } from '../src/engine/engine.ts';
import { forecastRun } from '../src/engine/training/forecast.ts';
import { RowsError, type PreparedRows } from '../src/engine/training/prepare.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import type { SftConfig } from '../src/records/config.ts';
import { validateRun, type Run } from '../src/records/run.ts';
import { revisionKey } from '../src/storage/demonstrations.ts';
import { runLock } from '../src/storage/ownedFiles.ts';
import type { Forecast, TrainEvent } from './api.ts';
import { Course, type Control } from './course.ts';
import { database } from './database.ts';
import { demonstrationRows, prepareRun, type Surroundings } from './runKinds.ts';
import { RunProblem } from './runStore.ts';

export class Training {
  /** The run under way. */
  #running: (Control & { runId: string }) | null = null;
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
      return {
        data: rows.data,
        ...(await this.engine.forecast((gpu, model) => forecastRun(gpu, model, rows, config))),
      };
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
        return new Course(this.engine, db, validateRun(run), running, onEvent, async (record) =>
          prepareRun(await this.#around(), record),
        ).run();
      });
    } finally {
      this.#running = null;
    }
  }

  /** Encoded anew only where something that they depend on has changed. */
  async #knownRows(projectId: string, config: SftConfig, base: BaseModel): Promise<PreparedRows> {
    const around = await this.#around();
    const revision = await around.db.get('settings', revisionKey(projectId)); // before the rows: never too new
    const { maxLength, seed, testShare } = config;
    const key = JSON.stringify([projectId, revision, base.id, base.sha256, maxLength, seed, testShare]);
    if (revision === undefined || this.#known?.key !== key)
      this.#known = { key, rows: await demonstrationRows(around, projectId, config) };
    return this.#known.rows;
  }

  async #around(): Promise<Surroundings> {
    return { engine: this.engine, db: await database(), base: this.#base() };
  }

  #base(): BaseModel {
    if (!this.engine.base) throw new RunProblem('run: its base must be loaded, got none. Load the model first.');
    return this.engine.base;
  }
}
