// Removing a comparison: gone at once, back for ten seconds.
import { comparisons } from '../../state/comparisons.svelte.ts';
import { judging } from '../../state/judging.svelte.ts';
import { sentence, t } from '../../state/language.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';

const fail = (error: unknown): number => toasts.show(sentence(error), { tone: 'error' });

export async function removeComparison(id: string): Promise<void> {
  try {
    const removed = await comparisons.remove([id]);
    await judging.load(removed.projectId);
    const restore = async (): Promise<void> => {
      await comparisons.restore(removed);
      await judging.load(removed.projectId);
    };
    toasts.undoable(t().judge.list.removed, t().common.undo, () => void restore().catch(fail));
  } catch (error) {
    fail(error);
  }
}
