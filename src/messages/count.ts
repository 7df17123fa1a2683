// "1 token", "2,340 tokens": a number with its noun.

/** French counts 0 and 1 as one; English only 1. */
export const count =
  (language: 'en' | 'fr') =>
  (n: number, one: string, other: string): string =>
    `${n.toLocaleString(language)} ${(language === 'fr' ? Math.abs(n) < 2 : n === 1) ? one : other}`;
