// Agreement beyond chance: Krippendorff's α for any number of people, Cohen's κ for two.

/** Nominal, with values missing anywhere (Krippendorff 2011). Each unit holds how often it got each category.
 *  α = 1 − (n − 1) · Σᵤ Σ_{c≠k} n_uc n_uk / (m_u − 1)  ÷  Σ_{c≠k} n_c n_k. Null when no unit has two values or nothing varies. */
export function krippendorffAlpha(units: Iterable<readonly number[]>): number | null {
  const totals: number[] = [];
  let n = 0;
  let agreeing = 0; // the diagonal of the coincidence matrix
  for (const counts of units) {
    const values = sum(counts);
    if (values < 2) continue; // a single value can be compared with none
    n += values;
    counts.forEach((count, category) => {
      totals[category] = (totals[category] ?? 0) + count;
      agreeing += (count * (count - 1)) / (values - 1);
    });
  }
  const differing = n * n - totals.reduce((squares, total) => squares + total * total, 0);
  return differing === 0 ? null : 1 - ((n - 1) * (n - agreeing)) / differing;
}

/** Unweighted (Cohen 1960). [a's category][b's category] = cases. Null without cases, or when both always said the same one. */
export function cohenKappa(table: readonly (readonly number[])[]): number | null {
  const rows = table.map(sum);
  const columns = rows.map((_, j) => table.reduce((total, row) => total + (row[j] ?? 0), 0));
  const n = sum(rows);
  const observed = table.reduce((total, row, i) => total + (row[i] ?? 0), 0) * n;
  const expected = rows.reduce((total, row, i) => total + row * (columns[i] ?? 0), 0);
  return n * n === expected ? null : (observed - expected) / (n * n - expected);
}

function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
