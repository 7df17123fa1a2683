// FAISS index files: a flat index of Float32 rows, keyed by int64 ids. IndexFlatIP in IndexIDMap is written; flat indexes
// of inner products or squared distances are read, bare (then row i has the id i) or in IndexIDMap or IndexIDMap2.

export class FaissError extends Error {
  override name = 'FaissError';
}

export interface FlatIndex {
  dim: number;
  /** One for each row. */
  ids: BigInt64Array<ArrayBuffer>;
  /** [ids.length, dim] */
  rows: Float32Array<ArrayBuffer>;
  /** Inner product, or squared Euclidean distance. */
  metric: 'ip' | 'l2';
}

// index      four letters | header | data
// header     i32 dim | i64 count | i64 unused | i64 unused | u8 trained | i32 metric (0 inner product, 1 squared distance)
// flat data  u64 count · dim | f32 rows
// map data   an index | u64 count | i64 ids
const HEADER = 4 + 4 + 8 + 8 + 8 + 1 + 4;
const UNUSED = 1n << 20n; // as the reference writes it
const METRICS = ['ip', 'l2'] as const;
const FLAT: Readonly<Record<string, readonly FlatIndex['metric'][]>> = { IxFI: ['ip'], IxF2: ['l2'], IxFl: METRICS };
const MAPS = ['IxMp', 'IxM2'];

const FILE = 'index.faiss';
const AGAIN = 'Write the file again.';

function refuse(rule: string, actual: unknown, remedy = AGAIN): never {
  throw new FaissError(`${FILE}: ${rule}, got ${String(actual)}. ${remedy}`);
}

function header(letters: string, { dim, ids, metric }: FlatIndex): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(HEADER + 8));
  for (let i = 0; i < 4; i++) view.setUint8(i, letters.charCodeAt(i));
  view.setInt32(4, dim, true);
  view.setBigInt64(8, BigInt(ids.length), true);
  view.setBigInt64(16, UNUSED, true);
  view.setBigInt64(24, UNUSED, true);
  view.setUint8(32, 1);
  view.setInt32(33, METRICS.indexOf(metric), true);
  return view; // followed by eight bytes for a length
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The pieces of the file in order; rows and ids are not copied. */
export function writeFaiss(index: FlatIndex): Uint8Array<ArrayBuffer>[] {
  const { dim, ids, rows, metric } = index;
  if (!(Number.isInteger(dim) && dim > 0))
    refuse('the dimension must be a whole number from 1', dim, 'Check the rows.');
  if (rows.length !== ids.length * dim)
    refuse(`${ids.length} rows of ${dim} must be ${ids.length * dim} numbers`, rows.length, 'Check the rows.');
  const flat = header(metric === 'ip' ? 'IxFI' : 'IxF2', index);
  flat.setBigUint64(HEADER, BigInt(rows.length), true);
  const count = new DataView(new ArrayBuffer(8));
  count.setBigUint64(0, BigInt(ids.length), true);
  return [bytesOf(header('IxMp', index)).subarray(0, HEADER), ...[flat, rows, count, ids].map(bytesOf)];
}

/** Reads from `bytes` and never beyond them; a length is believed only when the file is long enough for it. */
class Reader {
  #at = 0;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Moves on by `count` bytes and tells where they begin. */
  #skip(count: number, what: string): number {
    if (this.left < count) refuse(`${what} must take ${count} bytes`, `the end after ${this.left}`);
    this.#at += count;
    return this.#at - count;
  }

  letters(): string {
    const at = this.#skip(4, 'the kind of the index');
    return String.fromCharCode(...this.#bytes.subarray(at, at + 4));
  }

  header(): { dim: number; count: bigint; metric: FlatIndex['metric'] } {
    const at = this.#skip(HEADER - 4, 'the header');
    const dim = this.#view.getInt32(at, true);
    const count = this.#view.getBigInt64(at + 4, true);
    const trained = this.#view.getUint8(at + 28);
    const metric = METRICS[this.#view.getInt32(at + 29, true)];
    if (dim < 1) refuse('the dimension must be at least 1', dim);
    if (count < 0n) refuse('the number of rows must be at least 0', count);
    if (trained !== 1) refuse('a flat index must be marked as trained (1)', trained);
    if (metric === undefined)
      refuse('the metric must be 0 (inner product) or 1 (squared distance)', this.#view.getInt32(at + 29, true));
    return { dim, count, metric };
  }

  /** A length of `expected` items and, in a buffer of their own, the `size` bytes of each. */
  items(expected: bigint, size: number, what: string): ArrayBuffer {
    const count = this.#view.getBigUint64(this.#skip(8, `the number of ${what}`), true);
    if (count !== expected) refuse(`there must be ${expected} ${what}`, count);
    if (count * BigInt(size) > BigInt(this.left))
      refuse(`${count} ${what} must take ${count * BigInt(size)} bytes`, `the end after ${this.left}`);
    const length = Number(count) * size;
    const at = this.#skip(length, what);
    const copy = new Uint8Array(length); // what follows in the file is not aligned
    copy.set(this.#bytes.subarray(at, at + length));
    return copy.buffer;
  }
}

const shown = (letters: string): string => JSON.stringify(letters);

function readFlat(reader: Reader, letters: string): Omit<FlatIndex, 'ids'> {
  const metrics = Object.hasOwn(FLAT, letters) ? FLAT[letters] : undefined;
  if (!metrics)
    refuse(`must be a flat index (${Object.keys(FLAT).join(', ')})`, shown(letters), 'Write it with IndexFlatIP.');
  const { dim, count, metric } = reader.header();
  if (!metrics.includes(metric)) refuse(`the metric of ${letters} must be ${metrics.join(' or ')}`, metric);
  const rows = new Float32Array(reader.items(count * BigInt(dim), 4, 'numbers'));
  const odd = rows.findIndex((x) => !Number.isFinite(x));
  if (odd >= 0) refuse(`row ${Math.floor(odd / dim)} must hold finite numbers`, rows[odd], 'Embed its text again.');
  return { dim, rows, metric };
}

/** Throws a FaissError with a sentence for everything that it cannot read whole. */
export function readFaiss(bytes: Uint8Array): FlatIndex {
  const reader = new Reader(bytes);
  const letters = reader.letters();
  let index: FlatIndex;
  if (MAPS.includes(letters)) {
    const { dim, count, metric } = reader.header();
    const flat = readFlat(reader, reader.letters());
    const rows = flat.rows.length / flat.dim;
    if (flat.dim !== dim) refuse(`the mapped index must have ${dim} dimensions like its map`, flat.dim);
    if (BigInt(rows) !== count) refuse(`the mapped index must have ${count} rows like its map`, rows);
    if (flat.metric !== metric) refuse(`the mapped index must have the metric ${metric} like its map`, flat.metric);
    index = { ...flat, ids: new BigInt64Array(reader.items(count, 8, 'ids')) };
  } else {
    const flat = readFlat(reader, letters);
    index = { ...flat, ids: BigInt64Array.from({ length: flat.rows.length / flat.dim }, (_, row) => BigInt(row)) };
  }
  if (reader.left > 0) refuse('nothing may follow the index', `${reader.left} more bytes`);
  return index;
}
