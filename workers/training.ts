// Training in the engine worker: a stored run is trained over the loaded base, logged as it goes, kept, and left as an
// adapter. A worker that is killed leaves the run as it was at its last checkpoint, with the status "running".
import type { Engine } from '../src/engine/engine.ts';
import { forecastRun } from '../src/engine/training/forecast.ts';
import { forecastPpo } from '../src/engine/training/forecastPpo.ts';
import { forecastReward } from '../src/engine/training/forecastReward.ts';
import type { PreparedPairs } from '../src/engine/training/pairs.ts';
import type { PreparedRows } from '../src/engine/training/prepare.ts';
import type { BaseModel } from '../src/records/baseModel.ts';
import type { SftConfig } from '../src/records/config.ts';
import type { PpoConfig } from '../src/records/ppoConfig.ts';
import type { RewardConfig } from '../src/records/rewardConfig.ts';
import { validateRun, type Run, type RunData } from '../src/records/run.ts';
import { revisionKey } from '../src/storage/demonstrations.ts';
import { runLock } from '../src/storage/ownedFiles.ts';
import { readMerged, readPreferenceEdits } from '../src/storage/preferences.ts';
import type { Forecast, TrainEvent } from './api.ts';
import { Course, type Control } from './course.ts';
import { database } from './database.ts';
import { practising } from './ppoRun.ts';
import { preparedPairs } from './rewardRun.ts';
import { demonstrationRows, prepareRun } from './runKinds.ts';
import type { Surroundings } from './runParts.ts';
import { RunProblem } from './runStore.ts';

type Reckon = Parameters<Engine['forecast']>[0];

/** Names of the errors that say what a project lacks. */
const LACKS: ReadonlySet<string> = new Set(['RowsError', 'PromptsError', 'RunProblem', 'AdapterGone']);

export class Training {
  /** The run under way. */
  #running: (Control & { runId: string }) | null = null;
  /** What the last forecasts read: most settings leave the rows as they are. */
  #rows: { key: string; known: PreparedRows } | null = null;
  #pairs: { key: string; known: PreparedPairs } | null = null;

  constructor(private readonly engine: Engine) {}

  /** The run that is trained now; null where there is none. */
  get runId(): string | null {
    return this.#running?.runId ?? null;
  }

  forecast(projectId: string, config: SftConfig): Promise<Forecast> {
    return this.#forecast(async (around) => {
      const rows = await this.#knownRows(around, projectId, config);
      return { data: rows.data, reckon: (gpu, model) => forecastRun(gpu, model, rows, config) };
    });
  }

  forecastReward(projectId: string, config: RewardConfig): Promise<Forecast> {
    return this.#forecast(async (around) => {
      const pairs = await this.#knownPairs(around, projectId, config);
      return { data: pairs.data, reckon: (gpu, model) => forecastReward(gpu, model, pairs, config) };
    });
  }

  forecastPpo(projectId: string, config: PpoConfig): Promise<Forecast> {
    return this.#forecast(async (around) => {
      const { prompts, ...adapters } = await practising(around, projectId, config);
      return { data: prompts.data, reckon: (gpu, model) => forecastPpo(gpu, model, prompts, adapters, config) };
    });
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

  /** What the project lacks is part of the answer. */
  async #forecast(read: (around: Surroundings) => Promise<{ data: RunData; reckon: Reckon }>): Promise<Forecast> {
    try {
      const { data, reckon } = await read(await this.#around());
      return { data, ...(await this.engine.forecast(reckon)) };
    } catch (error) {
      if (!(error instanceof Error) || !LACKS.has(error.name)) throw error;
      const data = { train: 0, test: 0, truncated: 0, dropped: 0, hash: '' };
      const plan = { hash: '', device: '', bytes: 0, recomputedLayers: 0, layers: 0 };
      return { data, steps: 0, plan, stepMs: 0, besideMs: 0, problem: error.message };
    }
  }

  /** Encoded anew only where something that they depend on has changed. */
  async #knownRows(around: Surroundings, projectId: string, config: SftConfig): Promise<PreparedRows> {
    const { db, base } = around;
    const revision = await db.get('settings', revisionKey(projectId)); // before the rows: never too new
    const { maxLength, seed, testShare } = config;
    const key = JSON.stringify([projectId, revision, base.id, base.sha256, maxLength, seed, testShare]);
    if (revision === undefined || this.#rows?.key !== key)
      this.#rows = { key, known: await demonstrationRows(around, projectId, config) };
    return this.#rows.known;
  }

  async #knownPairs(around: Surroundings, projectId: string, config: RewardConfig): Promise<PreparedPairs> {
    const { db, base } = around;
    const revision = (await readMerged(db, projectId))?.revision;
    const edits = await readPreferenceEdits(db, projectId);
    const { maxLength, seed, testShare, useMargin } = config;
    const key = JSON.stringify([
      ...[projectId, revision, base.id, base.sha256, maxLength, seed, testShare, useMargin],
      edits,
    ]);
    if (revision === undefined || this.#pairs?.key !== key)
      this.#pairs = { key, known: (await preparedPairs(around, projectId, config)).pairs };
    return this.#pairs.known;
  }

  async #around(): Promise<Surroundings> {
    return { engine: this.engine, db: await database(), base: this.#base() };
  }

  #base(): BaseModel {
    if (!this.engine.base) throw new RunProblem('run: its base must be loaded, got none. Load the model first.');
    return this.engine.base;
  }
}
