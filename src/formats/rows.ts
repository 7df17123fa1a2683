// Rows of embeddings on disk: segments of a document's rows that follow one another without gaps, as safetensors.
//   rows/<documentId>/<first>.safetensors: tensor "rows" [count, dim] F32; what made them stands in the metadata
import { parseHeader, SafetensorsError, writeSafetensors } from './safetensors.ts';

export interface RowsOrigin {
  /** embedderKey of what made them. */
  embedder: string;
  /** ChunkPlan.hash of the chunks that they are of. */
  plan: string;
  /** The chunk of the first row. */
  first: number;
}

export interface RowsHeader extends RowsOrigin {
  count: number;
  dim: number;
  /** Where the values start, and how long the whole file is. */
  dataStart: number;
  bytes: number;
}

/** More than any header of ours takes: enough of a file to know what it holds. */
export const ROWS_HEADER_BYTES = 4096;

const NAME = /^(\d+)\.safetensors$/;

export const rowsFolder = (documentId: string): string => `rows/${documentId}`;
export const rowsPath = (documentId: string, first: number): string => `rows/${documentId}/${first}.safetensors`;

/** The first chunk of a segment, from its file name; null for a file that is none. */
export function rowsFirst(name: string): number | null {
  const digits = NAME.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** rows: [count, dim] */
export function writeRows(
  rows: Float32Array,
  dim: number,
  { embedder, plan, first }: RowsOrigin,
): Uint8Array<ArrayBuffer> {
  const shape = [rows.length / dim, dim];
  return writeSafetensors([{ name: 'rows', shape, values: rows, dtype: 'F32' }], { embedder, plan, first: `${first}` });
}

/** From the first ROWS_HEADER_BYTES of a file, or all of it. */
export function readRowsHeader(bytes: Uint8Array, where: string): RowsHeader {
  const refuse = (rule: string, actual: unknown): never => {
    throw new SafetensorsError(`${where}: ${rule}, got ${String(actual)}. Index the documents again.`);
  };
  if (bytes.length < 8) refuse('the file must be at least 8 bytes long', bytes.length);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (8 + length > bytes.length) refuse(`the header must end within ${bytes.length} bytes`, 8 + length);
  const { tensors, metadata, dataStart } = parseHeader(bytes.subarray(8, 8 + length), where);
  const [entry] = tensors;
  const [count, dim] = entry?.shape ?? [];
  if (entry?.name !== 'rows' || entry.dtype !== 'F32' || tensors.length !== 1 || !count || !dim)
    return refuse(
      'it must hold one tensor "rows" [count, dim] F32',
      tensors.map(({ name }) => name).join(', ') || 'none',
    );
  const { embedder, plan, first } = metadata;
  if (embedder === undefined || plan === undefined || !/^\d+$/.test(first ?? ''))
    return refuse('the metadata must say embedder, plan and first', JSON.stringify(metadata));
  return { embedder, plan, first: Number(first), count, dim, dataStart, bytes: dataStart + entry.end };
}

/** The whole file; `rows` [count, dim] is a view of its bytes wherever they lie aligned. */
export function readRows(
  bytes: Uint8Array<ArrayBuffer>,
  where: string,
): RowsHeader & { rows: Float32Array<ArrayBuffer> } {
  const header = readRowsHeader(bytes, where);
  if (header.bytes !== bytes.length)
    throw new SafetensorsError(
      `${where}: the file must be ${header.bytes} bytes long, got ${bytes.length}. Index the documents again.`,
    );
  const start = bytes.byteOffset + header.dataStart;
  const rows =
    start % 4 === 0
      ? new Float32Array(bytes.buffer, start, header.count * header.dim)
      : new Float32Array(bytes.slice(header.dataStart).buffer);
  return { ...header, rows };
}
