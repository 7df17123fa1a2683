// English words of the ways into the queue of comparisons.

export const tasksEn = {
  title: 'tasks',
};
