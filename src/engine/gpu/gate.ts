// The numerics gate: does every kernel give the right numbers on this device? Drivers and compilers do err.
import type { GateResult } from '../../records/report.ts';
import type { Gpu } from './device.ts';
import { GATE_CASES, type GateCase } from './gateCases.ts';
import expectedJson from './gateExpected.json';
import { Recorder, type Program } from './program.ts';
import type { Tensor } from './tensor.ts';

/** One output of a case: some of its numbers, and a sum over all of them. */
export interface GateExpected {
  length: number;
  /** The largest absolute number: errors are relative to it. */
  scale: number;
  /** At `sampleIndices(length)`. */
  values: number[];
  checksum: number;
}

const EXPECTED: Readonly<Record<string, readonly GateExpected[]>> = expectedJson;

const SAMPLES = 16;

/** Evenly spread over an output, its first and last element among them. */
export const sampleIndices = (length: number): number[] => [
  ...new Set(Array.from({ length: SAMPLES }, (_, i) => Math.round((i * (length - 1)) / (SAMPLES - 1)))),
];

/** Σ weight · value with weights 1 … 5 in turn, so that exchanged numbers show. */
export function checksum(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (1 + (i % 5)) * (values[i] ?? Number.NaN);
  return sum;
}

/** Largest error relative to the scale; the checksum's is spread over the root of the length, as rounding is. */
export function gateError(actual: ArrayLike<number>, expected: GateExpected): number {
  if (actual.length !== expected.length) return Infinity;
  const errors = sampleIndices(expected.length).map((at, i) =>
    Math.abs((actual[at] ?? Number.NaN) - (expected.values[i] ?? Number.NaN)),
  );
  errors.push(Math.abs(checksum(actual) - expected.checksum) / (5 * Math.sqrt(expected.length)));
  // Math.max and comparisons disagree about NaN; anything that is no number is simply wrong.
  if (!errors.every(Number.isFinite)) return Infinity;
  return Math.max(...errors) / Math.max(expected.scale, 1e-30);
}

/** Runs every case; a case that throws is a result, too. */
export async function runGate(
  gpu: Gpu,
  onResult: (result: GateResult, done: number, total: number) => void = () => undefined,
  cases: readonly GateCase[] = GATE_CASES,
): Promise<GateResult[]> {
  const results: GateResult[] = [];
  for (const one of cases) {
    const start = performance.now();
    const result: GateResult = { kernel: one.name, maxError: Infinity, tolerance: one.tolerance, passed: false, ms: 0 };
    try {
      const outputs = await runCase(gpu, one);
      const expected = EXPECTED[one.name] ?? [];
      if (expected.length !== outputs.length)
        throw new Error(
          `gate: ${outputs.length} outputs must be expected of ${one.name}, got ${expected.length}. Make ` +
            'gateExpected.json again.',
        );
      result.maxError = Math.max(...outputs.map((output, i) => gateError(output, expected[i] as GateExpected)));
      result.passed = result.maxError <= one.tolerance;
    } catch (error) {
      result.problem = error instanceof Error ? error.message : String(error);
      if (gpu.lostReason !== null) throw error;
    }
    result.ms = performance.now() - start;
    results.push(result);
    onResult(result, results.length, cases.length);
  }
  return results;
}

/** What the kernels of one case give here. */
async function runCase(gpu: Gpu, one: GateCase): Promise<(Float32Array | Uint32Array)[]> {
  const inputs: Record<string, Tensor> = {};
  let program: Program | null = null;
  try {
    for (const [name, { shape, data }] of Object.entries(one.inputs))
      inputs[name] = gpu.tensor(name, shape, data instanceof Uint32Array ? 'u32' : 'f32', data);
    const rec = new Recorder(gpu, one.name);
    const outputs = one.build(rec, inputs);
    for (const output of outputs) rec.keep(output);
    program = await rec.compile();
    program.run();
    return await Promise.all(outputs.map((t) => (t.dtype === 'u32' ? gpu.readU32(t) : gpu.read(t))));
  } finally {
    program?.dispose();
    for (const input of Object.values(inputs)) input.slot?.buffer.destroy();
  }
}
