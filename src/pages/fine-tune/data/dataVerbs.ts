// Verbs on rows with the words that go with them.
import type { Demonstration, DemonstrationRow } from '../../../records/demonstration.ts';
import { demonstrations, type RowsImport } from '../../../state/demonstrations.svelte.ts';
import { t } from '../../../state/language.svelte.ts';
import { rowImport } from '../../../state/rowImport.svelte.ts';
import { toasts } from '../../../state/toasts.svelte.ts';
import { trainSettings } from '../../../state/trainSettings.svelte.ts';
import { ensureProject } from '../../../state/workspace.ts';
import { attempt } from '../../frame/projectVerbs.ts';
import { saveFile } from '../../frame/saveFile.ts';

function told({ importId, added, known, refused }: RowsImport): void {
  const text = t().data.imported(added, known, refused);
  if (added === 0) toasts.show(text);
  else toasts.undoable(text, t().common.undo, () => void attempt(() => demonstrations.forget(importId)));
}

export const useDemoRows = (): Promise<boolean> =>
  attempt(async () => {
    await ensureProject(t().projects.untitled);
    told(await demonstrations.useDemo());
  }, t().data.demoFailed);

export const lookAt = (files: readonly File[]): Promise<boolean> =>
  attempt(() => rowImport.open(files), t().data.readFailed);

export const acceptRows = (): Promise<boolean> =>
  attempt(async () => {
    await ensureProject(t().projects.untitled);
    const came = await rowImport.accept();
    if (came) told(came);
  }, t().data.readFailed);

export const addRow = (row: DemonstrationRow, split: Demonstration['split']): Promise<boolean> =>
  attempt(async () => {
    await ensureProject(t().projects.untitled);
    await demonstrations.add(row, split);
  });

export const editRow = (id: string, change: Partial<Pick<Demonstration, 'row' | 'split'>>): Promise<boolean> =>
  attempt(() => demonstrations.edit(id, change));

export const removeRows = (ids: readonly string[]): Promise<boolean> =>
  attempt(async () => {
    const gone = await demonstrations.remove(ids);
    const back = (): void => void attempt(() => demonstrations.restore(gone));
    toasts.undoable(t().data.removed(gone.length), t().common.undo, back);
  });

export const leave = (side: 'train' | 'test'): Promise<boolean> =>
  attempt(
    async () => saveFile(`${side}.jsonl`, (await demonstrations.files(trainSettings.config))[side]),
    t().data.leave.failed,
  );
