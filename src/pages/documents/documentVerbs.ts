// Verbs on documents with the words that go with them.
import type { Document } from '../../records/document.ts';
import { documents, type Added, type Rejected } from '../../state/documents.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { work } from '../../state/work.ts';
import { ensureProject, openDemo } from '../../state/workspace.ts';
import { attempt } from '../frame/projectVerbs.ts';

export function explainRejected({ name, problem, detail }: Rejected): string {
  const words = t().documents.problems;
  if (problem === 'duplicate') return words.duplicate(name, detail);
  if (problem === 'tooLarge') return words.tooLarge(name, Number(detail));
  return words[problem](name);
}

/** Adds, opens the first that came, and returns a sentence for each that did not. */
async function add(adding: (projectId: string) => Promise<Added>): Promise<string[]> {
  let refused: string[] = [];
  await attempt(async () => {
    const project = await ensureProject(t().projects.untitled);
    const { added, rejected } = await work.during(() => adding(project.id));
    refused = rejected.map(explainRejected);
    if (added[0]) {
      if (documents.find(added[0].id)) router.go(`/documents/${added[0].id}`); // else another project is open by now
      toasts.show(t().documents.added(added.length));
    }
  });
  return refused;
}

export const addFiles = (files: readonly File[]): Promise<string[]> =>
  add((projectId) => documents.addFiles(files, projectId));
export const addText = (title: string, text: string): Promise<string[]> =>
  add((projectId) => documents.addText(title, text, projectId));

export function removeDocument(document: Document): Promise<boolean> {
  return attempt(async () => {
    await documents.remove(document.id);
    router.go('/documents');
    toasts.undoable(t().documents.deleted(document.name), t().common.undo, () => {
      void attempt(() => documents.put(document));
    });
  });
}

export const renameDocument = (id: string, name: string): Promise<boolean> => attempt(() => documents.rename(id, name));

export function demoDocuments(): Promise<boolean> {
  return attempt(async () => {
    const restored = await openDemo(t().projects.demoName);
    toasts.show(t().project.restored(restored));
  }, t().start.demoFailed);
}
