// adapter_model.safetensors of a PEFT folder ↔ one flat array of all matrices, its layout, and the head of one that scores.
import { PeftError, WEIGHTS_FILE } from './peft.ts';
import { openSafetensors, writeSafetensors, type ByteStream, type WritableTensor } from './safetensors.ts';

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
  /** [D]: the scalar head of a reward model; null for an adapter that answers. */
  head: Float32Array<ArrayBuffer> | null;
}

/** As peft names the head of LlamaForSequenceClassification, [1, D]. */
export const HEAD = 'base_model.model.score.weight';

/** Bindings of the GPU start at multiples of 256 bytes. */
const ALIGN = 64;

/** F32, without the padding between the parts. */
export function writeAdapterWeights(
  parts: readonly AdapterPart[],
  values: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
  head: Float32Array | null = null,
): Uint8Array<ArrayBuffer> {
  const tensors = parts.map(({ name, shape, offset }): WritableTensor => {
    const own = values.subarray(offset, offset + shape[0] * shape[1]);
    return { name, shape, values: own, dtype: 'F32' };
  });
  if (head) tensors.push({ name: HEAD, shape: [1, head.length], values: head, dtype: 'F32' });
  return writeSafetensors(tensors, { format: 'pt', ...metadata });
}

/**
 * F32, F16 or BF16 → f32. With `expected`, the file must hold exactly those matrices, in any order, and they come where
 * `expected` places them, and a head of that width where one is expected; without, they follow one another in the order of the file: one of ours, read back.
 */
export async function readAdapterWeights(source: ByteStream, expected?: Expected): Promise<AdapterWeights> {
  const { header, parts: runs } = await openSafetensors(source, WEIGHTS_FILE);
  try {
    const matrices = header.tensors.filter(({ name }) => name !== HEAD);
    const scores = header.tensors.find(({ name }) => name === HEAD);
    const head = scores ? new Float32Array(scores.shape.reduce((a, b) => a * b, 1)) : null;
    if (expected) checkHead(scores, expected);
    const parts = expected ? check(matrices, expected) : inOrder(matrices);
    const last = parts.reduce((a, b) => (b.offset > a.offset ? b : a));
    const values = new Float32Array(endOf(last));
    const offsets = new Map(parts.map(({ name, offset }) => [name, offset]));
    for await (const run of runs) {
      if (run.entry.name === HEAD) head?.set(run.values, run.offset);
      else values.set(run.values, (offsets.get(run.entry.name) ?? 0) + run.offset);
    }
    const wrong = [...values.filter((x) => !Number.isFinite(x)), ...(head ?? []).filter((x) => !Number.isFinite(x))][0];
    if (wrong !== undefined)
      throw new PeftError(
        `${WEIGHTS_FILE}: every number must be finite, got ${wrong}. Take an earlier checkpoint of it.`,
      );
    return { parts, metadata: header.metadata, values, head };
  } finally {
    await runs.return();
  }
}

interface Expected {
  parts: readonly AdapterPart[];
  base: string;
  /** The width of the head; none for one that answers. */
  head?: number;
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

function checkHead(given: Named | undefined, { head, base }: Expected): void {
  if (head === undefined && given)
    throw new PeftError(
      `${WEIGHTS_FILE}: one that answers must hold no ${HEAD}, got one. Its adapter_config.json must say SEQ_CLS.`,
    );
  if (head === undefined || (given?.shape.length === 2 && given.shape[0] === 1 && given.shape[1] === head)) return;
  throw new PeftError(
    `${WEIGHTS_FILE}: ${HEAD} must be [1, ${head}] for ${base}, got ${given ? `[${given.shape.join(', ')}]` : 'none'}. ` +
      'Train it with num_labels=1 and save it with its head (modules_to_save ["score"]).',
  );
}

function check(tensors: readonly Named[], { parts: expected, base }: Expected): AdapterPart[] {
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
