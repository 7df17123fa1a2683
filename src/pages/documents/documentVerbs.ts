// Verbs on documents with the words that go with them.
import type { Document } from '../../records/document.ts';
import { corpus } from '../../state/corpus.svelte.ts';
import { documents, type Added, type Rejected } from '../../state/documents.svelte.ts';
import { imports } from '../../state/imports.svelte.ts';
import { t } from '../../state/language.svelte.ts';
import { isText, Persisted } from '../../state/persisted.svelte.ts';
import { router } from '../../state/router.svelte.ts';
import { toasts } from '../../state/toasts.svelte.ts';
import { ensureProject, openDemo } from '../../state/workspace.ts';
import { attempt } from '../frame/projectVerbs.ts';

/** What every reader takes, for the picker. */
export const ACCEPT =
  '.pdf,.docx,.md,.markdown,.txt,.text,.log,.html,.htm,.xhtml,.csv,.tsv,.json,.jsonl,.ndjson,text/*,application/pdf,application/json';

/** A half-typed text survives a reload. */
export const draft = new Persisted('draft:document', '', isText);

/** What could not be taken, and what to do about it. */
export const explainRejected = ({ name, problem, detail }: Rejected): string =>
  t().documents.problems[problem](name, detail);

async function add(adding: (projectId: string) => Promise<Added>): Promise<Added> {
  let came: Added = { added: [], rejected: [], skipped: [] };
  await attempt(async () => {
    const project = await ensureProject(t().projects.untitled);
    came = await adding(project.id);
    const [first] = came.added;
    if (!first) return;
    // One is opened, unless another project is open by now; of many, the list tells.
    if (came.added.length === 1 && documents.find(first.id)) router.go(`/documents/${first.id}`);
    toasts.show(t().documents.added(came.added.length));
  });
  return came;
}

/** Their progress and problems are shown by the queue. */
export const addFiles = (files: readonly File[]): Promise<Added> => add((projectId) => imports.add(files, projectId));

/** Returns a sentence when the text was not taken. */
export async function addText(title: string, text: string): Promise<string> {
  const { rejected } = await add((projectId) => documents.addText(title, text, projectId));
  return rejected.map(explainRejected).join(' ');
}

export function removeDocument({ id, name }: Document): Promise<boolean> {
  return attempt(async () => {
    const deletedAt = await documents.remove(id);
    router.go('/documents');
    toasts.undoable(
      t().documents.deleted(name),
      t().common.undo,
      () => void attempt(() => documents.restore(id)),
      () => void attempt(() => documents.sweep(id, deletedAt)),
    );
  });
}

export const renameDocument = (id: string, name: string): Promise<boolean> => attempt(() => documents.rename(id, name));

/** Problems are said on the page, where they can be mended. */
export async function startIndexing(): Promise<void> {
  if (corpus.need.kind !== 'none') await corpus.index();
}

export function demoDocuments(): Promise<boolean> {
  return attempt(async () => {
    const { added, restored } = await openDemo(t().projects.demoName);
    toasts.show(added > 0 && !restored ? t().documents.added(added) : t().project.restored(added));
  }, t().start.demoFailed);
}
