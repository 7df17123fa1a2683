// Oracle of every backward pass: central differences in f64 of the forward oracle, so no derivation is made twice.
//   d/dx[i] Σ dy · f(x)  ≈  Σ dy · (f(x + h·e[i]) − f(x − h·e[i])) / 2h

export function numericGradient(
  f: (x: Float64Array) => ArrayLike<number>,
  at: ArrayLike<number>,
  dy: ArrayLike<number>,
  h = 1e-4,
): Float64Array {
  const x = Float64Array.from(at);
  const loss = (): number => Array.from(f(x)).reduce((sum, y, i) => sum + y * (dy[i] ?? Number.NaN), 0);
  return x.map((value, i) => {
    x[i] = value + h;
    const up = loss();
    x[i] = value - h;
    const down = loss();
    x[i] = value;
    return (up - down) / (2 * h);
  });
}
