// Shares and coefficients as this page writes them.
import type { Share } from '../../records/merging.ts';
import { format, t } from '../../state/language.svelte.ts';

export const percent = (share: number): string => t().common.percent(share);

/** "51–65" */
export const rangeOf = ({ low, high }: Share): string =>
  t().merge.bias.range(format.number(low * 100), format.number(high * 100));

/** "58% (51–65)"; a dash where nothing is known. */
export const shareText = (share: Share): string =>
  share.n === 0 ? t().merge.agreement.unknown : `${percent(share.share)} (${rangeOf(share)})`;

/** "0.41" */
export const coefficient = (x: number | null): string =>
  x === null ? t().merge.agreement.unknown : format.number(Math.round(x * 100) / 100 || 0, 2); // never −0.00

/** As a line of components/Intervals. */
export function intervalRow(
  label: string,
  share: Share,
): {
  label: string;
  value: Share | null;
  text: string;
  spoken: string;
} {
  const words = t().merge;
  if (share.n === 0) return { label, value: null, text: words.agreement.unknown, spoken: words.agreement.unknown };
  const spoken = words.bias.interval(percent(share.share), percent(share.low), percent(share.high));
  return { label, value: share, text: percent(share.share), spoken: `${spoken}, ${words.bias.winners(share.n)}` };
}

export const nameOf = (annotator: string): string => annotator || t().merge.agreement.anonymous;
