// Verbs on runs with the words that go with them.
import type { Run } from '../../records/run.ts';
import { alignSettings } from '../../state/alignSettings.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { rewardSettings } from '../../state/rewardSettings.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { runs } from '../../state/runs.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { PAGE_OF } from '../../state/training.svelte.ts';
import { trainSettings } from '../../state/trainSettings.svelte.ts';
import { attempt } from '../frame/projectVerbs.ts';

/** Hidden for ten seconds, then gone with its log and checkpoint. */
export function deleteRun(run: Run): void {
  const shown = router.path === `/runs/${run.id}`;
  runs.hide(run.id);
  if (shown) router.go('/monitor');
  toasts.undoable(
    t().train.run.deleted(run.name),
    t().common.undo,
    () => {
      runs.restore(run.id);
      if (shown) router.go(`/runs/${run.id}`);
    },
    () => void attempt(() => runs.sweep(run.id)),
  );
}

/** To the page of its kind, with its settings in the form. */
export function runAgain(run: Run): void {
  if (run.kind === 'sft') trainSettings.take(run.config);
  if (run.kind === 'reward') rewardSettings.take(run.config);
  if (run.kind === 'ppo') alignSettings.take(run.config);
  router.go(`/${PAGE_OF[run.kind]}?tab=settings`);
}
