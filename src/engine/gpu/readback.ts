// Readback without stalls: a ring of staging buffers, copied to inside a submit and read late.
import type { Gpu } from './device.ts';
import { describe, type Tensor } from './tensor.ts';

export class ReadbackRing {
  readonly #buffers: GPUBuffer[];
  readonly #free: number[];

  /** `depth` copies may be under way at once, each of at most `bytes`. */
  constructor(
    gpu: Gpu,
    readonly bytes: number,
    depth = 3,
  ) {
    this.#buffers = Array.from({ length: depth }, (_, i) =>
      gpu.device.createBuffer({
        label: `readback ${i}`,
        size: Math.ceil(bytes / 16) * 16,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    );
    this.#free = this.#buffers.map((_, i) => i);
  }

  /** Appends copies of the sources, one behind the other, to the encoder; the returned function reads them after the
   *  submit, and frees the slot. */
  copy(encoder: GPUCommandEncoder, ...sources: readonly Tensor[]): () => Promise<ArrayBuffer> {
    const i = this.#free.shift();
    const buffer = i === undefined ? undefined : this.#buffers[i];
    if (i === undefined || !buffer)
      throw new Error(
        `readback: at most ${this.#buffers.length} copies may be under way, got one more. Read one first.`,
      );
    let bytes = 0;
    for (const source of sources) {
      if (!source.slot || bytes + source.bytes > this.bytes)
        throw new RangeError(
          `readback: at most ${this.bytes} bytes fit, got ${describe(source)}. Make the ring larger.`,
        );
      encoder.copyBufferToBuffer(source.slot.buffer, source.slot.offset, buffer, bytes, source.bytes);
      bytes += source.bytes;
    }
    return async () => {
      try {
        await buffer.mapAsync(GPUMapMode.READ, 0, bytes);
        const copy = buffer.getMappedRange(0, bytes).slice(0);
        buffer.unmap();
        return copy;
      } finally {
        this.#free.push(i);
      }
    };
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}
