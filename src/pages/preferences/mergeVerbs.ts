// Verbs on feedback and preferences with the words that go with them.
import type { PreferenceEdit, ShownPreference } from '../../records/preference.ts';
import { t } from '../../state/language.svelte.ts';
import { merging } from '../../state/merging.svelte.ts';
import { mergeSettings } from '../../state/mergeSettings.svelte.ts';
import { preferences, type Change, type PreferenceFile } from '../../state/preferences.svelte.ts';
import { projects } from '../../state/projects.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { ensureProject } from '../../state/workspace.ts';
import { attempt } from '../frame/projectVerbs.ts';
import { saveFile } from '../frame/saveFile.ts';

async function ready(): Promise<void> {
  await ensureProject(t().projects.untitled);
  await mergeSettings.load(projects.current?.id ?? '');
}

function told({ added, known }: { added: string[]; known: string[] }): void {
  const { sources } = t().merge;
  const parts = [added.length > 0 && sources.added(added.length), known.length > 0 && sources.known(known.length)];
  toasts.show(parts.filter(Boolean).join(' '));
}

export const addFiles = (files: readonly File[]): Promise<boolean> =>
  attempt(async () => {
    if (files.length === 0) return;
    await ready();
    told(await merging.addFiles(files));
  }, t().merge.sources.addFailed);

export const useDemoFeedback = (): Promise<boolean> =>
  attempt(async () => {
    await ready();
    told(await merging.useDemo());
  }, t().merge.demoFailed);

export const removeFile = (id: string): Promise<boolean> =>
  attempt(async () => {
    const file = await merging.removeFile(id);
    if (!file) return;
    const back = (): void => void attempt(() => merging.restoreFile(file));
    toasts.undoable(t().merge.sources.removed(file.name), t().common.undo, back);
  });

export const merge = (): Promise<boolean> =>
  attempt(async () => {
    const { funnel, change } = await merging.merge();
    const { merged, removed } = t().merge;
    toasts.show(funnel.preferences === 0 ? removed(change.removed) : merged(funnel.preferences));
  }, t().merge.mergeFailed);

function undoable(text: string, row: ShownPreference, before: PreferenceEdit | null): void {
  const back = (): void => void attempt(() => preferences.restore(row, before), t().merge.rows.changeFailed);
  toasts.undoable(text, t().common.undo, back);
}

export const changeRow = (row: ShownPreference, change: Change, text = t().merge.rows.saved): Promise<boolean> =>
  attempt(async () => undoable(text, row, await preferences.change(row, change)), t().merge.rows.changeFailed);

export const resetRow = (row: ShownPreference): Promise<boolean> =>
  attempt(async () => undoable(t().merge.rows.saved, row, await preferences.reset(row)), t().merge.rows.changeFailed);

export const leave = (file: PreferenceFile): Promise<boolean> =>
  attempt(async () => {
    const { name, blob } = await preferences.export(file);
    saveFile(name, blob);
  }, t().merge.leave.failed);

export const leaveFeedback = (): Promise<boolean> =>
  attempt(async () => saveFile('feedback.jsonl', await preferences.feedback()), t().merge.leave.failed);

export const learnEdits = (): Promise<boolean> =>
  attempt(async () => {
    const { added, known, refused } = await preferences.learnEdits();
    toasts.show(t().data.imported(added, known, refused));
  }, t().merge.leave.failed);
