// Checks of shapes that several ops share: a wrong one is refused while recording, in words.
import { describe, size, type Tensor } from '../gpu/tensor.ts';

export function sameShape(where: string, a: Tensor, b: Tensor): void {
  if (a.shape.join() !== b.shape.join())
    throw new Error(
      `${where}: both inputs must have one shape, got ${describe(a)} and ${describe(b)}. Check the caller.`,
    );
}

/** How many vec4 make up `n` numbers. */
export function quads(where: string, n: number): number {
  if (n % 4 !== 0) throw new Error(`${where}: sizes must be multiples of 4, got ${n}. Choose another model.`);
  return n / 4;
}

/** `t` must hold exactly as many elements as `shape`; how they are called does not matter. */
export function holds(where: string, t: Tensor, shape: readonly number[]): void {
  if (size(t.shape) !== size(shape))
    throw new Error(`${where}: [${shape.join(', ')}] is needed, got ${describe(t)}. Check the model's sizes.`);
}
