// Deletes a question with its answers, and takes it back for ten seconds.
import { asking } from '../../state/ask.svelte.ts';
import type { AskView } from '../../state/askView.ts';
import { generations } from '../../state/generations.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';

export async function deleteAsk({ askId }: AskView): Promise<void> {
  const shown = router.name === 'ask' && router.id === askId;
  const gone = await asking.remove(askId);
  if (shown) router.go('/ask');
  toasts.undoable(t().ask.deleted, t().common.undo, () => {
    void generations.put(...gone).then(() => shown && router.go(`/ask/${askId}`));
  });
}
