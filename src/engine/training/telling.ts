// What trainers share in telling how they go: speed, shares of work under way, lines of the log.
import type { LogText, MetricName } from '../../records/run.ts';
import type { Doing, TrainerEvent } from './state.ts';
import { STEPS_AHEAD } from './step.ts';

/** Steps are submitted ahead for about so long: an answer that is asked for meanwhile waits for them. */
const AHEAD_MS = 300;
/** Over so many the speed is told: more than are ever under way. */
const FLOW_STEPS = 2 * STEPS_AHEAD;

/** How fast the steps go, and how many may be submitted ahead: fewer where they are long. */
export class Flow {
  readonly #begun: { tokens: number; at: number }[] = [];
  /** The latest steps: two that are read back to back have no time of their own, together they have. */
  readonly #ended: { tokens: number; ms: number }[] = [];
  #last = 0;
  /** At least one, so that the GPU never waits for us. */
  ahead = 1;

  begin(tokens: number): void {
    this.#begun.push({ tokens, at: performance.now() });
  }

  /** Tokens per second of the latest steps, up to the oldest that was begun and is done now. */
  end(): number {
    const now = performance.now();
    const { tokens = 0, at = now } = this.#begun.shift() ?? {};
    this.#ended.push({ tokens, ms: now - Math.max(at, this.#last) });
    if (this.#ended.length > FLOW_STEPS) this.#ended.shift();
    this.#last = now;
    const sum = (of: 'tokens' | 'ms'): number => this.#ended.reduce((all, step) => all + step[of], 0);
    const ms = Math.max(1e-3, sum('ms') / this.#ended.length);
    this.ahead = Math.max(1, Math.min(STEPS_AHEAD, Math.floor(AHEAD_MS / ms)));
    return (1000 * sum('tokens')) / (ms * this.#ended.length);
  }
}

/** Work that yields its share, told as it goes; its end is the value. */
export async function* shares<T>(
  what: Doing,
  work: AsyncGenerator<number, T, void>,
): AsyncGenerator<TrainerEvent, T, void> {
  try {
    for (;;) {
      const next = await work.next();
      if (next.done) return next.value;
      yield { kind: 'doing', what, share: next.value };
    }
  } finally {
    await work.return(undefined as T);
  }
}

export const log = (step: number, text: LogText, detail: string): TrainerEvent => ({ kind: 'log', step, text, detail });

/** Those that a chart can show. */
export const finite = (values: Partial<Record<MetricName, number>>): Partial<Record<MetricName, number>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
