// Log-probabilities, log-sum-exp and entropy of a linear head in f64, every logit stored.

export interface Logprobs {
  logprobs: Float64Array;
  lse: Float64Array;
  entropy: Float64Array;
}

/** hidden [rows, dim], head [vocab, dim], targets [rows]. */
export function logprobsReference(
  hidden: ArrayLike<number>,
  head: ArrayLike<number>,
  targets: ArrayLike<number>,
  dim: number,
  temperature = 1,
): Logprobs {
  const rows = hidden.length / dim;
  const vocab = head.length / dim;
  const out = { logprobs: new Float64Array(rows), lse: new Float64Array(rows), entropy: new Float64Array(rows) };
  for (let r = 0; r < rows; r++) {
    const x = new Float64Array(vocab);
    for (let v = 0; v < vocab; v++) {
      for (let k = 0; k < dim; k++) x[v]! += hidden[r * dim + k]! * head[v * dim + k]!;
      x[v]! /= temperature;
    }
    const top = x.reduce((a, b) => Math.max(a, b));
    const lse = top + Math.log(x.reduce((sum, l) => sum + Math.exp(l - top), 0));
    out.lse[r] = lse;
    out.logprobs[r] = x[targets[r]!]! - lse;
    out.entropy[r] = x.reduce((sum, l) => sum - Math.exp(l - lse) * (l - lse), 0);
  }
  return out;
}
