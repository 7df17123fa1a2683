// adapter_model.safetensors of a PEFT folder ↔ one flat array of all matrices; and the layout of that array.
import { PeftError, WEIGHTS_FILE } from './peft.ts';
import { openSafetensors, writeSafetensors, type ByteStream } from './safetensors.ts';

/** A matrix by PEFT's name for it, and where it starts in the flat array. */
export interface AdapterPart {
  name: string;
  shape: readonly [number, number];
  offset: number;
}

export interface AdapterWeights {
  parts: AdapterPart[];
  /** Metadata of the file. */
  metadata: Readonly<Record<string, string>>;
  /** All parts, padding between them 0. */
  values: Float32Array<ArrayBuffer>;
}

/** Bindings of the GPU start at multiples of 256 bytes. */
const ALIGN = 64;

/** F32, without the padding between the parts. */
export function writeAdapterWeights(
  parts: readonly AdapterPart[],
  values: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const tensors = parts.map(({ name, shape, offset }) => {
    const own = values.subarray(offset, offset + shape[0] * shape[1]);
    return { name, shape, values: own, dtype: 'F32' as const };
  });
  return writeSafetensors(tensors, { format: 'pt', ...metadata });
}

/**
 * F32, F16 or BF16 → f32. With `expected`, the file must hold exactly those matrices, in any order, and they come where
 * `expected` places them; without, they follow one another in the order of the file: one of ours, read back.
 */
export async function readAdapterWeights(
  source: ByteStream,
  expected?: { parts: readonly AdapterPart[]; base: string },
): Promise<AdapterWeights> {
  const { header, parts: runs } = await openSafetensors(source, WEIGHTS_FILE);
  try {
    const parts = expected ? check(header.tensors, expected.parts, expected.base) : inOrder(header.tensors);
    const last = parts.reduce((a, b) => (b.offset > a.offset ? b : a));
    const values = new Float32Array(endOf(last));
    const offsets = new Map(parts.map(({ name, offset }) => [name, offset]));
    for await (const run of runs) values.set(run.values, (offsets.get(run.entry.name) ?? 0) + run.offset);
    const wrong = values.findIndex((x) => !Number.isFinite(x));
    if (wrong >= 0)
      throw new PeftError(
        `${WEIGHTS_FILE}: every number must be finite, got ${values[wrong]}. Take an earlier checkpoint of it.`,
      );
    return { parts, metadata: header.metadata, values };
  } finally {
    await runs.return();
  }
}

interface Named {
  name: string;
  shape: readonly number[];
}

const endOf = ({ shape, offset }: AdapterPart): number => offset + Math.ceil((shape[0] * shape[1]) / ALIGN) * ALIGN;

function inOrder(tensors: readonly Named[]): AdapterPart[] {
  let offset = 0;
  const parts = tensors.map(({ name, shape: [rows = 1, columns = 1] }): AdapterPart => {
    const part: AdapterPart = { name, shape: [rows, columns], offset };
    offset = endOf(part);
    return part;
  });
  if (parts.length === 0)
    throw new PeftError(`${WEIGHTS_FILE}: must hold the matrices of an adapter, got none. Save it again.`);
  return parts;
}

function check(tensors: readonly Named[], expected: readonly AdapterPart[], base: string): AdapterPart[] {
  const found = new Map(tensors.map(({ name, shape }) => [name, shape]));
  for (const { name, shape } of expected) {
    const given = found.get(name);
    if (!given)
      throw new PeftError(
        `${WEIGHTS_FILE}: must hold ${name} for ${base}, got no such matrix. It may belong to another base.`,
      );
    if (given.length !== 2 || given[0] !== shape[0] || given[1] !== shape[1])
      throw new PeftError(
        `${WEIGHTS_FILE}: ${name} must be [${shape.join(', ')}] for ${base}, got [${given.join(', ')}]. ` +
          'It belongs to another base.',
      );
    found.delete(name);
  }
  const [extra] = found.keys();
  if (extra !== undefined)
    throw new PeftError(
      `${WEIGHTS_FILE}: must hold only what ${base} has, got ${extra.slice(0, 120)}. It may belong to another base.`,
    );
  return [...expected];
}
