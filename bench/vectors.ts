// How long does a query take over 1,000 to 100,000 rows: the exact search by SIMD and by loops, and voy where it serves?
import { ExactSearch } from '../src/retrieval/exactSearch.ts';
import { openVectorIndex } from '../src/retrieval/vectorIndex.ts';
import { interleave, type BenchContext, type Contender } from './lib/context.ts';

export const description = 'nearest rows of 512 numbers: milliseconds per query and to open, exact and voy';

const DIM = 512;
const COUNT = 10;
const ROUNDS = 7;
const SIZES = [1_000, 5_000, 10_000, 100_000];
const QUERIES = 16;

/** Seeded directions of unit length [count, DIM]. */
function unitRows(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  // The sum of four uniform numbers is near enough to normal for an even spread of directions.
  const rows = Float32Array.from({ length: count * DIM }, () => next() + next() + next() + next() - 2);
  for (let from = 0; from < rows.length; from += DIM) {
    const row = rows.subarray(from, from + DIM);
    const length = Math.hypot(...row);
    for (let i = 0; i < DIM; i++) row[i] = (row[i] ?? 0) / length;
  }
  return rows;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

async function timed<T>(open: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await open(), round(performance.now() - start)];
}

export async function run(ctx: BenchContext): Promise<void> {
  const queries = unitRows(QUERIES, 2);
  for (const size of SIZES.filter((rows) => `${rows} rows`.includes(ctx.only))) {
    ctx.note(`${size} rows`);
    const rows = unitRows(size, 1);
    const [simd, exactOpen] = await timed(() => ExactSearch.open(rows, DIM));
    const loops = await ExactSearch.open(rows, DIM, 'loops');
    const [auto, voyOpen] = await timed(() => openVectorIndex(rows, DIM, 'auto'));
    let turn = 0;
    const contender = (name: string, index: Pick<ExactSearch, 'search'>): Contender => ({
      name,
      go(times) {
        for (let i = 0; i < times; i++, turn++) {
          const at = (turn % QUERIES) * DIM;
          index.search(queries.subarray(at, at + DIM), COUNT);
        }
        return Promise.resolve();
      },
    });
    const served = auto.kind === 'voy';
    const contenders = [contender('simd', simd), contender('loops', loops)];
    if (served) contenders.push(contender('voy', auto));
    const [simdMs = NaN, loopsMs = NaN, voyMs] = await interleave(contenders, ROUNDS);
    ctx.emit({
      bench: 'vectors',
      rows: size,
      dim: DIM,
      count: COUNT,
      exact_ms: round(simdMs),
      loops_ms: round(loopsMs),
      voy_ms: voyMs === undefined ? null : round(voyMs),
      exact_open_ms: exactOpen,
      voy_open_ms: served ? voyOpen : null,
      why_not_voy: auto.why,
      browser: ctx.version,
    });
    for (const index of [simd, loops, auto]) index.dispose();
  }
}
