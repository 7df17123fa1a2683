// The documents of the open project: added, renamed, deleted with a way back, never twice.
import { DOCUMENT_VERSION, type Document } from '../records/document.ts';
import { connection } from './connection.svelte.ts';
import { clean, isTextName, MAX_DOCUMENT_BYTES, readText, type Unreadable } from './textFile.ts';

export interface Rejected {
  name: string;
  problem: Unreadable | 'duplicate';
  /** tooLarge: in MB; duplicate: the name of the document that is here already. */
  detail: string;
}
export interface Added {
  added: Document[];
  rejected: Rejected[];
}

const byAge = (a: Document, b: Document): number => (a.createdAt < b.createdAt ? -1 : 1);

class Documents {
  #projectId = '';
  #lastCreated = '';
  #list = $state.raw<Document[]>([]);

  /** Oldest first. */
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
    if (this.#projectId === projectId) this.#list = rows.sort(byAge); // else the person has switched meanwhile
  }

  /** Files take time to read: they go where they were dropped, even when the person switches meanwhile. */
  async addFiles(files: readonly File[], projectId = this.#projectId): Promise<Added> {
    const result: Added = { added: [], rejected: [] };
    for (const file of files) {
      const refuse = (problem: Unreadable): number =>
        result.rejected.push({ name: file.name, problem, detail: megabytes(file.size) });
      if (!isTextName(file.name)) refuse('type');
      else if (file.size > MAX_DOCUMENT_BYTES) refuse('tooLarge');
      else {
        const read = readText(new Uint8Array(await file.arrayBuffer()));
        if ('problem' in read) refuse(read.problem);
        else merge(result, await this.add(file.name, read.text, projectId));
      }
    }
    return result;
  }

  /** A pasted text; without a title its first words become one. */
  async addText(title: string, text: string, projectId = this.#projectId): Promise<Added> {
    const name = title.trim() || firstWords(text);
    const problem = text.trim() === '' ? 'empty' : text.length > MAX_DOCUMENT_BYTES ? 'tooLarge' : null;
    if (problem) return { added: [], rejected: [{ name, problem, detail: megabytes(text.length) }] };
    return this.add(name, clean(text), projectId);
  }

  async add(name: string, text: string, projectId = this.#projectId): Promise<Added> {
    const sha256 = await hash(text);
    const twin = await (await connection.open()).getFromIndex('documents', 'byContent', [projectId, sha256]);
    if (twin) return { added: [], rejected: [{ name, problem: 'duplicate', detail: twin.name }] };
    const document: Document = {
      id: crypto.randomUUID(),
      projectId,
      name,
      mediaType: /\.(md|markdown)$/i.test(name) ? 'text/markdown' : 'text/plain',
      text,
      sha256,
      createdAt: this.#now(),
      version: DOCUMENT_VERSION,
    };
    await this.put(document);
    return { added: [document], rejected: [] };
  }

  /** Later than all before, whichever project they went to: the order of adding is the order for ever. */
  #now(): string {
    const last = Math.max(...[this.newest, this.#lastCreated].map((iso) => (iso ? Date.parse(iso) + 1 : 0)));
    return (this.#lastCreated = new Date(Math.max(Date.now(), last)).toISOString());
  }

  async rename(id: string, name: string): Promise<void> {
    const document = this.find(id);
    if (document && name.trim() !== '') await this.put({ ...document, name: name.trim() });
  }

  /** Gone from the disk at once; put() the returned document to take it back. */
  async remove(id: string): Promise<Document | null> {
    const document = this.find(id);
    if (!document) return null;
    await connection.write(['documents'], (tx) => tx.objectStore('documents').delete(id));
    this.#list = this.#list.filter((d) => d.id !== id);
    return document;
  }

  async put(document: Document): Promise<void> {
    await connection.write(['documents'], (tx) => tx.objectStore('documents').put(document));
    if (document.projectId !== this.#projectId) return;
    this.#list = [...this.#list.filter((d) => d.id !== document.id), document].sort(byAge);
  }
}

const megabytes = (bytes: number): string => String(Math.ceil(bytes / 1e6));

function merge(result: Added, more: Added): void {
  result.added.push(...more.added);
  result.rejected.push(...more.rejected);
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

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export const documents = new Documents();
