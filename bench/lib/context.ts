// What every bench gets, and how contenders are timed: interleaved, medians, one process, one adapter.
import type { Gpu, Needs } from '../../src/engine/gpu/device.ts';

export interface BenchContext {
  home: 'browser' | 'node';
  /** "Chrome 145.0…" or "Node v20… with Dawn". */
  version: string;
  /** A fresh device of our engine. */
  openGpu(needs?: Needs): Promise<Gpu>;
  /** A file of the project, its path from the project's root. */
  file(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** One result: one JSON object on a line of standard output. */
  emit(line: Readonly<Record<string, unknown>>): void;
  /** Progress, on standard error. */
  note(text: string): void;
  /** The word after --only: a bench may run the part of it that it names. */
  only: string;
}

/** A bench is a file bench/<name>.ts that exports these two. */
export interface Bench {
  description: string;
  run(ctx: BenchContext): Promise<void>;
}

export interface Contender {
  name: string;
  /** Does the work `times` times and waits for the end. */
  go(times: number): Promise<void>;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

async function milliseconds(contender: Contender, times: number): Promise<number> {
  const start = performance.now();
  await contender.go(times);
  return (performance.now() - start) / times;
}

/** Repetitions that take about `targetMs`, from one warm run. */
async function repetitions(contender: Contender, targetMs: number): Promise<number> {
  await contender.go(1);
  const once = await milliseconds(contender, 1);
  const few = Math.min(20, Math.max(1, Math.round(targetMs / 4 / once)));
  return Math.max(1, Math.round(targetMs / (await milliseconds(contender, few))));
}

/** Milliseconds of one run of each contender: medians over `rounds` rounds A B C A B C … of `targetMs` each. */
export async function interleave(contenders: readonly Contender[], rounds: number, targetMs = 30): Promise<number[]> {
  const times: number[] = [];
  for (const c of contenders) times.push(await repetitions(c, targetMs));
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [i, c] of contenders.entries()) samples[i]?.push(await milliseconds(c, times[i] ?? 1));
  return samples.map(median);
}
