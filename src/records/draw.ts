// A draw over a text: 0 … 1 from the text and a seed alone, so that the same one always falls the same way.

/** By 32 bits of FNV-1a over UTF-16. The words at the end stir: it mixes its last letters badly. A hundred thousand rows
 *  are drawn, so neither bytes nor longer texts are made of them. */
export function drawing(seed: number): (prompt: string) => number {
  const start = stir(0x811c9dc5, `${seed}\n`);
  return (prompt) => (stir(stir(start, prompt), '\nsplit by prompt') >>> 0) / 2 ** 32;
}

function stir(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
