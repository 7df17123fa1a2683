// Philox on the host: Random123's known answers, and the range and evenness of the uniforms.
import { expect, it } from 'vitest';
import { DOMAIN, philox, uniforms } from '../../src/engine/random.ts';
import { KNOWN_ANSWERS } from '../reference/random.ts';

it.each(KNOWN_ANSWERS)('philox(%j, %j) gives the published words', (counter, key, expected) => {
  expect(philox(counter, key)).toEqual(expected);
});

it('every bit of counter and key changes about half of the output bits', () => {
  const base = philox([1, 2, 3, 4], [5, 6]);
  for (let word = 0; word < 6; word++)
    for (let bit = 0; bit < 32; bit++) {
      const input = [1, 2, 3, 4, 5, 6];
      input[word] = ((input[word] ?? 0) ^ (1 << bit)) >>> 0;
      const [a = 0, b = 0, c = 0, d = 0, k0 = 0, k1 = 0] = input;
      const changed = philox([a, b, c, d], [k0, k1])
        .map((w, i) => ((w ^ (base[i] ?? 0)) >>> 0).toString(2).replaceAll('0', '').length)
        .reduce((x, y) => x + y);
      expect(changed).toBeGreaterThan(35);
      expect(changed).toBeLessThan(93);
    }
});

it('uniforms lie in (0, 1), fill it evenly, and depend on seed, stream and domain', () => {
  const n = 40_000;
  const x = uniforms(7, 0, n);
  const bins = new Array<number>(20).fill(0);
  expect(x.every((u) => u > 0 && u < 1)).toBe(true);
  for (const u of x) bins[Math.floor(u * 20)]! += 1;
  const chi2 = bins.reduce((sum, b) => sum + (b - n / 20) ** 2 / (n / 20), 0);
  expect(chi2).toBeLessThan(43.8); // 19 degrees of freedom, p = 0.001
  expect(uniforms(7, 0, 8)).toEqual(x.slice(0, 8));
  expect(uniforms(7, 1, 8)).not.toEqual(x.slice(0, 8));
  expect(uniforms(8, 0, 8)).not.toEqual(x.slice(0, 8));
  expect(uniforms(7, 0, 8, DOMAIN.init)).not.toEqual(x.slice(0, 8));
});
