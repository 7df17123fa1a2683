// Verbs on projects with the words that go with them; used by the menu, the palette and the pages.
import type { Project } from '../../records/project.ts';
import { sentence, t } from '../../state/language.svelte.ts';
import { projects } from '../../state/projects.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { createProject, openDemo, openProject, removeProject, restoreProject } from '../../state/workspace.ts';

/** Runs a verb; what goes wrong is said in a message rather than lost. */
export async function attempt(verb: () => Promise<void>, lead = ''): Promise<boolean> {
  try {
    await verb();
    return true;
  } catch (error) {
    toasts.show(`${lead} ${sentence(error)}`.trim(), { tone: 'error' });
    return false;
  }
}

export function newProject(name: string): Promise<boolean> {
  return attempt(async () => {
    await createProject(name.trim() || t().projects.untitled);
    router.go('/documents');
  });
}

export function switchProject(id: string): Promise<boolean> {
  return attempt(() => openProject(id));
}

/** The demo stands ready to be asked. */
export function demo(): Promise<boolean> {
  return attempt(async () => {
    await openDemo(t().projects.demoName);
    router.go('/ask');
  }, t().start.demoFailed);
}

export function deleteProject(project: Project): Promise<boolean> {
  return attempt(async () => {
    await removeProject(project.id);
    toasts.undoable(
      t().projects.deleted(project.name),
      t().common.undo,
      () => void attempt(() => restoreProject(project.id)),
      () => void attempt(() => projects.sweep(project.id)),
    );
  });
}

export function renameProject(id: string, name: string): Promise<boolean> {
  return attempt(() => projects.rename(id, name));
}
