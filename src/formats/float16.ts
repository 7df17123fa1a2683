// Half precision on the host: f16 and bf16 to f32 exactly, f32 to either by rounding to nearest, ties to even.

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
let table: Float32Array | undefined;

/** Value of an f16 bit pattern, by the formula: sign · 2^(e−15) · 1.m, subnormals 2^−14 · 0.m. */
function f16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

export function f16ToF32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 65536 }, (_, i) => f16(i));
  const out = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = table[halves[i] ?? 0] ?? 0;
  return out;
}

export function bf16ToF32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = (halves[i] ?? 0) << 16;
  return new Float32Array(out.buffer);
}

function toBf16(value: number): number {
  float[0] = value;
  const b = bits[0] ?? 0;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((b + 0x7fff + ((b >>> 16) & 1)) >>> 16) & 0xffff;
}

function toF16(value: number): number {
  float[0] = value;
  const b = bits[0] ?? 0;
  const sign = (b >>> 16) & 0x8000;
  if (Number.isNaN(value)) return sign | 0x7e00;
  const size = Math.abs(float[0]);
  if (size >= 65520) return sign | 0x7c00; // rounds to infinity
  // The spacing of f16 numbers near `size`; below 2^−14 it stays 2^−24.
  const exponent = Math.max(((b >>> 23) & 255) - 127, -14);
  const steps = size / 2 ** (exponent - 10); // exact: a power of two
  const down = Math.floor(steps);
  const rest = steps - down;
  const rounded = rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
  // Normal numbers have steps 1024…2047; a carry into the exponent is plain addition.
  return sign | (rounded >= 1024 || exponent > -14 ? ((exponent + 14) << 10) + rounded : rounded);
}

export const f32ToF16 = (values: Float32Array): Uint16Array<ArrayBuffer> => Uint16Array.from(values, toF16);

export const f32ToBf16 = (values: Float32Array): Uint16Array<ArrayBuffer> => Uint16Array.from(values, toBf16);
