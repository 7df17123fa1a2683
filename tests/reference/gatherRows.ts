// Oracle of gatherRows and embedding.   y[r] = table[index[r]], zeros for a row that does not exist

export function gatherRowsReference(table: ArrayLike<number>, index: ArrayLike<number>, dim: number): number[] {
  const y: number[] = [];
  for (let r = 0; r < index.length; r++) for (let i = 0; i < dim; i++) y.push(table[(index[r] ?? 0) * dim + i] ?? 0);
  return y;
}
