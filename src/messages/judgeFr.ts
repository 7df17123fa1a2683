// French words of judging.
import type { judgeEn } from './judgeEn.ts';

export const judgeFr: typeof judgeEn = {
  title: 'judge',
};
