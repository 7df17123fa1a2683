// What is typed letter by letter: which letters make one step of undo.
import type { Decision, FeedbackAction } from '../records/feedback.ts';

/** Whether `next` goes on where `last` of the same kind ended: only writing, or only taking away, in the same text. So
 *  the fullest text between two such runs is always a place that undo comes by, and is never lost. */
export function goesOn(last: Pick<FeedbackAction, 'kind' | 'before' | 'after'>, next: Decision): boolean {
  const [before, here, there] = [last.before, last.after, next].map((one) => textOf(last.kind, one));
  if (!here || !there || here.of !== there.of) return false;
  const from = before && before.of === here.of ? before.text : ''; // an edit begins
  const grows = within(from, here.text) && within(here.text, there.text);
  return grows || (within(there.text, here.text) && within(here.text, from));
}

/** The text, and what it is a text of; null when it is dropped, and of what is not typed. */
function textOf(
  kind: FeedbackAction['kind'],
  { comment, edit }: Partial<Decision>,
): { of: number; text: string } | null {
  if (kind === 'comment') return comment === undefined ? null : { of: -1, text: comment };
  return kind === 'edit' && edit ? { of: edit.response, text: edit.text } : null;
}

/** Whether all letters of `part` stand in `text`, in their order. */
function within(part: string, text: string): boolean {
  let at = 0;
  for (let i = 0; i < text.length && at < part.length; i++) if (text[i] === part[at]) at++;
  return at === part.length;
}
