// The gradients of one op for some of its inputs, through the tape: for the gate and the tests of ops.
import type { Recorder } from './program.ts';
import type { Tensor } from './tensor.ts';
import { Tape } from '../tape.ts';

/** Records `build`, whose result has the gradient `dy`, and its backward pass. `parameters`: tensor → sink. */
export function differentiate(
  rec: Recorder,
  inputs: readonly Tensor[],
  dy: Tensor,
  build: () => Tensor,
  parameters: readonly (readonly [Tensor, Tensor])[] = [],
): Tensor[] {
  const tape = new Tape(rec, new Map([...parameters, [dy, dy]]));
  tape.note(inputs, [dy], () => undefined); // as if they had been computed from a parameter
  tape.backward([[build(), dy]]);
  return inputs.map((t) => {
    const gradient = tape.gradient(t);
    if (!gradient) throw new Error(`differentiate: every input must get a gradient, got none for ${t.label}.`);
    return gradient;
  });
}
