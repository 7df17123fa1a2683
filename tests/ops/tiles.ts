// Tiles that compile fast: for tests of what a product computes, where its speed does not matter.
import type { Tile } from '../../src/engine/gpu/tune.ts';

export const TILED: Tile = { kernel: 'tiled', width: 8, height: 8, rows: 2, columns: 2, depth: 4 };
export const DIRECT: Tile = { kernel: 'direct', width: 4, height: 4, rows: 1, columns: 1, depth: 4 };
export const SMALL_TILES = [
  { ...DIRECT, speed: 1 },
  { ...TILED, speed: 0.3 },
];
