// Oracle of rope: each pair (i, i + headDim / 2) of a head turned by position · frequency[i].

export interface RopeShape {
  time: number;
  headDim: number;
}

/** x [batch · time, heads, headDim], starts [batch]; the angle is rounded to f32, as transformers does it. */
export function ropeReference(
  { time, headDim }: RopeShape,
  x: ArrayLike<number>,
  starts: ArrayLike<number>,
  frequencies: ArrayLike<number>,
): number[] {
  const half = headDim / 2;
  const heads = x.length / (starts.length * time * headDim);
  const y = Array.from(x);
  for (let row = 0; row < starts.length * time; row++) {
    const position = (starts[Math.floor(row / time)] ?? 0) + (row % time);
    for (let head = 0; head < heads; head++)
      for (let i = 0; i < half; i++) {
        const angle = Math.fround(position * (frequencies[i] ?? 0));
        const low = (row * heads + head) * headDim + i;
        const [a, b] = [x[low] ?? 0, x[low + half] ?? 0];
        y[low] = a * Math.cos(angle) - b * Math.sin(angle);
        y[low + half] = b * Math.cos(angle) + a * Math.sin(angle);
      }
  }
  return y;
}
