// The tape: ops note how their gradients flow while they are recorded; `backward` appends those dispatches in reverse.
//
// A gradient is wanted for what is trainable and for what was computed from it; everything below the lowest adapter costs
// nothing. Gradients of parameters are added into resident tensors (accumulation over microbatches); all others are
// temporaries of the program.
import type { Recorder } from './gpu/program.ts';
import { describe, type Tensor } from './gpu/tensor.ts';
import { add } from './ops/add.ts';

interface Entry {
  outputs: readonly Tensor[];
  backward: () => void;
}

export class Tape {
  readonly #entries: Entry[] = [];
  readonly #wanted = new Set<Tensor>();
  readonly #gradients = new Map<Tensor, Tensor>();

  /** `parameters`: each trainable tensor and the resident tensor of its shape that its gradient is added into. */
  constructor(
    readonly rec: Recorder,
    readonly parameters: ReadonlyMap<Tensor, Tensor>,
  ) {
    rec.tape = this;
  }

  /** Whether the gradient of this tensor is needed at all. */
  wants(t: Tensor | undefined): t is Tensor {
    return t !== undefined && (this.parameters.has(t) || this.#wanted.has(t));
  }

  /** Called by an op: `backward` runs, in reverse order, when one of its inputs is wanted and an output has a gradient. */
  note(outputs: readonly Tensor[], inputs: readonly (Tensor | undefined)[], backward: () => void): void {
    if (!inputs.some((t) => this.wants(t))) return;
    for (const t of outputs) this.#wanted.add(t);
    this.#entries.push({ outputs, backward });
  }

  /** The whole gradient of an op's output; undefined when nothing that follows depends on it. */
  gradient(output: Tensor): Tensor | undefined {
    return this.#gradients.get(output);
  }

  /** Where a parameter's gradient is to be added into; undefined when it is not trainable. */
  sink(parameter: Tensor | undefined): Tensor | undefined {
    return parameter && this.parameters.get(parameter);
  }

  /**
   * Adds to the gradient of an op's input. `make` gets the part that is there already and returns a new tensor that
   * contains it: so kernels add it on the way, as a residual. Nothing happens for an input that is not wanted.
   */
  add(input: Tensor, make: (before: Tensor | undefined) => Tensor): void {
    if (!this.#wanted.has(input)) return;
    this.#gradients.set(input, make(this.#gradients.get(input)));
  }

  /** The same for a gradient that exists as a tensor: it is passed on as it is, or added. */
  give(input: Tensor, gradient: Tensor): void {
    this.add(input, (before) => (before ? add(this.rec, before, gradient) : gradient));
  }

  /**
   * y = body(x), computed again in the backward pass: only x is kept (Chen et al. 2016). The same kernels over the same
   * numbers give the same bits. `body` must depend on nothing wanted but x and parameters.
   */
  checkpoint(x: Tensor, body: (x: Tensor) => Tensor): Tensor {
    this.rec.tape = null;
    const y = body(x);
    this.rec.tape = this;
    this.#wanted.add(y);
    const backward = (): void => {
      const dy = this.gradient(y);
      if (!dy) return;
      const inner = new Tape(this.rec, this.parameters);
      const before = this.gradient(x);
      if (this.#wanted.has(x)) inner.#wanted.add(x);
      if (before) inner.#gradients.set(x, before);
      inner.backward([[body(x), dy]]);
      const after = inner.gradient(x);
      if (after) this.#gradients.set(x, after);
    };
    this.#entries.push({ outputs: [y], backward });
    return y;
  }

  /** Appends the whole backward pass. `seeds`: gradients that are known, as a value head's; losses seed themselves. */
  backward(seeds: readonly (readonly [output: Tensor, gradient: Tensor])[] = []): void {
    for (const [output, gradient] of seeds) {
      if (output.bytes !== gradient.bytes)
        throw new Error(
          `tape: a gradient must have the shape of its tensor, got ${describe(gradient)} for ${describe(output)}. ` +
            'Check the op.',
        );
      this.add(output, (before) => (before ? add(this.rec, before, gradient) : gradient));
    }
    this.rec.tape = null; // what follows is not differentiated again
    for (const { backward } of this.#entries.toReversed()) backward();
  }
}
