// The documents of the open project, without their texts: added, renamed, deleted with a way back, never twice.
import type { Document, DocumentText } from '../records/document.ts';
import { connection } from './connection.svelte.ts';
import { imports, type Added } from './imports.svelte.ts';
import { deleteDocumentFiles, deleteDocumentRows, DOCUMENT_STORES } from './sweeping.ts';

export type { Added, Rejected } from './imports.svelte.ts';

/** What a closed tab left deleted goes at a later start: no undo is on screen for so long, in whatever tab. */
const SWEEP_AFTER_MS = 3_600_000;

/** `name` is what the message table tests. */
class DocumentGone extends Error {
  override name = 'DocumentGone';
}

const byAge = (a: Document, b: Document): number => (a.createdAt < b.createdAt ? -1 : 1);

class Documents {
  #projectId = '';
  #list = $state.raw<Document[]>([]);

  constructor() {
    imports.onDocument((document) => this.#show(document));
  }

  /** Oldest first; what is being deleted is not among them. */
  get list(): readonly Document[] {
    return this.#list;
  }
  /** When the newest one came; '' without any. */
  get newest(): string {
    return this.#list.at(-1)?.createdAt ?? '';
  }

  find(id: string | null): Document | null {
    return this.#list.find((document) => document.id === id) ?? null;
  }

  async load(projectId: string): Promise<void> {
    this.#projectId = projectId;
    const rows = projectId ? await (await connection.open()).getAllFromIndex('documents', 'byProject', projectId) : [];
    if (this.#projectId !== projectId) return; // the person has switched meanwhile
    this.#list = rows.filter((document) => !document.deletedAt).sort(byAge);
    imports.startAfter(this.newest);
    const due = new Date(Date.now() - SWEEP_AFTER_MS).toISOString();
    for (const { id, deletedAt } of rows) if (deletedAt && deletedAt < due) await this.sweep(id, deletedAt);
  }

  /** Fetched when it is needed: a list of documents holds no texts. */
  async text(id: string): Promise<DocumentText> {
    const text = await (await connection.open()).get('texts', id);
    if (!text)
      throw new DocumentGone(
        'documents: a text must be there to be shown, got a document that is gone. Choose another document.',
      );
    return text;
  }

  /** A pasted text; without a title its first words become one. */
  addText(title: string, text: string, projectId = this.#projectId): Promise<Added> {
    const name = title.trim() || firstWords(text);
    const file = new File([text], /\.(md|markdown)$/i.test(name) ? 'pasted.md' : 'pasted.txt');
    return imports.add([file], projectId, { name, quiet: true });
  }

  async rename(id: string, name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed !== '') await this.#edit(id, (document) => ({ ...document, name: trimmed }));
  }

  /** Hides the document; restore() brings it back until sweep() has removed it. Returns when, for that. */
  async remove(id: string): Promise<string> {
    const deletedAt = new Date().toISOString();
    await this.#edit(id, (document) => ({ ...document, deletedAt }));
    return deletedAt;
  }

  async restore(id: string): Promise<void> {
    await this.#edit(id, ({ deletedAt: _, ...document }) => document);
  }

  /** Removes what remove() has hidden at that time, with its text, chunks, rows and bytes. */
  async sweep(id: string, deletedAt: string): Promise<void> {
    let swept = false;
    await connection.write([...DOCUMENT_STORES], async (tx) => {
      // Else it has come back meanwhile, or was deleted once more and has an undo of its own.
      swept = (await tx.objectStore('documents').get(id))?.deletedAt === deletedAt;
      if (swept) await deleteDocumentRows(tx, [id]);
    });
    if (swept) await deleteDocumentFiles([id]);
  }

  /** Another tab may have changed or swept it: it is read, not taken from this tab's list. */
  async #edit(id: string, change: (document: Document) => Document): Promise<void> {
    let changed: Document | null = null;
    await connection.write(['documents'], async (tx) => {
      const row = await tx.objectStore('documents').get(id);
      if (!row)
        throw new DocumentGone(
          'documents: a change must come before the deletion is final, got a document that is gone. Add it again.',
        );
      changed = change(row);
      await tx.objectStore('documents').put(changed);
    });
    if (changed) this.#show(changed);
  }

  #show(document: Document): void {
    if (document.projectId !== this.#projectId) return;
    const others = this.#list.filter((d) => d.id !== document.id);
    this.#list = (document.deletedAt ? others : [...others, document]).sort(byAge);
  }
}

function firstWords(text: string): string {
  const line = text.trim().split('\n')[0] ?? '';
  const words = line
    .replace(/^#+\s*/, '')
    .split(/\s+/)
    .slice(0, 8)
    .join(' ');
  return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}

export const documents = new Documents();
