// A short hash for naming plans and caches. Not for anything that must resist an attacker.

/** FNV-1a, 64 bit, as 16 hex digits. */
export function fnv1a(text: string): string {
  // Two 32-bit halves with the 64-bit prime 2^40 + 0x1b3: BigInt would cost a hundred times more.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of new TextEncoder().encode(text)) {
    low ^= byte;
    const product = (low >>> 0) * 0x1b3;
    const carry = Math.floor(product / 2 ** 32);
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
