// Inner products of one query with many rows: WebAssembly SIMD, assembled here, and plain loops where that is missing.

/** scores[i] = query · rows[i] for `count` > 0 rows of `stride` floats, a multiple of LANES. All are offsets in floats. */
export type Dots = (query: number, rows: number, scores: number, stride: number, count: number) => void;

/** A row is padded with zeros to a multiple of these: the kernel sums two vectors of four at once. */
export const LANES = 8;

const section = (id: number, body: number[]): number[] => [id, ...size(body.length), ...body];
/** Unsigned LEB128. */
const size = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...size(n >>> 7)]);
const simd = (op: number, ...immediate: number[]): number[] => [0xfd, ...size(op), ...immediate];

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (n: number): number[] => [0x41, n]; // below 64: one byte
const ADD = [0x6a];
const step = (local: number, bytes: number): number[] => [...get(local), ...constant(bytes), ...ADD, ...set(local)];
const zero = (local: number): number[] => [...simd(0x0c, ...Array<number>(16).fill(0)), ...set(local)];
const load = (local: number, bytes: number): number[] => [...get(local), ...simd(0x00, 2, bytes)];
const lane = (local: number, i: number): number[] => [...get(local), ...simd(0x1f, i)];
const F32_ADD = [0x92];
/** Again and again until two locals are equal. */
const until = (a: number, b: number, body: number[]): number[] => [
  ...[0x03, 0x40, ...body],
  ...[...get(a), ...get(b), 0x47, 0x0d, 0, 0x0b],
];

function assemble(): Uint8Array<ArrayBuffer> {
  const [query, row, score, rowBytes, count, at, rowEnd, scoreEnd, even, odd] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
  const multiplyAdd = (sum: number, bytes: number): number[] => [
    ...[...get(sum), ...load(row, bytes), ...load(at, bytes)],
    ...[...simd(0xe6), ...simd(0xe4), ...set(sum)], // f32x4.mul, f32x4.add
  ];
  const oneRow = [
    ...[...zero(even), ...zero(odd), ...get(query), ...set(at)],
    ...[...get(row), ...get(rowBytes), ...ADD, ...set(rowEnd)],
    ...until(row, rowEnd, [...multiplyAdd(even, 0), ...multiplyAdd(odd, 16), ...step(at, 32), ...step(row, 32)]),
    ...[...get(even), ...get(odd), ...simd(0xe4), ...set(even), ...get(score)],
    ...[...lane(even, 0), ...lane(even, 1), ...F32_ADD, ...lane(even, 2), ...lane(even, 3), ...F32_ADD, ...F32_ADD],
    ...[0x38, 2, 0, ...step(score, 4)], // f32.store
  ];
  const body = [
    ...[2, 3, 0x7f, 2, 0x7b], // locals: three i32, two v128
    ...[...get(score), ...get(count), ...constant(2), 0x74, ...ADD, ...set(scoreEnd)], // score + (count << 2)
    ...until(score, scoreEnd, oneRow),
    0x0b,
  ];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
    ...section(1, [1, 0x60, 5, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]), // one type: five i32, nothing back
    ...section(2, [1, 1, 0x65, 1, 0x6d, 2, 0, 1]), // imports e.m, a memory
    ...section(3, [1, 0]), // one function
    ...section(7, [1, 1, 0x66, 0, 0]), // exported as f
    ...section(10, [1, ...size(body.length), ...body]),
  );
}

/** Memory of `floats` numbers and the kernel over it; null where WebAssembly cannot give them. */
export async function simdDots(floats: number): Promise<{ memory: Float32Array; dots: Dots } | null> {
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * floats) / 65536) });
    const { instance } = await WebAssembly.instantiate(assemble(), { e: { m: memory } });
    const kernel = instance.exports.f as Dots;
    const dots: Dots = (query, rows, scores, stride, count) =>
      kernel(4 * query, 4 * rows, 4 * scores, 4 * stride, count);
    return { memory: new Float32Array(memory.buffer, 0, floats), dots };
  } catch {
    return null; // no SIMD, or more memory than WebAssembly has
  }
}

/** The same in plain loops. */
export function plainDots(floats: number): { memory: Float32Array; dots: Dots } {
  const memory = new Float32Array(floats);
  const dots: Dots = (query, rows, scores, stride, count) => {
    for (let i = 0, row = rows; i < count; i++, row += stride) {
      let [a, b, c, d] = [0, 0, 0, 0];
      for (let j = 0; j < stride; j += 4) {
        a += (memory[query + j] ?? 0) * (memory[row + j] ?? 0);
        b += (memory[query + j + 1] ?? 0) * (memory[row + j + 1] ?? 0);
        c += (memory[query + j + 2] ?? 0) * (memory[row + j + 2] ?? 0);
        d += (memory[query + j + 3] ?? 0) * (memory[row + j + 3] ?? 0);
      }
      memory[scores + i] = a + b + c + d;
    }
  };
  return { memory, dots };
}
