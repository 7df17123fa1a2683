// Protocol buffers, writing only: the few kinds of field that an ONNX file needs.

export const join = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

/** Seven bits a byte, the lowest first; a set top bit says that more follow. Negative numbers take all 64 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;
const key = (field: number, wire: number): Uint8Array => varint(field * 8 + wire);

export const int = (field: number, value: number): Uint8Array => join([key(field, VARINT), varint(value)]);

/** A string, raw bytes or a message within the message. */
export function bytes(field: number, value: string | Uint8Array): Uint8Array {
  const content = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  return join([key(field, DELIMITED), varint(content.length), content]);
}

export function float(field: number, value: number): Uint8Array {
  const content = new Uint8Array(4);
  new DataView(content.buffer).setFloat32(0, value, true);
  return join([key(field, FIXED32), content]);
}
