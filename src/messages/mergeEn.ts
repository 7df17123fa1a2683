// English words of merging feedback into preferences.

export const mergeEn = {
  title: 'merge',
};
