// Judging takes the screen: always on a phone, elsewhere when asked for. The frame's parts hide by this mark on the page.
import type { Attachment } from 'svelte/attachments';
import { isFlag, Persisted } from '../../state/persisted.svelte.ts';

export const focusMode = new Persisted('judge:focus', false, isFlag);

/** While the element stands. */
export const fillsTheScreen: Attachment = () => {
  const { dataset } = document.documentElement;
  dataset.sitting = focusMode.value ? 'focus' : 'phone';
  return () => {
    delete dataset.sitting;
  };
};
