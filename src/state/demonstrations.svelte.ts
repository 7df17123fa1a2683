// The demonstrations of the open project in the order of the table: added, edited, deleted with a way back, imported.
import type { RowsFile, RowsImport } from '../../workers/api.ts';
import { connectData } from '../../workers/connect.ts';
import type { SplitSettings } from '../curation/split.ts';
import {
  DEMONSTRATION_VERSION,
  validateRow,
  type Demonstration,
  type DemonstrationRow,
} from '../records/demonstration.ts';
import { importRange, readDemonstrations, revisionKey } from '../storage/demonstrations.ts';
import { connection } from './connection.svelte.ts';
import { demoRows } from './demo.ts';
import { sentence } from './language.svelte.ts';
import { work } from './work.ts';

export type { RowsImport };

/** `name` is what the message table tests. */
class DemonstrationGone extends Error {
  override name = 'DemonstrationGone';
}

const byPosition = (a: Demonstration, b: Demonstration): number => a.position - b.position || (a.id < b.id ? -1 : 1);

class Demonstrations {
  #projectId = '';
  /** Of the rows in memory; undefined = they have not been read. */
  #revision: unknown = undefined;
  #reading: Promise<void> = Promise.resolve();
  #loading = $state(false);
  #problem = $state('');
  #list = $state.raw<readonly Demonstration[]>([]);

  get list(): readonly Demonstration[] {
    return this.#list;
  }
  /** Rows are being read: the list is that of before, or empty. */
  get loading(): boolean {
    return this.#loading;
  }
  /** Why the rows could not be read; '' when they could. */
  get problem(): string {
    return this.#problem;
  }
  find(id: string): Demonstration | null {
    return this.#list.find((demonstration) => demonstration.id === id) ?? null;
  }

  /** Reads nothing when nobody has changed them since. Verbs wait for it; a page need not. */
  load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId)
      [this.#projectId, this.#revision, this.#list, this.#problem] = [projectId, undefined, [], ''];
    this.#reading = this.#reading.then(() => this.#read(projectId));
    const reading = this.#reading;
    this.#reading = reading.catch(() => undefined); // told to whoever asked for it
    return reading;
  }

  async #read(projectId: string): Promise<void> {
    if (!projectId) return;
    const db = await connection.open();
    const revision = (await db.get('settings', revisionKey(projectId))) ?? null;
    if (this.#projectId !== projectId || this.#revision === revision) return;
    this.#loading = true;
    try {
      const rows = await readDemonstrations(db, projectId);
      if (this.#projectId === projectId) [this.#list, this.#revision, this.#problem] = [rows, revision, ''];
    } catch (error) {
      if (this.#projectId === projectId) this.#problem = sentence(error);
      throw error;
    } finally {
      this.#loading = false;
    }
  }

  /** Behind the last one. A sentence is thrown for a row that cannot be learned from. */
  async add(row: DemonstrationRow, split: Demonstration['split'] = null): Promise<Demonstration> {
    const valid = validateRow(row);
    await this.#reading; // or it would not come behind the last one
    const made: Demonstration = {
      id: crypto.randomUUID(),
      projectId: this.#projectId,
      row: valid,
      split,
      source: '',
      position: this.#next,
      createdAt: new Date().toISOString(),
      version: DEMONSTRATION_VERSION,
    };
    await this.restore([made]);
    return made;
  }

  /** Another tab may have changed or deleted it: it is read, not taken from this tab's list. */
  async edit(id: string, change: Partial<Pick<Demonstration, 'row' | 'split'>>): Promise<void> {
    if (change.row) validateRow(change.row);
    let changed: Demonstration | null = null;
    await this.#write(async (tx) => {
      const row = await tx.objectStore('demonstrations').get(id);
      if (!row)
        throw new DemonstrationGone('demonstrations: a change needs its row, got one that is gone. Add it again.');
      changed = { ...row, ...change, editedAt: new Date().toISOString() };
      await tx.objectStore('demonstrations').put(changed);
    });
    const now = changed as Demonstration | null;
    if (now) this.#list = this.#list.map((demonstration) => (demonstration.id === id ? now : demonstration));
  }

  /** Gone from the disk at once; restore() what it returns to take it back. */
  async remove(ids: readonly string[]): Promise<Demonstration[]> {
    await this.#reading;
    const going = new Set(ids);
    const gone = this.#list.filter(({ id }) => going.has(id));
    await this.#write((tx) => Promise.all(gone.map(({ id }) => tx.objectStore('demonstrations').delete(id))));
    this.#list = this.#list.filter(({ id }) => !going.has(id));
    return gone;
  }

  /** To the places that they had. */
  async restore(rows: readonly Demonstration[]): Promise<void> {
    const [projectId = ''] = rows.map((row) => row.projectId);
    await this.#write((tx) => Promise.all(rows.map((row) => tx.objectStore('demonstrations').put(row))), projectId);
    if (projectId === this.#projectId) this.#list = [...this.#list, ...rows].sort(byPosition);
  }

  /** In a thread of its own, which is gone afterwards. */
  async import(files: RowsFile[], projectId = this.#projectId): Promise<RowsImport> {
    await this.#reading;
    const data = connectData();
    const position = projectId === this.#projectId ? this.#next : 0;
    const target = { projectId, createdAt: new Date().toISOString(), position };
    try {
      const came = await work.during(() => data.api.importRows(files, target));
      connection.keep();
      return came;
    } finally {
      data.terminate();
      if (projectId === this.#projectId) await this.load(projectId);
    }
  }

  /** Takes an import back, whatever was edited since. */
  async forget(importId: string): Promise<void> {
    await this.#write((tx) => tx.objectStore('demonstrations').delete(importRange(importId)));
    this.#list = this.#list.filter(({ id }) => !id.startsWith(`${importId}-`));
  }

  /** train.jsonl and test.jsonl. */
  async files(settings: SplitSettings): Promise<{ train: Blob; test: Blob }> {
    const data = connectData();
    try {
      return await work.during(() => data.api.exportRows(this.#projectId, settings));
    } finally {
      data.terminate();
    }
  }

  /** The site's own rows, each on its side; those that are there already are not added again. */
  async useDemo(): Promise<RowsImport> {
    const { train, test } = await demoRows();
    return this.import([
      { file: train, mapping: null, split: 'train' },
      { file: test, mapping: null, split: 'test' },
    ]);
  }

  get #next(): number {
    return (this.#list.at(-1)?.position ?? -1) + 1;
  }

  /** One strict write that leaves a new revision. What another tab did meanwhile is read with the next load(). */
  async #write(
    body: (
      tx: Parameters<Parameters<typeof connection.write<['demonstrations', 'settings']>>[1]>[0],
    ) => Promise<unknown>,
    projectId = this.#projectId,
  ): Promise<void> {
    await this.#reading;
    const revision = crypto.randomUUID();
    let before: unknown = null;
    await connection.write(['demonstrations', 'settings'], async (tx) => {
      before = (await tx.objectStore('settings').get(revisionKey(projectId))) ?? null;
      await body(tx);
      await tx.objectStore('settings').put(revision, revisionKey(projectId));
    });
    if (projectId === this.#projectId && before === this.#revision) this.#revision = revision;
  }
}

export const demonstrations = new Demonstrations();
