// Which kernel and tile a matmul uses: a table per kind of adapter, that needs no measuring, and a race that refines it.
// Only the tiles of rows and columns are ever tuned: the order of every sum over k stays a function of shape and table.
import type { Gpu } from './device.ts';
import { Recorder } from './program.ts';

/** `width` x `height` threads, `rows` x `columns` outputs each (in fours for `direct`), `depth` steps of k staged at once. */
export interface Tile {
  kernel: 'tiled' | 'direct';
  width: number;
  height: number;
  rows: number;
  columns: number;
  depth: number;
}

/** Few rows (a decoding step): of `threads`, `lanes` share a sum; one thread works on `columns` columns. */
export interface Skinny {
  kernel: 'skinny';
  threads: number;
  columns: number;
  lanes: number;
}

export interface MatmulShape {
  rows: number;
  columns: number;
  depth: number;
  transposeA: boolean;
  transposeB: boolean;
  /** Further steps of the sum, over two more operands; 0 unless given. */
  extra?: number;
  /** Parts of the sum that are made side by side; 1 unless given. */
  splits?: number;
}

export interface TileTable {
  /** Tiles with their speed on a large product, relative to each other. */
  tiles: readonly (Tile & { speed: number })[];
  /** Workgroups that must run at once to fill the adapter. */
  units: number;
  /** Up to `rows` rows are skinny. */
  skinny: Omit<Skinny, 'kernel'> & { rows: number };
}

const tile = (
  kernel: Tile['kernel'],
  threads: [number, number],
  outputs: [number, number],
  speed: number,
  depth = 16,
) => ({
  kernel,
  width: threads[0],
  height: threads[1],
  rows: outputs[0],
  columns: outputs[1],
  depth,
  speed,
});

/** Software: two to a few cores, loads dear, barriers dearer; so registers only, and no sum is shared between threads. */
export const SOFTWARE: TileTable = {
  tiles: [
    tile('direct', [4, 4], [4, 2], 1.2),
    tile('direct', [4, 4], [2, 4], 1.15),
    tile('direct', [4, 1], [2, 4], 1.15),
    tile('direct', [1, 4], [4, 2], 1.15), // columns as few as a rank
    tile('direct', [4, 4], [2, 2], 1),
    tile('direct', [4, 1], [2, 2], 0.95),
    tile('direct', [4, 4], [1, 2], 0.7),
    tile('tiled', [8, 8], [4, 4], 0.3),
  ],
  units: 2,
  skinny: { rows: 4, threads: 16, lanes: 1, columns: 8 },
};

/** Graphics processors: tiles in workgroup memory; smaller ones where large ones would leave most of the chip idle. */
export const HARDWARE: TileTable = {
  tiles: [
    tile('tiled', [16, 16], [8, 4], 1.5, 8),
    tile('tiled', [16, 16], [4, 4], 1.2, 8),
    tile('tiled', [8, 8], [4, 4], 0.8),
    tile('tiled', [2, 32], [2, 4], 0.45), // columns, or rows, as few as a rank
    tile('tiled', [32, 2], [4, 2], 0.45),
  ],
  units: 64,
  skinny: { rows: 8, threads: 64, lanes: 16, columns: 4 },
};

/** Apple's caches serve registers better than workgroup memory does. */
export const APPLE: TileTable = {
  ...HARDWARE,
  tiles: [tile('direct', [8, 8], [1, 1], 1.5), tile('direct', [8, 8], [2, 1], 1.4), ...HARDWARE.tiles],
};

const tables = new WeakMap<Gpu, TileTable>();
const tuned = new WeakMap<Gpu, Readonly<Record<string, Tile>>>();

export function tileTable(gpu: Gpu): TileTable {
  const known = tables.get(gpu);
  if (known) return known;
  if (/swiftshader|llvmpipe|basic render/i.test(gpu.name)) return SOFTWARE;
  return gpu.adapter.info.vendor === 'apple' ? APPLE : HARDWARE;
}

/** Replaces the table of this adapter. */
export function useTileTable(gpu: Gpu, table: TileTable): void {
  tables.set(gpu, table);
}

/** Takes the result of an earlier tuning (kept by the caller, per adapter) for the programs recorded from now on. */
export function useTiles(gpu: Gpu, tiles: Readonly<Record<string, Tile>>): void {
  tuned.set(gpu, tiles);
}

export const shapeKey = ({ rows, columns, depth, transposeA, transposeB }: MatmulShape): string =>
  `${rows}x${columns}x${depth}${transposeA ? ' Aᵀ' : ''}${transposeB ? ' Bᵀ' : ''}`;

/** `direct` reads in fours along the way that the operands lie. */
const fits = (t: Tile, s: MatmulShape): boolean =>
  t.kernel === 'tiled' ||
  (s.columns % 4 === 0 && (s.transposeA ? s.rows : s.depth) % 4 === 0 && (!s.transposeB || s.depth % 4 === 0));

/** Outputs of one workgroup: [rows, columns]. */
export function tileSize(t: Tile): [number, number] {
  const each = t.kernel === 'direct' ? 4 : 1;
  return [t.height * t.rows * each, t.width * t.columns * each];
}

/** Tiles that may serve this shape, best guess first: work with its padding, over rounds of all units. */
export function candidates(gpu: Gpu, shape: MatmulShape): readonly Tile[] {
  const { tiles, units } = tileTable(gpu);
  const cost = (t: Tile & { speed: number }): number => {
    const [rows, columns] = tileSize(t);
    const groups = Math.ceil(shape.rows / rows) * Math.ceil(shape.columns / columns) * (shape.splits ?? 1);
    return (Math.ceil(groups / units) * rows * columns) / t.speed;
  };
  return tiles.filter((t) => fits(t, shape)).sort((a, b) => cost(a) - cost(b));
}

/** Kernel and tile for this shape on this adapter. */
export function chooseTile(gpu: Gpu, shape: MatmulShape): Tile | Skinny {
  const { rows, ...skinny } = tileTable(gpu).skinny;
  if (shape.rows <= rows && shape.transposeB && !shape.transposeA && shape.depth % 4 === 0)
    return { kernel: 'skinny', ...skinny };
  const best = tuned.get(gpu)?.[shapeKey(shape)] ?? candidates(gpu, shape)[0];
  if (!best)
    throw new Error(`matmul: the tile table must serve every shape, got none for ${shapeKey(shape)}. Add a tiled one.`);
  return best;
}

/** Index of the fastest of a few programs: interleaved, median of seven, on this adapter now. */
export async function race(gpu: Gpu, record: readonly ((rec: Recorder) => void)[]): Promise<number> {
  const programs = await Promise.all(
    record.map((append) => {
      const rec = new Recorder(gpu, 'race');
      append(rec);
      return rec.compile();
    }),
  );
  const times: number[][] = programs.map(() => []);
  for (let round = 0; round < 8; round++)
    for (const [i, program] of programs.entries()) {
      const start = performance.now();
      program.run();
      await gpu.idle();
      if (round > 0) times[i]?.push(performance.now() - start); // the first round warms up
    }
  for (const program of programs) program.dispose();
  const medians = times.map((t) => t.sort((a, b) => a - b)[t.length >> 1] ?? Infinity);
  return medians.indexOf(Math.min(...medians));
}
