// Random numbers from a counter and a key: Philox 4x32-10 (Salmon et al. 2011), bit-equal to shaders/common.wgsl.
// No state: the same (seed, stream, index) gives the same number in any order, thread or batch layout.

export type Counter = readonly [number, number, number, number];
export type Key = readonly [number, number];

/** High 32 bits of a · b; the four partial products stay below 2^53. */
function mulHigh(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const mid = ah * bl + ((al * bl) >>> 16);
  const carry = (mid % 65536) + al * bh;
  return (ah * bh + Math.floor(mid / 65536) + Math.floor(carry / 65536)) >>> 0;
}

/** Four words of 32 random bits. */
export function philox([c0, c1, c2, c3]: Counter, [k0, k1]: Key): [number, number, number, number] {
  for (let round = 0; round < 10; round++) {
    const h0 = mulHigh(0xd2511f53, c0);
    const l0 = Math.imul(0xd2511f53, c0) >>> 0;
    const h1 = mulHigh(0xcd9e8d57, c2);
    const l1 = Math.imul(0xcd9e8d57, c2) >>> 0;
    [c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Last word of every counter: keeps the uses of one seed apart. */
export const DOMAIN = { sampling: 0x73616d70, data: 0x64617461, dropout: 0x64726f70, init: 0x696e6974 } as const;

/** `count` numbers of (0, 1), never 0 or 1: 23 bits each, as `uniform01` of common.wgsl makes them. */
export function uniforms(
  seed: number,
  stream: number,
  count: number,
  domain: number = DOMAIN.data,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i += 4)
    philox([i / 4, 0, stream, domain], [seed, 0]).forEach((bits, j) => {
      if (i + j < count) out[i + j] = ((bits >>> 9) + 0.5) / 2 ** 23;
    });
  return out;
}
