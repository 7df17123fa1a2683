// Loses the GPU on purpose and watches it come back.
import { engine } from './engine.svelte.ts';

const PATIENCE_MS = 60_000;

class DeviceLoss {
  #running = $state(false);
  #backAfterMs = $state<number | null>(null);
  #problem = $state.raw<Error | null>(null);

  get running(): boolean {
    return this.#running;
  }
  /** null until it has come back once. */
  get backAfterMs(): number | null {
    return this.#backAfterMs;
  }
  get problem(): Error | null {
    return this.#problem;
  }

  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    this.#backAfterMs = null;
    this.#problem = null;
    try {
      await engine.ensureLoaded(); // without a device there is nothing to lose
      const before = engine.losses;
      const start = performance.now();
      await engine.destroyDevice();
      await until(() => engine.losses > before && engine.status !== 'lost');
      this.#backAfterMs = performance.now() - start;
    } catch (error) {
      this.#problem = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#running = false;
    }
  }
}

/** Resolves when `test`, which reads state, turns true. */
function until(test: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = $effect.root(() => {
      $effect(() => {
        if (!test()) return;
        clearTimeout(timer);
        resolve();
        queueMicrotask(() => end());
      });
    });
    const timer = setTimeout(() => {
      end();
      reject(
        new Error(
          `device: must be back within ${PATIENCE_MS / 1000} s, got nothing. Reload the page; if that does not help, restart the browser.`,
        ),
      );
    }, PATIENCE_MS);
  });
}

export const deviceLoss = new DeviceLoss();
