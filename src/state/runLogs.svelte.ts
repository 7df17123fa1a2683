// The logs that pages look at: read once, grown by live events; drawn a few times a second.
import type { RunEvent } from '../records/run.ts';
import { ShownLog } from './runLog.ts';
import { runs } from './runs.svelte.ts';

const DRAW_MS = 150;

/** Of all logs: a counter made while something is derived would not be seen by that very derivation. */
class Version {
  #count = $state(0);
  #timer: ReturnType<typeof setTimeout> | null = null;

  get now(): number {
    return this.#count;
  }

  next(): void {
    this.#count++;
  }

  /** Steps of a fast GPU come faster than lines of ten thousand points can be drawn. */
  soon(events: number): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        this.next();
      },
      DRAW_MS + events / 20,
    );
  }
}
const version = new Version();

class Shown {
  readonly #log = new ShownLog();
  /** Live events that came while the disk was read; null afterwards. */
  #early: RunEvent[] | null = [];
  /** Settles when what the disk holds has been read. */
  readonly read: Promise<void>;

  constructor(runId: string) {
    this.read = runs.events(runId).then((events) => {
      for (const event of [...events, ...(this.#early ?? [])]) this.#log.push(event);
      this.#early = null;
      version.next();
    });
  }

  /** Reactive: whoever reads it is told of what comes. The object stays the same: derive from its parts. */
  get log(): ShownLog {
    void version.now;
    return this.#log;
  }

  push(event: RunEvent): void {
    if (this.#early) this.#early.push(event);
    else this.#log.push(event);
    version.soon(this.#log.length);
  }

  cut(from: number): void {
    this.#early = this.#early?.filter((event) => event.index < from) ?? null;
    this.#log.cut(from);
    version.soon(this.#log.length);
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

  /** Those that another tab has trained on meanwhile are read anew. */
  refresh(): void {
    for (const [id, { log }] of this.#shown)
      if (id !== runs.ownId && runs.find(id) && runs.find(id)?.step !== log.step) this.#shown.delete(id);
    version.next();
  }
}

export const runLogs = new RunLogs();
