// Tensors: named, shaped pieces of GPU memory. Resident ones own a buffer or view one; temporaries get theirs from a plan.

/** f16: two halves to a word, unpacked where they are read (no adapter feature is needed for that). */
export type DType = 'f32' | 'u32' | 'f16';

export interface Slot {
  buffer: GPUBuffer;
  /** In bytes, a multiple of 256. */
  offset: number;
}

export interface Tensor {
  readonly label: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly bytes: number;
  /** null until the plan of its program places it. */
  slot: Slot | null;
}

export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Whole words: an odd number of halves is padded. */
export const bytesOf = (shape: readonly number[], dtype: DType): number =>
  dtype === 'f16' ? 4 * Math.ceil(size(shape) / 2) : 4 * size(shape);

export function describe(tensor: Tensor): string {
  return `${tensor.label} [${tensor.shape.join(', ')}]`;
}

export function tensor(label: string, shape: readonly number[], dtype: DType, slot: Slot | null): Tensor {
  if (shape.some((d) => !Number.isInteger(d) || d < 1))
    throw new Error(
      `tensor ${label}: every dimension must be a whole number above 0, got [${shape.join(', ')}]. Check the shape.`,
    );
  return { label, shape, dtype, bytes: bytesOf(shape, dtype), slot };
}

/** Part of a resident tensor, starting `offset` elements in (a multiple of 64: bindings are aligned to 256 bytes). */
export function view(parent: Tensor, label: string, offset: number, shape: readonly number[]): Tensor {
  if (!parent.slot)
    throw new Error(`view ${label}: the parent must be resident, got ${describe(parent)}. Create it first.`);
  if (parent.dtype === 'f16' || offset % 64 !== 0 || 4 * (offset + size(shape)) > parent.bytes)
    throw new Error(
      `view ${label}: must start at a multiple of 64 elements and end inside ${describe(parent)}, got ${offset} + ` +
        `${size(shape)}. Pad the parts.`,
    );
  return tensor(label, shape, parent.dtype, { buffer: parent.slot.buffer, offset: parent.slot.offset + 4 * offset });
}
