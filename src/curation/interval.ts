// A share and how sure it is: Wilson's score interval at 95 % (Wilson 1927).
import type { Share } from '../records/merging.ts';

/** The two-sided 95 % point of the normal distribution. */
const Z = 1.959963984540054;

/** Stays between 0 and 1 and says something for few cases too; with none, anything is possible: 0 … 1. */
export function shareOf(count: number, n: number): Share {
  if (n === 0) return { count: 0, n: 0, share: 0, low: 0, high: 1 };
  const share = count / n;
  const z2 = Z * Z;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const reach = (Z * Math.sqrt((share * (1 - share) + z2 / (4 * n)) / n)) / (1 + z2 / n);
  // Exactly 0 and 1 at the ends, whatever the last digit says.
  const low = count === 0 ? 0 : Math.max(0, middle - reach);
  const high = count === n ? 1 : Math.min(1, middle + reach);
  return { count, n, share, low, high };
}
