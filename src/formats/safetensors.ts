// safetensors: u64 length | JSON header | data. Read from a stream in file order without holding the file; written whole.
import { bf16ToF32, f16ToF32, f32ToBf16, f32ToF16 } from './float16.ts';

export class SafetensorsError extends Error {
  override name = 'SafetensorsError';
}

export interface TensorEntry {
  name: string;
  dtype: string;
  shape: readonly number[];
  /** Bytes [begin, end) of the data section. */
  begin: number;
  end: number;
}

export interface SafetensorsHeader {
  /** In file order. */
  tensors: readonly TensorEntry[];
  metadata: Readonly<Record<string, string>>;
  /** Where the data section starts in the file. */
  dataStart: number;
}

/** A run of one tensor's values, `offset` elements in; the runs of a tensor come in order. */
export interface TensorPart {
  entry: TensorEntry;
  offset: number;
  /** As they are in the file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Widened to f32 when asked for. */
  readonly values: Float32Array<ArrayBuffer>;
}

export type ByteStream = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Bits of an element. */
const DTYPES: Readonly<Record<string, number>> = {
  ...{ BOOL: 8, U8: 8, I8: 8, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, I16: 16, U16: 16, F16: 16, BF16: 16 },
  ...{ I32: 32, U32: 32, F32: 32, F64: 64, I64: 64, U64: 64, C64: 64 },
};
const MAX_HEADER = 100_000_000;
const PART_BYTES = 4 << 20;

