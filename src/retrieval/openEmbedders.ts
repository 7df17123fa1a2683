// Embedders in memory: opened when first needed, shared by all who work with one, closed when another takes over.
import { embedderKey, type Embedder } from '../records/embedder.ts';
import type * as embed from './embed.ts';
import type { EmbedderFiles, OpenEmbedder } from './embed.ts';
import type { Device } from './runtime.ts';

export type EmbedModule = Pick<typeof embed, 'openEmbedder' | 'inspectFolder' | 'fasterDevice'>;

export interface Opening {
  onProgress?: (loaded: number, total: number) => void;
  /** Finds out first, once, which device embeds faster here: that takes some seconds. */
  fastest?: boolean;
}

interface Open {
  model: Promise<OpenEmbedder>;
  users: number;
}

export class OpenEmbedders {
  readonly #open = new Map<string, Open>();
  /** By embedder: the device that is faster, once that was wanted to be known. */
  readonly #faster = new Map<string, Device>();
  #last = '';

  /** `load` brings the code that runs embedders: it is large, and a search by words needs none. */
  constructor(private readonly load: () => Promise<EmbedModule>) {}

  /** Call `release` in the end; an embedder that failed is opened anew the next time. */
  async acquire(
    embedder: Embedder,
    files: EmbedderFiles,
    { onProgress, fastest = false }: Opening = {},
  ): Promise<{ model: OpenEmbedder; release: (failed?: boolean) => void }> {
    const device = await this.#deviceFor(embedder, files, fastest);
    const key = `${embedderKey(embedder)} ${device}`;
    this.#last = key;
    const start = async (): Promise<OpenEmbedder> =>
      (await this.load()).openEmbedder(embedder, files, onProgress, device);
    const entry = this.#open.get(key) ?? { model: start(), users: 0 };
    this.#open.set(key, entry);
    entry.users++;
    const release = (failed = false): void => {
      entry.users--;
      if (failed && this.#open.get(key) === entry) this.#open.delete(key);
      if (failed && device === 'webgpu') this.#faster.set(embedderKey(embedder), 'wasm'); // that one always works
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

  async #deviceFor(embedder: Embedder, files: EmbedderFiles, fastest: boolean): Promise<Device> {
    const key = embedderKey(embedder);
    if (fastest && !this.#faster.has(key))
      this.#faster.set(key, await (await this.load()).fasterDevice(embedder, files));
    return this.#faster.get(key) ?? 'wasm';
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
