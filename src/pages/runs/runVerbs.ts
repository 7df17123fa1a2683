// Verbs on runs with the words that go with them.
import type { Run } from '../../records/run.ts';
import { adapters } from '../../state/adapters.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { runs } from '../../state/runs.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { trainSettings } from '../../state/trainSettings.svelte.ts';
import { attempt } from '../frame/projectVerbs.ts';
import { saveFile } from '../frame/saveFile.ts';

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

/** The adapter answers from now on. */
export function askWith(adapterId: string): void {
  adapters.choose(adapterId);
  router.go('/ask');
}

export function runAgain(run: Run): void {
  trainSettings.take(run.config);
  router.go('/fine-tune?tab=settings');
}

export function exportAdapter(adapterId: string): Promise<boolean> {
  return attempt(async () => {
    const name = adapters.find(adapterId)?.name ?? adapterId;
    saveFile(`${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.zip`, await adapters.leave(adapterId));
  }, t().train.run.exportFailed);
}
