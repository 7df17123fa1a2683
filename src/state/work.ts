// Whether a reload that nobody asked for would interrupt something: verbs mark themselves while they run.
import { engineStatus } from './engineStatus.svelte.ts';

const INTERRUPTIBLE = new Set(['idle', 'ready', 'missing']);

class Work {
  #running = 0;

  get underWay(): boolean {
    return this.#running > 0 || !INTERRUPTIBLE.has(engineStatus.now.status);
  }

  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await run();
    } finally {
      this.#running--;
    }
  }
}

export const work = new Work();
