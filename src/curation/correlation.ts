// Correlation of two rows of numbers: by value (Pearson) and by rank (Spearman).

/** −1 … 1; null where one of them does not vary. */
export function pearson(a: readonly number[], b: readonly number[]): number | null {
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [middleA, middleB] = [mean(a), mean(b)];
  let [both, ownA, ownB] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const [fromA, fromB] = [x - middleA, (b[i] ?? middleB) - middleB];
    both += fromA * fromB;
    ownA += fromA * fromA;
    ownB += fromB * fromB;
  }
  const found = both / Math.sqrt(ownA * ownB);
  return Number.isFinite(found) ? Math.max(-1, Math.min(1, found)) : null;
}

export const spearman = (a: readonly number[], b: readonly number[]): number | null => pearson(ranks(a), ranks(b));

/** From 0; equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
  const sorted = values.map((value, at) => ({ value, at })).sort((a, b) => a.value - b.value);
  const found = new Array<number>(values.length).fill(0);
  for (let from = 0, to = 0; from < sorted.length; from = to) {
    while (to < sorted.length && sorted[to]?.value === sorted[from]?.value) to++;
    for (const { at } of sorted.slice(from, to)) found[at] = (from + to - 1) / 2;
  }
  return found;
}
