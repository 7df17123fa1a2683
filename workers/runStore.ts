// Runs in storage: their records, their logs in batches and in order, and their checkpoints, file first.
import { openSafetensors, writeSafetensors } from '../src/formats/safetensors.ts';
import type { SftState } from '../src/engine/training/sft.ts';
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
  state: SftState;
}

/** The number of bytes, once the file is in place. */
export async function writeCheckpoint(runId: string, { state, ...facts }: Checkpoint): Promise<number> {
  const { step, sampled, evaluated, matched, values, m, v } = state;
  const shape = [values.length];
  const bytes = writeSafetensors(
    [
      { name: 'adapter', shape, values, dtype: 'F32' },
      { name: 'm', shape, values: m, dtype: 'F32' },
      { name: 'v', shape, values: v, dtype: 'F32' },
    ],
    {
      run: runId,
      step: `${step}`,
      sampled: `${sampled}`,
      evaluated: `${evaluated}`,
      matched: `${matched}`,
      base_sha256: facts.baseSha256,
      data_hash: facts.dataHash,
      plan_hash: facts.planHash,
      device: facts.device,
      events: `${facts.events}`,
    },
  );
  return writeFile(checkpointPath(runId), piecesOf(new Blob([bytes])));
}

/** null where the run has none. The file counts, not the run's pointer: it is written first. */
export async function readCheckpoint(runId: string): Promise<Checkpoint | null> {
  const file = await readFile(checkpointPath(runId));
  if (!file) return null;
  const { header, parts } = await openSafetensors(file.stream(), checkpointPath(runId));
  const tensors = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { name, shape } of header.tensors) tensors.set(name, new Float32Array(shape[0] ?? 0));
  for await (const { entry, offset, values } of parts) tensors.get(entry.name)?.set(values, offset);
  const { metadata } = header;
  const [values, m, v] = ['adapter', 'm', 'v'].map((name) => tensors.get(name));
  const [step, events] = [Number(metadata.step), Number(metadata.events)];
  if (!values || !m || !v || metadata.run !== runId || !Number.isInteger(step) || !Number.isInteger(events))
    throw new RunProblem(
      `checkpoint: must hold adapter, m, v and the step of this run, got ${JSON.stringify(metadata)}. Start a new run.`,
    );
  const text = (key: string): string => metadata[key] ?? '';
  const told = (key: string): boolean => metadata[key] === 'true';
  const [sampled, evaluated, matched] = [told('sampled'), told('evaluated'), told('matched')];
  return {
    state: { step, sampled, evaluated, matched, values, m, v },
    baseSha256: text('base_sha256'),
    dataHash: text('data_hash'),
    planHash: text('plan_hash'),
    device: text('device'),
    events,
  };
}

/** Of a run that has ended for good: nothing goes on from it. */
export const deleteCheckpoint = (runId: string): Promise<void> => deleteFolder(runFolder(runId)).catch(() => undefined); // in use: it goes with the run
