// English words of judging.

export const judgeEn = {
  title: 'judge',
};
