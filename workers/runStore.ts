// Runs in storage: their records, their logs in batches and in order, and their checkpoints, file first.
import { openSafetensors, writeSafetensors } from '../src/formats/safetensors.ts';
import type { TrainerState } from '../src/engine/training/state.ts';
import {
  checkpointPath,
  runFolder,
  type LogText,
  type Run,
  type RunEvent,
  type RunEventBody,
} from '../src/records/run.ts';
import { write, type Database } from '../src/storage/database.ts';
import { deleteFolder, piecesOf, readFile, writeFile } from '../src/storage/files.ts';
import type { TrainEvent } from './api.ts';

/** `name` is what the message table tests. */
export class RunProblem extends Error {
  override name = 'RunProblem';
}

const BATCH_MS = 1000;
const INTERRUPTIONS: ReadonlySet<LogText> = new Set(['resumed', 'repeated', 'deviceLost']);

/** The log of a run: told at once, kept within a second, as long as the run is there; `onGone` when it is not. */
export class RunLog {
  #waiting: RunEvent[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #writes: Promise<unknown> = Promise.resolve();
  length = 0;
  /** Of the last event that is kept when it is opened. */
  reached = 0;

  constructor(
    private readonly db: Database,
    private readonly runId: string,
    private readonly onEvent: (event: TrainEvent) => void,
    private readonly onGone: () => void,
  ) {}

  /** Goes on behind what is kept. */
  async open(): Promise<void> {
    const keys = IDBKeyRange.bound([this.runId, 0], [this.runId, Infinity]);
    const last = await this.db.transaction('runEvents').store.openCursor(keys, 'prev');
    this.length = last ? last.key[1] + 1 : 0;
    this.reached = last?.value.step ?? 0;
  }

  append(step: number, body: RunEventBody): void {
    this.#tell({ runId: this.runId, index: this.length++, step, at: Date.now(), ...body });
  }

  #tell(event: RunEvent): void {
    this.#waiting.push(event);
    this.onEvent({ kind: 'event', event });
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), BATCH_MS); // told by the next flush
  }

  /** Everything is kept when it resolves. A batch that could not be written is written again with the next. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const next = this.#writes.then(async () => {
      const batch = [...this.#waiting];
      if (batch.length === 0) return;
      await write(this.db, ['runs', 'runEvents'], async (tx) => {
        if ((await tx.objectStore('runs').getKey(this.runId)) === undefined) return this.onGone();
        for (const event of batch) await tx.objectStore('runEvents').put(event);
      });
      this.#waiting = this.#waiting.slice(batch.length);
    });
    this.#writes = next.catch(() => undefined);
    return next;
  }

  /** What came after is computed again; that the run was interrupted there, and went on, stays told. */
  async cut(from: number): Promise<void> {
    await this.flush();
    const after = IDBKeyRange.bound([this.runId, from], [this.runId, Infinity]);
    const cut = await this.db.getAll('runEvents', after);
    await write(this.db, ['runEvents'], (tx) => tx.store.delete(after));
    this.length = from;
    this.onEvent({ kind: 'cut', runId: this.runId, from });
    for (const event of cut)
      if (event.kind === 'log' && INTERRUPTIONS.has(event.text)) this.#tell({ ...event, index: this.length++ });
  }
}

/** What a person changed meanwhile (its name) stays, and is taken over; false when the run has been deleted. */
export async function saveRun(db: Database, run: Run): Promise<boolean> {
  let there = false;
  await write(db, ['runs'], async (tx) => {
    const stored = await tx.store.get(run.id);
    there = stored !== undefined;
    if (!stored) return;
    run.name = stored.name;
    await tx.store.put(run);
  });
  return there;
}

/** What a checkpoint belongs to. */
export interface CheckpointFacts {
  baseSha256: string;
  dataHash: string;
  planHash: string;
  device: string;
  /** Events of the log up to here. */
  events: number;
}

export interface Checkpoint extends CheckpointFacts {
  state: TrainerState;
}

/** Metadata that is not the trainer's; every other name is one of its facts. */
const OWN = ['run', 'step', 'base_sha256', 'data_hash', 'plan_hash', 'device', 'events'];

/** The number of bytes, once the file is in place. */
export async function writeCheckpoint(runId: string, { state, ...about }: Checkpoint): Promise<number> {
  const { step, tensors, facts } = state;
  const taken = OWN.find((name) => name in facts);
  if (taken) throw new RunProblem(`checkpoint: a fact must have a name of its own, got "${taken}". Report it.`);
  const bytes = writeSafetensors(
    Object.entries(tensors).map(([name, values]) => ({ name, shape: [values.length], values, dtype: 'F32' })),
    {
      ...Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, textOf(fact)])),
      run: runId,
      step: `${step}`,
      base_sha256: about.baseSha256,
      data_hash: about.dataHash,
      plan_hash: about.planHash,
      device: about.device,
      events: `${about.events}`,
    },
  );
  return writeFile(checkpointPath(runId), piecesOf(new Blob([bytes])));
}

/** Numbers survive exactly: JavaScript writes the shortest text that reads back the same, and loses only the sign of 0. */
const textOf = (fact: number | boolean): string => (Object.is(fact, -0) ? '-0' : `${fact}`);
const factOf = (text: string): number | boolean =>
  text === 'true' || text === 'false' ? text === 'true' : Number(text);

/** null where the run has none. The file counts, not the run's pointer: it is written first. */
export async function readCheckpoint(runId: string): Promise<Checkpoint | null> {
  const file = await readFile(checkpointPath(runId));
  if (!file) return null;
  const { header, parts } = await openSafetensors(file.stream(), checkpointPath(runId));
  const tensors: Record<string, Float32Array<ArrayBuffer>> = {};
  for (const { name, shape } of header.tensors) tensors[name] = new Float32Array(shape[0] ?? 0);
  for await (const { entry, offset, values } of parts) tensors[entry.name]?.set(values, offset);
  const { metadata } = header;
  const [step, events] = [Number(metadata.step), Number(metadata.events)];
  if (!tensors.adapter || metadata.run !== runId || !Number.isInteger(step) || !Number.isInteger(events))
    throw new RunProblem(
      `checkpoint: must hold the adapter and the step of this run, got ${JSON.stringify(metadata)}. Start a new run.`,
    );
  const text = (key: string): string => metadata[key] ?? '';
  const told = Object.entries(metadata).filter(([name]) => !OWN.includes(name));
  return {
    state: { step, tensors, facts: Object.fromEntries(told.map(([name, value]) => [name, factOf(value)])) },
    baseSha256: text('base_sha256'),
    dataHash: text('data_hash'),
    planHash: text('plan_hash'),
    device: text('device'),
    events,
  };
}

/** Of a run that has ended for good: nothing goes on from it. */
export const deleteCheckpoint = (runId: string): Promise<void> => deleteFolder(runFolder(runId)).catch(() => undefined); // in use: it goes with the run
