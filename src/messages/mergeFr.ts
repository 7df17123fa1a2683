// French words of merging feedback into preferences.
import type { mergeEn } from './mergeEn.ts';

export const mergeFr: typeof mergeEn = {
  title: 'merge',
};
