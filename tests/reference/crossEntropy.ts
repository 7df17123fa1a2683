// Oracle of crossEntropy: the loss of a language model's head, all logits stored.
//   loss = log Σ eˣ − x[target], hit = the lowest of the likeliest is the target; 0 where the weight is 0

export interface CrossEntropyCase {
  dim: number;
  index: ArrayLike<number>;
  targets: ArrayLike<number>;
  weights: ArrayLike<number>;
}

/** hidden [N, dim], head [V, dim]; a number outside of hidden picks zeros. */
export function crossEntropyReference(
  hidden: ArrayLike<number>,
  head: ArrayLike<number>,
  { dim, index, targets, weights }: CrossEntropyCase,
): { losses: number[]; hits: number[]; likeliest: number[] } {
  const likeliest: number[] = [];
  const losses: number[] = [];
  const hits: number[] = [];
  for (let r = 0; r < index.length; r++) {
    const x = Array.from({ length: head.length / dim }, (_, v) => {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += (hidden[(index[r] ?? 0) * dim + i] ?? 0) * (head[v * dim + i] ?? Number.NaN);
      return sum;
    });
    const top = Math.max(...x);
    const lse = top + Math.log(x.reduce((sum, v) => sum + Math.exp(v - top), 0));
    const target = targets[r] ?? Number.NaN;
    const counts = weights[r] !== 0;
    losses.push(counts ? lse - (x[target] ?? Number.NaN) : 0);
    likeliest.push(x.indexOf(top));
    hits.push(counts && x.indexOf(top) === target ? 1 : 0);
  }
  return { losses, hits, likeliest };
}

/** [Σ weight · loss, hits and rows where the weight is above 0, 0] */
export function sumLossesReference(
  losses: ArrayLike<number>,
  hits: ArrayLike<number>,
  weights: ArrayLike<number>,
): number[] {
  const totals = [0, 0, 0, 0];
  for (let r = 0; r < weights.length; r++) {
    const weight = weights[r] ?? Number.NaN;
    totals[0]! += weight * (losses[r] ?? Number.NaN);
    if (weight > 0) totals[1]! += hits[r] ?? Number.NaN;
    if (weight > 0) totals[2]! += 1;
  }
  return totals;
}
