// Verbs on adapters with the words that go with them.
import type { Adapter } from '../../records/adapter.ts';
import { adapters } from '../../state/adapters.svelte.ts';
import { engine } from '../../state/engine.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { ensureProject } from '../../state/workspace.ts';
import { attempt } from '../frame/projectVerbs.ts';
import { saveFile } from '../frame/saveFile.ts';

/** Throws in words when it does not fit the base. */
export async function bringAdapter(files: readonly File[]): Promise<void> {
  const project = await ensureProject(t().projects.untitled);
  const { name } = await adapters.bring(files, engine.model, project.id);
  toasts.show(t().adapters.brought(name));
}

export function askWith(id: string | null): void {
  adapters.choose(id);
  if (id !== null) router.go('/ask');
}

export const renameAdapter = (id: string, name: string): Promise<boolean> => attempt(() => adapters.rename(id, name));

/** Letters and figures of any language; the rest would trouble some system. */
const fileName = (name: string): string =>
  name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|-+$/g, '') || 'adapter';

export const exportAdapter = ({ id, name }: Adapter): Promise<boolean> =>
  attempt(async () => saveFile(`${fileName(name)}.zip`, await adapters.leave(id)));

export const exportMerged = ({ id, name }: Adapter): Promise<boolean> =>
  attempt(async () =>
    saveFile(`${fileName(`${engine.model.name}-${name}`)}-merged.zip`, await engine.exportMerged(id)),
  );

export function deleteAdapter({ id, name, taskType }: Adapter): void {
  const words = t().adapters;
  adapters.hide(id);
  toasts.undoable(
    (taskType === 'SEQ_CLS' ? words.deletedScorer : words.deleted)(name),
    t().common.undo,
    () => adapters.show(id),
    () => void attempt(() => adapters.remove(id)),
  );
}