function refuse(where: string, rule: string, actual: unknown, remedy = 'Download the file again.'): never {
  const shown = typeof actual === 'string' ? JSON.stringify(actual.slice(0, 80)) : String(actual);
  throw new SafetensorsError(`${where}: ${rule}, got ${shown}. ${remedy}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(bytes: Uint8Array, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    refuse(where, 'the header must be JSON in UTF-8', error instanceof Error ? error.message : error);
  }
  return isObject(value) ? value : refuse(where, 'the header must be a JSON object', JSON.stringify(value));
}

function parseEntry(name: string, value: unknown, where: string): TensorEntry {
  const at = `${where}: tensor ${JSON.stringify(name.slice(0, 80))}`;
  if (!isObject(value)) refuse(at, 'must be an object', JSON.stringify(value));
  const { dtype, shape, data_offsets: offsets } = value;
  const bits = typeof dtype === 'string' && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (typeof dtype !== 'string' || bits === undefined)
    refuse(at, `dtype must be one of ${Object.keys(DTYPES).join(' ')}`, dtype, 'Convert it to F32, F16 or BF16.');
  const counts = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!counts(shape)) refuse(at, 'shape must be a list of whole numbers', JSON.stringify(shape));
  if (!counts(offsets) || offsets.length !== 2)
    refuse(at, 'data_offsets must be two whole numbers', JSON.stringify(offsets));
  const [begin = 0, end = 0] = offsets;
  const bytes = shape.reduce((a, b) => a * b, bits / 8);
  if (end - begin !== bytes) refuse(at, `${dtype} [${shape.join(', ')}] must take ${bytes} bytes`, end - begin);
  return { name, dtype, shape, begin, end };
}

/** Checks every rule of the format on the header alone; `where` names the file in errors. */
export function parseHeader(bytes: Uint8Array, where: string): SafetensorsHeader {
  const { __metadata__: given, ...rest } = parseJson(bytes, where);
  if (given !== undefined && !(isObject(given) && Object.values(given).every((v) => typeof v === 'string')))
    refuse(where, '__metadata__ must hold only text', JSON.stringify(given));
  const tensors = Object.entries(rest)
    .map(([name, value]) => parseEntry(name, value, where))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of tensors) {
    if (entry.begin !== end)
      refuse(where, `tensor ${JSON.stringify(entry.name.slice(0, 80))} must start at byte ${end}`, entry.begin);
    end = entry.end;
  }
  return { tensors, metadata: (given ?? {}) as Record<string, string>, dataStart: 8 + bytes.length };
}

/** Takes exact numbers of bytes out of a stream of chunks. */
class ByteReader {
  #chunk = new Uint8Array();
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(source: ByteStream) {
    this.#chunks = 'getReader' in source ? chunksOf(source) : source[Symbol.asyncIterator]();
  }

  /** True when there is at least one more byte. */
  async more(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done) return false;
      this.#chunk = value as Uint8Array<ArrayBuffer>;
    }
    return true;
  }

  /** The next `count` bytes in a buffer of their own, or fewer at the end of the stream. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    let taken = 0;
    while (taken < count && (await this.more())) {
      const part = this.#chunk.subarray(0, count - taken);
      this.#chunk = this.#chunk.subarray(part.length);
      parts.push(part);
      taken += part.length;
    }
    return concat(parts);
  }

  /** Lets go of the stream, whether or not it was read to its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** ReadableStream as an async iterator, for browsers in which it is none. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toF32(entry: TensorEntry, bytes: Uint8Array<ArrayBuffer>, where: string): Float32Array<ArrayBuffer> {
  if (entry.dtype === 'F32') return new Float32Array(bytes.buffer);
  if (entry.dtype === 'F16') return f16ToF32(new Uint16Array(bytes.buffer));
  if (entry.dtype === 'BF16') return bf16ToF32(new Uint16Array(bytes.buffer));
  refuse(`${where}: tensor ${entry.name}`, 'dtype must be F32, F16 or BF16', entry.dtype, 'Convert the model first.');
}

/** Opens a file: its header, then its values, in file order and a few MiB at a time. Always end `parts` or call
 *  its `return()`: that lets go of the stream. */
export async function openSafetensors(
  source: ByteStream,
  where: string,
): Promise<{ header: SafetensorsHeader; parts: AsyncGenerator<TensorPart, void> }> {
  const reader = new ByteReader(source);
  try {
    const start = await reader.take(8);
    if (start.length < 8) refuse(where, 'the file must be at least 8 bytes long', start.length);
    const length = new DataView(start.buffer).getBigUint64(0, true);
    if (length > BigInt(MAX_HEADER)) refuse(where, `the header may be at most ${MAX_HEADER} bytes long`, length);
    const text = await reader.take(Number(length));
    if (text.length < length) refuse(where, `the header must be ${length} bytes long`, `the end after ${text.length}`);
    const header = parseHeader(text, where);
    return { header, parts: readParts(reader, header, where) };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function* readParts(
  reader: ByteReader,
  header: SafetensorsHeader,
  where: string,
): AsyncGenerator<TensorPart, void> {
  try {
    for (const entry of header.tensors) {
      const elementBytes = (DTYPES[entry.dtype] ?? 8) / 8;
      for (let at = entry.begin; at < entry.end;) {
        const bytes = await reader.take(Math.min(PART_BYTES, entry.end - at));
        if (bytes.length < Math.min(PART_BYTES, entry.end - at))
          refuse(where, `the data must be ${header.tensors.at(-1)?.end} bytes long`, at + bytes.length);
        const offset = (at - entry.begin) / elementBytes;
        yield {
          ...{ entry, offset, bytes },
          get values() {
            return toF32(entry, bytes, where);
          },
        };
        at += bytes.length;
      }
    }
    if (await reader.more()) refuse(where, 'nothing may follow the last tensor', 'more bytes');
  } finally {
    await reader.close();
  }
}

/** The files of a sharded model, from `model.safetensors.index.json`, each once and in order of first use. */
export function parseShardIndex(text: string, where: string): string[] {
  const { weight_map: map } = parseJson(new TextEncoder().encode(text), where);
  if (!isObject(map)) refuse(where, 'weight_map must be an object', JSON.stringify(map));
  const files = [...new Set(Object.values(map))];
  if (files.length === 0) refuse(where, 'weight_map must name at least one file', 0);
  for (const file of files)
    if (typeof file !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(file))
      refuse(where, 'weight_map must hold plain names of .safetensors files', JSON.stringify(file));
  return files as string[];
}

export interface WritableTensor {
  name: string;
  shape: readonly number[];
  values: Float32Array;
  dtype: 'F32' | 'F16' | 'BF16';
}

interface Placed {
  name: string;
  dtype: string;
  shape: readonly number[];
  bytes: number;
}

/** Length and JSON header, padded so that the data section is aligned to 8 bytes as the reference writer does. */
function headerOf(tensors: readonly Placed[], metadata: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  let end = 0;
  const entries = tensors.map(({ name, dtype, shape, bytes }): [string, unknown] => [
    name,
    { dtype, shape, data_offsets: [end, (end += bytes)] },
  ]);
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([['__metadata__', metadata], ...entries])));
  const header = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  header.set(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return concat([length, header]);
}

function encode({ name, shape, values, dtype }: WritableTensor): Uint8Array<ArrayBufferLike> {
  if (values.length !== shape.reduce((a, b) => a * b, 1))
    refuse(`tensor ${name}`, `[${shape.join(', ')}] must match its values`, values.length, 'Check the shape.');
  const encoded = dtype === 'F32' ? values : dtype === 'F16' ? f32ToF16(values) : f32ToBf16(values);
  return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
}

/** A whole file. */
export function writeSafetensors(
  tensors: readonly WritableTensor[],
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const data = tensors.map(encode);
  const placed = tensors.map((tensor, i) => ({ ...tensor, bytes: data[i]?.length ?? 0 }));
  return concat([headerOf(placed, metadata), ...data]);
}

/** The same for files that are larger than memory: one tensor at a time is held, the browser keeps the rest. */
export async function collectSafetensors(
  tensors: AsyncIterable<WritableTensor> | Iterable<WritableTensor>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<Blob> {
  const data: Blob[] = [];
  const placed: Placed[] = [];
  for await (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    const blob = new Blob([encode(tensor) as Uint8Array<ArrayBuffer>]);
    data.push(blob);
    placed.push({ name, dtype, shape, bytes: blob.size });
  }
  return new Blob([headerOf(placed, metadata), ...data]);
}
