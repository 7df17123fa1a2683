// The app's one connection to its database: opened on first use; what stands in its way is state.
import { openDatabase, write, type Database, type Store } from '../storage/database.ts';
import { keepSpace } from '../storage/space.ts';

type Problem = 'blocked' | 'outdated' | 'erased' | 'lost' | null;

class Connection {
  #opening: Promise<Database> | null = null;
  #problem = $state<Problem>(null);
  #asked = false;

  get problem(): Problem {
    return this.#problem;
  }

  open(): Promise<Database> {
    this.#opening ??= openDatabase({
      onBlocked: () => (this.#problem = 'blocked'),
      onOutdated: () => (this.#problem = 'outdated'),
      onErased: () => (this.#problem = 'erased'),
      onLost: () => (this.#problem = 'lost'),
    }).then(
      (db) => {
        if (this.#problem === 'blocked') this.#problem = null;
        return db;
      },
      (error: unknown) => {
        this.#opening = null; // the next use tries again
        throw error;
      },
    );
    return this.#opening;
  }

  /** A strict write of something that a person made. */
  async write<Stores extends [Store, ...Store[]]>(
    stores: Stores,
    body: Parameters<typeof write<Stores>>[2],
  ): Promise<void> {
    await write(await this.open(), stores, body);
    this.keep();
  }

  /** Something that a person made is stored: the browser is asked once to keep this site's data. */
  keep(): void {
    if (this.#asked) return;
    this.#asked = true;
    void keepSpace().catch(() => undefined); // a refusal is shown in Settings
  }

  async close(): Promise<void> {
    (await this.#opening)?.close();
    this.#opening = null;
  }
}

export const connection = new Connection();
