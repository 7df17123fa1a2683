// Oracle of rmsnorm.   rstd = 1 / sqrt(mean(x²) + eps)    y = x · rstd · weight

export function rmsnormReference(x: ArrayLike<number>, weight: ArrayLike<number>, eps: number) {
  const dim = weight.length;
  const y: number[] = [];
  const rstd: number[] = [];
  for (let start = 0; start < x.length; start += dim) {
    let squares = 0;
    for (let i = 0; i < dim; i++) squares += (x[start + i] ?? 0) ** 2;
    const scale = 1 / Math.sqrt(squares / dim + eps);
    rstd.push(scale);
    for (let i = 0; i < dim; i++) y.push((x[start + i] ?? 0) * scale * (weight[i] ?? 0));
  }
  return { y, rstd };
}
