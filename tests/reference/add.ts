// Oracle of add.   y = a + b

export const addReference = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from(a, (value, i) => value + (b[i] ?? Number.NaN));
