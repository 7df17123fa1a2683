// Matrices in eight bits: one scale per row or per column, symmetric, zero at zero.
import type { Weight } from './weights.ts';

const MOST = 127;

export interface Quantised {
  values: Int8Array; // the shape of the matrix
  scales: Float32Array; // [rows] or [columns]
}

/** To the nearest whole number, ties to the even one, as NumPy rounds. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** Every quotient is rounded to single precision first: so does NumPy, and so the bytes come out the same. */
export function quantise({ shape, data }: Weight, per: 'row' | 'column'): Quantised {
  const [rows = 0, columns = 0] = shape;
  const group = (i: number): number => (per === 'row' ? Math.floor(i / columns) : i % columns);
  const scales = new Float32Array(per === 'row' ? rows : columns);
  for (const [i, value] of data.entries()) {
    const size = Math.abs(value);
    if (size > (scales[group(i)] ?? 0)) scales[group(i)] = size;
  }
  for (const [i, most] of scales.entries()) scales[i] = most === 0 ? 1 : most / MOST;
  const values = Int8Array.from(data, (value, i) => {
    const steps = roundEven(Math.fround(value / (scales[group(i)] ?? 1)));
    return Math.max(-MOST, Math.min(MOST, steps));
  });
  return { values, scales };
}
