// A file of rows before it is imported: how it would be read, which a person may change, and on which side it goes.
import type { DataApi, RowsImport } from '../../workers/api.ts';
import { connectData, type Connection } from '../../workers/connect.ts';
import type { Demonstration } from '../records/demonstration.ts';
import type { RowMapping, RowsPreview } from '../records/rowMapping.ts';
import { demonstrations } from './demonstrations.svelte.ts';

type Side = Demonstration['split'];

class RowImport {
  #data: Connection<DataApi> | null = null;
  #waiting = $state.raw<readonly File[]>([]);
  #preview = $state.raw<RowsPreview | null>(null);
  #busy = $state(false);
  /** Where its rows go; null = the seeded split says. */
  side = $state<Side>(null);

  /** The file that is looked at; others wait behind it. */
  get file(): File | null {
    return this.#waiting[0] ?? null;
  }
  get preview(): RowsPreview | null {
    return this.#preview;
  }
  get busy(): boolean {
    return this.#busy;
  }

  async open(files: readonly File[]): Promise<void> {
    this.#waiting = files;
    await this.#look();
  }

  /** The person reads the columns otherwise; null = a column is still missing, and nothing can be imported. */
  async map(mapping: RowMapping | null): Promise<void> {
    if (mapping) await this.#see(mapping);
    else if (this.#preview) this.#preview = { ...this.#preview, mapping, count: 0, rows: [], problems: [] };
  }

  async accept(): Promise<RowsImport | null> {
    const { file, preview } = this;
    if (!file || !preview) return null;
    this.#busy = true;
    try {
      const came = await demonstrations.import([{ file, mapping: preview.mapping, split: this.side }]);
      await this.skip();
      return came;
    } finally {
      this.#busy = false;
    }
  }

  /** The next file, or none. */
  async skip(): Promise<void> {
    this.#waiting = this.#waiting.slice(1);
    await this.#look();
  }

  close(): void {
    [this.#waiting, this.#preview, this.#busy] = [[], null, false];
    this.#data?.terminate();
    this.#data = null;
  }

  async #look(): Promise<void> {
    this.#preview = null;
    if (!this.file) return this.close();
    this.side = sideOf(this.file.name);
    await this.#see(null);
  }

  async #see(mapping: RowMapping | null): Promise<void> {
    const { file } = this;
    if (!file) return;
    this.#busy = true;
    try {
      this.#data ??= connectData();
      const preview = await this.#data.api.previewRows(file, mapping);
      if (file === this.file) this.#preview = preview;
    } catch (error) {
      if (file !== this.file) return; // it was closed, and its thread with it
      this.close();
      throw error;
    } finally {
      if (file === this.file) this.#busy = false;
    }
  }
}

/** By the names that others give such files. */
export function sideOf(name: string): Side {
  if (/(^|[^a-z])(test|valid|validation|eval|dev)([^a-z]|$)/i.test(name)) return 'test';
  return /(^|[^a-z])train([^a-z]|$)/i.test(name) ? 'train' : null;
}

export const rowImport = new RowImport();
