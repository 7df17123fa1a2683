// French words of the ways into the queue of comparisons.
import type { tasksEn } from './tasksEn.ts';

export const tasksFr: typeof tasksEn = {
  title: 'tasks',
};
