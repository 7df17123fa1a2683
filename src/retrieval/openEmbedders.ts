// Embedders in memory: opened when first needed, shared by all who work with one, closed when another takes over.
import { embedderKey, type Embedder } from '../records/embedder.ts';
import type * as embed from './embed.ts';
import type { EmbedderFiles, OpenEmbedder } from './embed.ts';

export type EmbedModule = Pick<typeof embed, 'openEmbedder' | 'inspectFolder'>;

interface Open {
  model: Promise<OpenEmbedder>;
  users: number;
}

export class OpenEmbedders {
  readonly #open = new Map<string, Open>();
  #last = '';

  /** `load` brings the code that runs embedders: it is large, and a search by words needs none. */
  constructor(private readonly load: () => Promise<EmbedModule>) {}

  /** Call `release` in the end; an embedder that failed is opened anew the next time. */
  async acquire(
    embedder: Embedder,
    files: EmbedderFiles,
    onProgress?: (loaded: number, total: number) => void,
  ): Promise<{ model: OpenEmbedder; release: (failed?: boolean) => void }> {
    const key = embedderKey(embedder);
    this.#last = key;
    const start = async (): Promise<OpenEmbedder> => (await this.load()).openEmbedder(embedder, files, onProgress);
    const entry = this.#open.get(key) ?? { model: start(), users: 0 };
    this.#open.set(key, entry);
    entry.users++;
    const release = (failed = false): void => {
      entry.users--;
      if (failed && this.#open.get(key) === entry) this.#open.delete(key);
      if (entry.users === 0 && this.#open.get(key) !== entry) close(entry);
      this.#closeIdle();
    };
    try {
      return { model: await entry.model, release };
    } catch (error) {
      release(true);
      throw error;
    }
  }

  /** Closes it as soon as nobody works with it. */
  forget(id: string): void {
    if (this.#last.startsWith(`${id} `)) this.#last = '';
    this.#closeIdle();
  }

  #closeIdle(): void {
    for (const [key, entry] of this.#open)
      if (entry.users === 0 && key !== this.#last) {
        this.#open.delete(key);
        close(entry);
      }
  }
}

function close({ model }: Open): void {
  model.then((open) => open.dispose()).catch(() => undefined); // it failed before: nothing is left to close
}
