// Oracle of pairLoss: log(1 + e^−d) + centering · (c + r)², d = c − r − margin, in f64.

export interface PairLossCase {
  margins: ArrayLike<number>;
  weights: ArrayLike<number>;
  centering: number;
}

/** scores [2·B], chosen first → loss of each pair, and Σ weight · [loss, hit, c − r, ½ (c + r)] */
export function pairLossReference(
  scores: ArrayLike<number>,
  { margins, weights, centering }: PairLossCase,
): { losses: number[]; totals: number[] } {
  const losses: number[] = [];
  const totals = [0, 0, 0, 0];
  for (let i = 0; i < margins.length; i++) {
    const [c, r] = [scores[i] ?? Number.NaN, scores[margins.length + i] ?? Number.NaN];
    const d = c - r - (margins[i] ?? Number.NaN);
    const loss = Math.max(-d, 0) + Math.log1p(Math.exp(-Math.abs(d))) + centering * (c + r) ** 2;
    losses.push(loss);
    const hit = c === r ? 0.5 : Number(c > r);
    [loss, hit, c - r, (c + r) / 2].forEach((x, k) => (totals[k]! += (weights[i] ?? Number.NaN) * x));
  }
  return { losses, totals };
}
