// Which tiles a matmul uses: a table per adapter, with defaults that need no measuring.
import type { Gpu } from './device.ts';

/** Sizes of one workgroup of shaders/matmul.wgsl. Only M and N are tiled differently; the order over k never changes. */
export interface Tile {
  width: number; // threads along columns
  height: number; // threads along rows
  rows: number; // outputs per thread
  columns: number;
  depth: number; // steps of k staged at once
}

const DEFAULT: Tile = { width: 16, height: 16, rows: 4, columns: 4, depth: 16 };
const SOFTWARE: Tile = { width: 16, height: 4, rows: 8, columns: 4, depth: 16 };

/** The tile for a matmul of this shape on this adapter. */
export function tileOf(gpu: Gpu): Tile {
  return /swiftshader|llvmpipe/i.test(gpu.name) ? SOFTWARE : DEFAULT;
}
