// Oracle of swiglu.   y = gate · sigmoid(gate) · up

export const swigluReference = (gate: ArrayLike<number>, up: ArrayLike<number>): number[] =>
  Array.from(gate, (g, i) => (g / (1 + Math.exp(-g))) * (up[i] ?? Number.NaN));
