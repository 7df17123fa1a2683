// The logs that pages look at: read once, grown by live events; drawn at most once a frame.
import type { RunEvent } from '../records/run.ts';
import { RunLog } from './runLog.ts';
import { runs } from './runs.svelte.ts';

class Shown {
  readonly #log = new RunLog();
  #version = $state(0);
  #frame = 0;
  /** Settles when what the disk holds has been read. */
  readonly read: Promise<void>;

  constructor(runId: string) {
    this.read = runs.events(runId).then((events) => {
      // Live events may have come first: the stored ones are older, or the same.
      const rest = this.#early;
      this.#early = null;
      for (const event of events) this.#log.push(event);
      for (const event of rest ?? []) this.#log.push(event);
      this.#version++;
    });
  }

  #early: RunEvent[] | null = [];

  /** Reactive: whoever reads it is told of what comes. */
  get log(): RunLog {
    void this.#version;
    return this.#log;
  }
  get version(): number {
    return this.#version;
  }

  push(event: RunEvent): void {
    if (this.#early) this.#early.push(event);
    else this.#log.push(event);
    this.#soon();
  }

  cut(from: number): void {
    this.#early = this.#early?.filter((event) => event.index < from) ?? null;
    this.#log.cut(from);
    this.#soon();
  }

  #soon(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#version++;
    });
  }
}

class RunLogs {
  #shown = new Map<string, Shown>();

  of(runId: string): Shown {
    let shown = this.#shown.get(runId);
    if (!shown) {
      shown = new Shown(runId);
      this.#shown.set(runId, shown);
      const own = shown;
      own.read.catch(() => this.#shown.get(runId) === own && this.#shown.delete(runId)); // the next look tries again
    }
    return shown;
  }

  /** Read anew at the next look: another tab has trained it. */
  forget(runId: string): void {
    this.#shown.delete(runId);
  }
}

export const runLogs = new RunLogs();
