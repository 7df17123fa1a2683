// What a case of the numerics gate is, and inputs that anyone can make again.
import { uniforms } from '../random.ts';
import type { Recorder } from './program.ts';
import { size, type Tensor } from './tensor.ts';

export interface GateInput {
  shape: readonly number[];
  data: Float32Array | Uint32Array;
}

export interface GateCase {
  /** The shader's stem first; what is special about the case after it. */
  name: string;
  /** Largest error that passes, relative to the largest expected number. */
  tolerance: number;
  inputs: Readonly<Record<string, GateInput>>;
  /** Appends the op; its outputs are new or among the inputs. */
  build(rec: Recorder, inputs: Readonly<Record<string, Tensor>>): readonly Tensor[];
}

/** Keeps the names of the inputs for the type of `build`. */
export const gateCase = <Name extends string>(
  name: string,
  tolerance: number,
  inputs: Record<Name, GateInput>,
  build: (rec: Recorder, inputs: Record<Name, Tensor>) => readonly Tensor[],
): GateCase => ({ name, tolerance, inputs, build });

/** Numbers in (−range, range); the seed tells the inputs of one case apart. */
export const floats = (seed: number, shape: readonly number[], range = 1): GateInput => ({
  shape,
  data: uniforms(seed, 0, size(shape)).map((u) => (2 * u - 1) * range),
});
export const integers = (data: readonly number[], shape: readonly number[] = [data.length]): GateInput => ({
  shape,
  data: Uint32Array.from(data),
});
export const zeros = (shape: readonly number[]): GateInput => ({ shape, data: new Uint32Array(size(shape)) });
