// The answers of the open project, oldest first: every one is kept with all that is needed to make it again.
import type { Generation } from '../records/generation.ts';
import { connection } from './connection.svelte.ts';

const byAge = (a: Generation, b: Generation): number => (a.createdAt < b.createdAt ? -1 : 1);

class Generations {
  #projectId = '';
  #list = $state.raw<Generation[]>([]);

  get list(): readonly Generation[] {
    return this.#list;
  }

  ofAsk(askId: string): Generation[] {
    return this.#list.filter((generation) => generation.askId === askId);
  }

  async load(projectId: string): Promise<void> {
    this.#projectId = projectId;
    const rows = projectId
      ? await (await connection.open()).getAllFromIndex('generations', 'byProject', projectId)
      : [];
    if (this.#projectId === projectId) this.#list = rows.sort(byAge);
  }

  /** One transaction: two answers to one asking are kept together or not at all. Give it snapshots, not $state. */
  async put(...generations: Generation[]): Promise<void> {
    await connection.write(['generations'], (tx) =>
      Promise.all(generations.map((generation) => tx.objectStore('generations').put(generation))),
    );
    const own = generations.filter((generation) => generation.projectId === this.#projectId);
    const ids = new Set(own.map((generation) => generation.id));
    this.#list = [...this.#list.filter((generation) => !ids.has(generation.id)), ...own].sort(byAge);
  }

  /** Those that are still there: what was removed meanwhile stays removed. */
  async replace(...generations: Generation[]): Promise<void> {
    await connection.write(['generations'], async (tx) => {
      const store = tx.objectStore('generations');
      for (const generation of generations) if (await store.getKey(generation.id)) await store.put(generation);
    });
    const anew = new Map(generations.map((generation) => [generation.id, generation]));
    this.#list = this.#list.map((generation) => anew.get(generation.id) ?? generation);
  }

  /** Gone from the disk at once; put() what it returns to take it back. */
  async removeAsk(askId: string): Promise<Generation[]> {
    const gone = this.ofAsk(askId);
    await connection.write(['generations'], (tx) =>
      Promise.all(gone.map((generation) => tx.objectStore('generations').delete(generation.id))),
    );
    this.#list = this.#list.filter((generation) => generation.askId !== askId);
    return gone;
  }
}

export const generations = new Generations();
