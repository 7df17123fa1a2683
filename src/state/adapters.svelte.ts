// The adapters of the open project, and the one that answers: renamed, deleted with a way back, brought and taken away.
import { connectData, type Connection } from '../../workers/connect.ts';
import type { DataApi } from '../../workers/api.ts';
import { validateAdapter, type Adapter } from '../records/adapter.ts';
import { NANO, type BaseModel } from '../records/baseModel.ts';
import { connection } from './connection.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { work } from './work.ts';

const isIdOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';
const byAge = (a: Adapter, b: Adapter): number => (a.createdAt < b.createdAt ? 1 : -1);

/** Whether it changes the answers of this base: made for it, and no scorer. */
export const fits = ({ baseModelId, baseSha256, taskType }: Adapter, { id, sha256 }: BaseModel): boolean =>
  taskType === 'CAUSAL_LM' && baseModelId === id && (baseSha256 === '' || baseSha256 === sha256);

/** Its name without that of the base, which stands beside it: "run 1" of "nano v2, run 1". */
export const shortName = ({ name }: Adapter, base: BaseModel): string =>
  name.startsWith(`${base.name}, `) ? name.slice(base.name.length + 2) : name;

class Adapters {
  #projectId = '';
  #all = $state.raw<readonly Adapter[]>([]);
  /** Set while the deletion can still be undone. */
  #hidden = $state.raw<readonly string[]>([]);
  #chosen = new Persisted<string | null>('adapter', null, isIdOrNull);
  #usable = $derived(this.list.filter((adapter) => fits(adapter, NANO)));

  /** Newest first; what is being deleted is not among them. */
  get list(): readonly Adapter[] {
    return this.#all.filter(({ id }) => !this.#hidden.includes(id));
  }
  /** Those that can answer with the base in use. */
  get usable(): readonly Adapter[] {
    return this.#usable;
  }
  /** Who answers; null is the base. */
  get chosen(): Adapter | null {
    return this.#usable.find(({ id }) => id === this.#chosen.value) ?? null;
  }

  choose(id: string | null): void {
    this.#chosen.value = id;
  }

  find(id: string | null): Adapter | null {
    return this.list.find((adapter) => adapter.id === id) ?? null;
  }

  async load(projectId: string): Promise<void> {
    this.#projectId = projectId;
    const rows = projectId ? await (await connection.open()).getAllFromIndex('adapters', 'byProject', projectId) : [];
    if (this.#projectId !== projectId) return;
    const readable = rows.flatMap((row) => {
      try {
        return [validateAdapter(row)];
      } catch {
        return []; // one broken row must not hide the others
      }
    });
    this.#all = readable.sort(byAge);
  }

  async rename(id: string, name: string): Promise<void> {
    const trimmed = name.trim();
    if (trimmed === '') return;
    await connection.write(['adapters'], async (tx) => {
      const row = await tx.objectStore('adapters').get(id);
      if (row) await tx.objectStore('adapters').put({ ...row, name: trimmed });
    });
    await this.load(this.#projectId); // another tab may have deleted it
  }

  /** Hides it; show() brings it back until remove() has deleted its file. */
  hide(id: string): void {
    this.#hidden = [...this.#hidden, id];
  }

  show(id: string): void {
    this.#hidden = this.#hidden.filter((other) => other !== id);
  }

  async remove(id: string): Promise<void> {
    await during((data) => data.removeAdapter(id));
    this.#all = this.#all.filter((adapter) => adapter.id !== id);
    this.show(id);
  }

  /** A PEFT folder's files, or a zip of it; refused in words when it does not fit the base. */
  async bring(files: readonly File[], model: BaseModel, projectId: string): Promise<Adapter> {
    const parts = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    const target = { projectId, createdAt: new Date().toISOString(), model };
    const adapter = await during((data) => data.importAdapter(parts, target, document.baseURI));
    connection.keep();
    if (this.#projectId === projectId) await this.load(projectId);
    return adapter;
  }

  /** A PEFT folder, zipped. */
  leave(id: string): Promise<Blob> {
    return during((data) => data.exportAdapter(id, document.baseURI));
  }
}

/** A thread of its own, gone afterwards: it does not wait for files that are being read. */
async function during<T>(run: (data: DataApi) => Promise<T>): Promise<T> {
  const data: Connection<DataApi> = connectData();
  try {
    return await work.during(() => run(data.api));
  } finally {
    data.terminate();
  }
}

export const adapters = new Adapters();
