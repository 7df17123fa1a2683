// The embedders of this device: the one that ships, and those that were brought as folders.
import { USE_LITE, type Embedder } from '../records/embedder.ts';
import { connection } from './connection.svelte.ts';
import { retrieval } from './retrieval.ts';

class Embedders {
  #brought = $state.raw<readonly Embedder[]>([]);
  /** Set while the removal can still be undone. */
  #hidden = $state.raw<readonly string[]>([]);
  #loading: Promise<void> | null = null;

  /** The shipped one first. */
  get list(): readonly Embedder[] {
    return [USE_LITE, ...this.#brought.filter(({ id }) => !this.#hidden.includes(id))];
  }

  /** One that is gone is replaced by the one that ships. */
  find(id: string): Embedder {
    return this.list.find((embedder) => embedder.id === id) ?? USE_LITE;
  }

  /** Read once; a failed reading can be tried again. */
  load(): Promise<void> {
    this.#loading ??= this.refresh().catch((error: unknown) => {
      this.#loading = null;
      throw error;
    });
    return this.#loading;
  }

  /** Another tab may have brought or removed some. */
  async refresh(): Promise<void> {
    this.#brought = await (await connection.open()).getAll('embedders');
  }

  /** Whether it is here, read anew where this tab does not know it: find() would take another in its place. */
  async has(id: string): Promise<boolean> {
    if (!this.#knows(id)) await this.refresh();
    return this.#knows(id);
  }

  #knows(id: string): boolean {
    return this.list.some((embedder) => embedder.id === id);
  }

  /** A folder in hub layout; the worker tries it on a sentence before it keeps the files. */
  async add(files: readonly File[]): Promise<Embedder> {
    const parts = files.map((file) => ({ path: file.webkitRelativePath || file.name, file }));
    const embedder = await retrieval.addEmbedder(parts);
    this.#brought = [...this.#brought.filter(({ id }) => id !== embedder.id), embedder];
    this.show(embedder.id);
    return embedder;
  }

  /** Hides it; show() brings it back until remove() has deleted its files. */
  hide(id: string): void {
    this.#hidden = [...this.#hidden, id];
  }

  show(id: string): void {
    this.#hidden = this.#hidden.filter((other) => other !== id);
  }

  async remove(id: string): Promise<void> {
    await retrieval.removeEmbedder(id);
    this.#brought = this.#brought.filter((embedder) => embedder.id !== id);
    this.show(id);
  }
}

export const embedders = new Embedders();
