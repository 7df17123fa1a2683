// The projects of this device and the one that is open.
import { validateCorpus, type CorpusSettings } from '../records/corpus.ts';
import { PROJECT_VERSION, validateProject, type Project } from '../records/project.ts';
import { revisionKey } from '../storage/demonstrations.ts';
import { connection } from './connection.svelte.ts';
import { isText, Persisted } from './persisted.svelte.ts';
import {
  deleteDocumentFiles,
  deleteDocumentRows,
  deleteJudgedRows,
  deleteLearnedFiles,
  DOCUMENT_STORES,
  JUDGED,
} from './sweeping.ts';

/** What a closed tab left deleted goes at a later start: no undo is on screen for so long, in whatever tab. */
const SWEEP_AFTER_MS = 3_600_000;

/** What a project learned from, and what came of it. */
const LEARNED = ['demonstrations', 'runs', 'runEvents', 'adapters', 'settings'] as const;

/** `name` is what the message table tests. */
class ProjectGone extends Error {
  override name = 'ProjectGone';
}

class Projects {
  #all = $state.raw<Project[]>([]);
  #currentId = new Persisted('project', '', isText);

  /** Newest first; what is being deleted is not among them. */
  get list(): readonly Project[] {
    return this.#all.filter((project) => !project.deletedAt);
  }
  get current(): Project | null {
    return this.list.find((project) => project.id === this.#currentId.value) ?? null;
  }
  get demo(): Project | null {
    return this.list.find((project) => project.demo) ?? null;
  }

  async load(): Promise<void> {
    const rows = await (await connection.open()).getAll('projects');
    const readable = rows.flatMap((row) => {
      try {
        return [validateProject(row)];
      } catch {
        return []; // one broken row must not hide the others
      }
    });
    this.#all = readable.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    const due = new Date(Date.now() - SWEEP_AFTER_MS).toISOString();
    for (const project of this.#all) if (project.deletedAt && project.deletedAt < due) await this.sweep(project.id);
    if (!this.current && this.list[0]) this.select(this.list[0].id);
  }

  /** The caller then loads what the project holds: see workspace.ts. */
  select(id: string): void {
    this.#currentId.value = id;
  }

  async create(name: string, demo = false): Promise<Project> {
    const createdAt = new Date().toISOString();
    const project = { id: crypto.randomUUID(), name: name.trim(), demo, createdAt, version: PROJECT_VERSION };
    await connection.write(['projects'], (tx) => tx.objectStore('projects').put(project));
    this.#show(project);
    return project;
  }

  async rename(id: string, name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed !== '') await this.#edit(id, (project) => ({ ...project, name: trimmed }));
  }

  /** How its documents are cut, embedded and searched. */
  async setCorpus(id: string, corpus: CorpusSettings): Promise<void> {
    await this.#edit(id, (project) => ({ ...project, corpus: validateCorpus(corpus) }));
  }

  /** Hides the project; restore() brings it back until sweep() has removed its rows. */
  async remove(id: string): Promise<void> {
    const deletedAt = new Date().toISOString();
    await this.#edit(id, (project) => ({ ...project, deletedAt }));
  }

  async restore(id: string): Promise<void> {
    await this.#edit(id, ({ deletedAt: _, ...project }) => project);
  }

  async sweep(id: string): Promise<void> {
    let ids: string[] | null = null;
    let runs: string[] = [];
    let adapters: string[] = [];
    await connection.write(['projects', 'generations', ...DOCUMENT_STORES, ...LEARNED, ...JUDGED], async (tx) => {
      if (!(await tx.objectStore('projects').get(id))?.deletedAt) return; // it has been taken back elsewhere
      const answers = tx.objectStore('generations');
      ids = await tx.objectStore('documents').index('byProject').getAllKeys(id);
      await tx.objectStore('projects').delete(id);
      await deleteDocumentRows(tx, ids);
      const keysOf = (store: 'demonstrations' | 'runs' | 'adapters'): Promise<string[]> =>
        tx.objectStore(store).index('byProject').getAllKeys(id);
      [runs, adapters] = [await keysOf('runs'), await keysOf('adapters')];
      for (const key of await keysOf('demonstrations')) await tx.objectStore('demonstrations').delete(key);
      for (const key of adapters) await tx.objectStore('adapters').delete(key);
      for (const key of runs) {
        await tx.objectStore('runs').delete(key);
        await tx.objectStore('runEvents').delete(IDBKeyRange.bound([key, 0], [key, Infinity]));
      }
      await tx.objectStore('settings').delete(revisionKey(id));
      await deleteJudgedRows(tx, id);
      for (const key of await answers.index('byProject').getAllKeys(id)) await answers.delete(key);
    });
    if (!ids) return;
    this.#all = this.#all.filter((p) => p.id !== id);
    await deleteDocumentFiles(ids);
    await deleteLearnedFiles(runs, adapters);
  }

  /** Another tab may have changed or swept it: it is read, not taken from this tab's list. */
  async #edit(id: string, change: (project: Project) => Project): Promise<void> {
    let changed: Project | null = null;
    await connection.write(['projects'], async (tx) => {
      const row = await tx.objectStore('projects').get(id);
      if (!row)
        throw new ProjectGone(
          'projects: a change must come before the deletion is final, got a project that is gone. Nothing can bring it back.',
        );
      changed = change(row);
      await tx.objectStore('projects').put(changed);
    });
    if (changed) this.#show(validateProject(changed));
  }

  #show(project: Project): void {
    const others = this.#all.filter((p) => p.id !== project.id);
    this.#all = [...others, project].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  }
}

export const projects = new Projects();
