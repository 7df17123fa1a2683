// Seeded draws by name: what is drawn for one thing depends on nothing but the seed, the purpose and its name.

/** 0 … 1 (never 1): FNV-1a over UTF-16, then the finaliser of MurmurHash3, so that neighbouring seeds and names differ. */
export function draw(seed: number, purpose: string, name: string): number {
  let hash = 0x811c9dc5;
  const text = `${seed}\n${purpose}\n${name}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
