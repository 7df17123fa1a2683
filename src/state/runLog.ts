// The log of one run as pages draw it: a line per metric, answers, sentences; grows at its end, is cut back at a resume.
import type { MetricName, Rollout, RunEvent } from '../records/run.ts';

/** A metric over the steps: appended to without copying what is there. */
export class Line {
  #x = new Float64Array(64);
  #y = new Float64Array(64);
  #length = 0;

  get x(): Float64Array {
    return this.#x.subarray(0, this.#length);
  }
  get y(): Float64Array {
    return this.#y.subarray(0, this.#length);
  }
  get last(): number | null {
    return this.#length > 0 ? (this.#y[this.#length - 1] ?? null) : null;
  }
  get first(): number | null {
    return this.#length > 0 ? (this.#y[0] ?? null) : null;
  }

  push(x: number, y: number): void {
    if (this.#length === this.#x.length) {
      this.#x = grown(this.#x);
      this.#y = grown(this.#y);
    }
    this.#x[this.#length] = x;
    this.#y[this.#length++] = y;
  }
}

function grown(full: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(2 * full.length);
  wider.set(full);
  return wider;
}

export interface Answers {
  step: number;
  at: number;
  /** One per prompt of the run. */
  texts: readonly string[];
  /** What each is paid, where something pays. */
  scores?: readonly number[];
}

/** A few of a step's practice answers. */
export interface Practice {
  step: number;
  rollouts: readonly Rollout[];
}

export type LogLine = Extract<RunEvent, { kind: 'log' }>;
export type Alarm = Extract<RunEvent, { kind: 'alarm' }>;
type Measured = Extract<RunEvent, { kind: 'metrics' }>;
/** A sentence of the log; numbers of a test are one too. */
export type Said = LogLine | Alarm | Measured;

const NO_LINE = new Line();
/** Steps whose pace tells how long the others will take. */
const PACE_STEPS = 20;

export class ShownLog {
  #events: RunEvent[] = [];
  #lines = new Map<MetricName, Line>();
  #answers: Answers[] = [];
  #practice: Practice[] = [];
  #said: Said[] = [];

  constructor(events: readonly RunEvent[] = []) {
    for (const event of events) this.push(event);
  }

  get answers(): readonly Answers[] {
    return this.#answers;
  }
  /** In the order of the steps. */
  get practice(): readonly Practice[] {
    return this.#practice;
  }
  get alarms(): readonly Alarm[] {
    return this.#said.filter((event) => event.kind === 'alarm');
  }
  /** Sentences, alarms, and the numbers of tests, in their order. */
  get said(): readonly Said[] {
    return this.#said;
  }
  get length(): number {
    return this.#events.length;
  }
  get step(): number {
    return this.#events.at(-1)?.step ?? 0;
  }

  line(name: MetricName): Line {
    return this.#lines.get(name) ?? NO_LINE;
  }

  /** An event that is already here (read from the disk and told live) changes nothing. */
  push(event: RunEvent): void {
    const last = this.#events.at(-1);
    if (last && event.index <= last.index) return;
    this.#events.push(event);
    if (event.kind === 'metrics') {
      if (Object.keys(event.values).some((name) => name.startsWith('test/'))) this.#said.push(event);
      for (const [name, value] of Object.entries(event.values) as [MetricName, number][]) this.#add(name, event, value);
    } else if (event.kind === 'samples') {
      const { step, at, texts, scores } = event;
      this.#answers.push({ step, at, texts, ...(scores && { scores }) });
    } else if (event.kind === 'rollouts') this.#practice.push({ step: event.step, rollouts: event.rollouts });
    else this.#said.push(event);
  }

  /** What came at this index and after is computed again. */
  cut(from: number): void {
    const kept = this.#events.filter((event) => event.index < from);
    this.#events = [];
    this.#lines = new Map();
    this.#answers = [];
    this.#practice = [];
    this.#said = [];
    for (const event of kept) this.push(event);
  }

  /** Mean time of the latest steps in ms, evaluations between them included; null before the third step. */
  get stepMs(): number | null {
    const times: number[] = [];
    for (let i = this.#events.length - 1; i >= 0 && times.length <= PACE_STEPS; i--) {
      const event = this.#events[i];
      if (event?.kind === 'log' && (event.text === 'resumed' || event.text === 'started')) break; // a pause is no pace
      if (event?.kind === 'metrics' && isStep(event)) times.push(event.at);
    }
    const [newest, oldest] = [times[0], times.at(-1)];
    return times.length < 3 || newest === undefined || oldest === undefined
      ? null
      : (newest - oldest) / (times.length - 1);
  }

  #add(name: MetricName, { step }: RunEvent, value: number): void {
    const line = this.#lines.get(name) ?? new Line();
    line.push(step, value);
    this.#lines.set(name, line);
  }
}

/** What every step tells once. */
const isStep = ({ values }: Measured): boolean =>
  values['train/loss'] !== undefined || values['objective/scores'] !== undefined;

/** Exponential mean whose first values count fully:  s ← β s + (1 − β) y,  shown s / (1 − βⁿ). */
export function smooth(y: ArrayLike<number>): Float64Array {
  const beta = 1 - 1 / Math.min(20, Math.max(2, y.length / 20)); // over a twentieth of the steps
  const out = new Float64Array(y.length);
  let mean = 0;
  let weight = 1;
  for (let i = 0; i < y.length; i++) {
    mean = beta * mean + (1 - beta) * (y[i] ?? 0);
    weight *= beta;
    out[i] = mean / (1 - weight);
  }
  return out;
}

/** Word for word, as exact match counts it: spaces at the ends are no words. */
export const isRight = (answer: string, expected: string): boolean => answer.trim() === expected.trim();

const folded = (text: string): string => text.toLowerCase().replaceAll(/\s+/gu, ' ').trim();
const IN_WORD = /[\p{L}\p{N}]/u;

/** What PPO asks of an answer: that the known one stands in it, as words of its own. */
export function holds(answer: string, known: string): boolean {
  const [text, wanted] = [folded(answer), folded(known)];
  if (wanted === '') return false;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1))
    if (!IN_WORD.test(text[at - 1] ?? '') && !IN_WORD.test(text[at + wanted.length] ?? '')) return true;
  return false;
}
