// Verbs on prompts with the words that go with them.
import { t } from '../../state/language.svelte.ts';
import { prompts, type PromptsCame, type PromptSource } from '../../state/prompts.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { ensureProject } from '../../state/workspace.ts';
import { attempt } from '../frame/projectVerbs.ts';

export type PromptProblems = { name: string; problems: PromptsCame['problems'] };

/** Lines that could not be read, by file: the page shows them where they can be mended. */
async function bring(bringing: (projectId: string) => Promise<PromptsCame>, name = ''): Promise<PromptProblems[]> {
  let bad: PromptProblems[] = [];
  await attempt(async () => {
    const project = await ensureProject(t().projects.untitled);
    const { added, known, problems } = await bringing(project.id);
    bad = problems.length > 0 ? [{ name, problems }] : [];
    const ids = added.map(({ id }) => id);
    const text = t().align.prompts.added(added.length, known);
    if (ids.length === 0) toasts.show(text);
    else toasts.undoable(text, t().common.undo, () => void attempt(async () => void (await prompts.remove(ids))));
  }, t().align.prompts.failed);
  return bad;
}

export async function addPromptFiles(files: readonly File[]): Promise<PromptProblems[]> {
  const bad: PromptProblems[] = [];
  for (const file of files) bad.push(...(await bring((projectId) => prompts.addFile(file, projectId), file.name)));
  return bad;
}

export const useDemoPrompts = (): Promise<PromptProblems[]> => bring(() => prompts.useDemo());

export const takePrompts = (source: PromptSource): Promise<PromptProblems[]> => bring(() => prompts.take(source));

export const removePrompts = (ids: readonly string[]): Promise<boolean> =>
  attempt(async () => {
    const gone = await prompts.remove(ids);
    const back = (): void => void attempt(() => prompts.restore(gone));
    toasts.undoable(t().align.prompts.removed(gone.length), t().common.undo, back);
  }, t().align.prompts.removeFailed);
