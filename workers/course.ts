// One run in the engine worker, from where it stands to its end: prepared, trained, logged as it goes, kept at checkpoints,
// and left as an adapter. Whatever its kind: see runKinds.ts.
import type { Engine } from '../src/engine/engine.ts';
import type { TrainingEvent } from '../src/engine/training/resilient.ts';
import { isWhole, type TrainerState } from '../src/engine/training/state.ts';
import type { AlarmName, LogText, Run, RunStatus } from '../src/records/run.ts';
import type { Database } from '../src/storage/database.ts';
import { removeAdapter, writeAdapter } from './adapters.ts';
import type { TrainEvent } from './api.ts';
import type { PreparedRun } from './runParts.ts';
import { deleteCheckpoint, readCheckpoint, RunLog, RunProblem, saveRun, writeCheckpoint } from './runStore.ts';

const BETWEEN_EVENTS_MS = 100;

/** What the person wants of it meanwhile. */
export interface Control {
  wish: 'pause' | 'stop' | null;
  abort: AbortController;
}

export class Course {
  readonly #log: RunLog;
  #since = performance.now();
  #told = 0;
  /** Of the last checkpoint, from which it goes on when the device is lost: where the log is cut, and what computed it. */
  #kept = 0;
  #computedBy: { planHash: string; device: string } | null = null;
  /** Meanwhile, by the person: nothing of it is kept. */
  #deleted = false;
  /** The last serious one. */
  #alarm: AlarmName | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly db: Database,
    private readonly record: Run,
    private readonly control: Control,
    private readonly onEvent: (event: TrainEvent) => void,
    private readonly prepare: (run: Run) => Promise<PreparedRun>,
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
      const { prepared, resume } = await this.#prepare();
      const { signal } = this.control.abort;
      const onCompile = (done: number, total: number): void => this.#doing('compiling', done / total);
      const trainer = this.engine.train(
        (parts, from) => prepared.start({ ...parts, resume: from, signal, onCompile }),
        resume?.state ?? null,
      );
      try {
        let next = await trainer.next();
        for (; !next.done; next = await trainer.next()) await this.#take(next.value);
        await this.#end(prepared, next.value);
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

  /** Reads what it learns from and the checkpoint, and holds both against the run. */
  async #prepare() {
    const { engine, record } = this;
    const { base } = engine;
    if (base?.id !== record.modelId || base.sha256 !== record.modelSha256)
      throw new RunProblem(
        `run: its base "${record.modelId}" (${record.modelSha256.slice(0, 8)}) must be loaded, got ` +
          `${base ? `"${base.id}" (${base.sha256.slice(0, 8)})` : 'none'}. Load that model, or start a new run.`,
      );
    const prepared = await this.prepare(record);
    const { data } = prepared;
    const resume = await readCheckpoint(record.id);
    if (resume && (resume.dataHash !== data.hash || resume.baseSha256 !== base.sha256))
      throw new RunProblem(
        'run: the rows must be those that it began with, got others. Start a new run, or bring the rows back.',
      );
    record.data = data;
    record.step = resume?.state.step ?? 0;
    this.#kept = resume?.events ?? 0;
    this.#computedBy = resume;
    await this.#log.cut(this.#kept);
    this.#say(resume ? 'resumed' : 'started', resume ? `${resume.state.step}` : '');
    const { reached } = this.#log;
    if (reached > record.step) this.#say('repeated', `${record.step + 1}–${reached}`);
    await this.#save();
    return { prepared, resume };
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
      case 'samples':
      case 'log':
      case 'rollouts':
      case 'alarm': {
        const { step, ...body } = event;
        if (body.kind === 'alarm' && body.serious) this.#alarm = body.alarm;
        return this.#log.append(step, body);
      }
      case 'checkpoint':
        return this.#checkpoint(event.state, 'checkpoint');
      case 'rebuilt':
        record.step = event.step;
        await this.#log.cut(this.#kept);
        return this.#save();
    }
  }

  async #end(prepared: PreparedRun, state: TrainerState): Promise<void> {
    const { record, control } = this;
    record.step = state.step;
    const whole = isWhole(state, record.steps);
    const alarmed = state.facts.alarmed === true;
    const pausing = (): boolean => !whole && (control.wish === 'pause' || (alarmed && control.wish !== 'stop'));
    const text = alarmed && control.wish === null ? 'alarmed' : 'paused';
    // Whatever is cut off from here on: the run can end once more from this checkpoint.
    await this.#checkpoint(state, pausing() ? text : null, text === 'alarmed' ? (this.#alarm ?? '') : `${state.step}`);
    if (this.#deleted) return;
    if (pausing()) return this.#close('paused'); // asked again: a stop may have come while it was written
    const adapterId = await this.#keepAdapter(prepared, state);
    if (!(await this.#judged(prepared))) return;
    record.adapterId = adapterId;
    const status = whole ? 'done' : 'stopped';
    this.#say(status, '');
    record.checkpoint = null;
    await this.#close(status);
    await deleteCheckpoint(record.id);
  }

  /** Under the id of the run: an end that was cut off and comes again leaves the same adapter, no second one. */
  async #keepAdapter(prepared: PreparedRun, state: TrainerState): Promise<string> {
    const { projectId, name, id, modelId, modelSha256 } = this.record;
    const createdAt = new Date().toISOString();
    const from = { projectId, name, runId: id, baseModelId: modelId, baseSha256: modelSha256 };
    const { parts, values, head, ...left } = await prepared.leaves(state);
    await writeAdapter({ ...from, id, createdAt, ...left }, parts, values, head);
    return id;
  }

  /** What is found out about the adapter belongs to the run: without it the run is not done. */
  async #judged({ judge }: PreparedRun): Promise<boolean> {
    const { record, control } = this;
    if (!judge) return true;
    const asked = control.wish; // what led here does not end this
    const cutOff = (): boolean => asked === null && control.wish === 'pause';
    await judge(async (share) => {
      this.#doing('scoring', share);
      if ((await this.db.getKey('runs', record.id)) === undefined) this.#gone();
      return !this.#deleted && !cutOff();
    });
    if (this.#deleted) await removeAdapter(record.id);
    else if (cutOff()) await this.#close('paused');
    return !this.#deleted && !cutOff();
  }

  /** Log, file, pointer, in this order: whatever is cut off, what is there belongs together. */
  async #checkpoint(state: TrainerState, text: LogText | null, detail = `${state.step}`): Promise<void> {
    const { record } = this;
    this.#doing('saving', null);
    if (text) this.#log.append(state.step, { kind: 'log', text, detail });
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
