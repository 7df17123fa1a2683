// Kernels that work on each number alone: four at a time where the size allows it, which is three times as fast.
import { kernel, type Kernel } from '../gpu/kernel.ts';
import { grid } from './grid.ts';

const WIDE = 'alias Elem = vec4f;';
/** Where a shader tells the parts of an Elem apart. */
const PARTS = 'return Elem(0.0, 1.0, 2.0, 3.0);';

export interface Elementwise {
  wide: Kernel;
  narrow: Kernel;
}

/** The shader is written over `Elem`, a vec4f in its text; the same text over f32 takes sizes that 4 does not divide. */
export function elementwise(stem: string, source: string): Elementwise {
  if (!source.includes(WIDE)) throw new Error(`${stem}.wgsl: must say "${WIDE}", got a text without it. Add the line.`);
  const narrow = source.replace(WIDE, 'alias Elem = f32;').replace(PARTS, 'return 0.0;');
  return { wide: kernel(stem, source), narrow: kernel(stem, narrow) };
}

/** Kernel and grid for `n` numbers. */
export function over(
  { wide, narrow }: Elementwise,
  n: number,
): { kernel: Kernel; groups: [number, number]; size: number } {
  const size = n % 4 === 0 ? n / 4 : n;
  return { kernel: size < n ? wide : narrow, groups: grid(size), size };
}

/** Kernel for rows of `dim` numbers, and their width in its `Elem`. */
export function across({ wide, narrow }: Elementwise, dim: number): { kernel: Kernel; width: number } {
  return dim % 4 === 0 ? { kernel: wide, width: dim / 4 } : { kernel: narrow, width: dim };
}
