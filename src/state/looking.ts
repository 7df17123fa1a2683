// Seconds of looking at each thing while the page can be seen.

/** What the clock needs to know, so that a test can tell it. */
export interface Sight {
  now(): number;
  visible(): boolean;
  /** Calls whenever that changes. */
  watch(changed: () => void): void;
}

const page: Sight = {
  now: () => performance.now(),
  visible: () => document.visibilityState === 'visible',
  watch: (changed) => document.addEventListener('visibilitychange', changed),
};

export class Looking {
  readonly #seconds = new Map<string, number>();
  readonly #sight: Sight;
  #at: string | null = null;
  /** Null while nothing is looked at. */
  #since: number | null = null;

  constructor(sight: Sight = page) {
    this.#sight = sight;
    sight.watch(() => this.look(this.#at));
  }

  /** From now on; null = at nothing. */
  look(id: string | null): void {
    this.#settle();
    this.#at = id;
    this.#since = id !== null && this.#sight.visible() ? this.#sight.now() : null;
  }

  /** Since the last taking, to a tenth. */
  take(id: string): number {
    this.look(this.#at);
    const seconds = this.#seconds.get(id) ?? 0;
    this.#seconds.delete(id);
    return Math.round(seconds * 10) / 10;
  }

  #settle(): void {
    if (this.#at === null || this.#since === null) return;
    const seconds = (this.#sight.now() - this.#since) / 1000;
    this.#seconds.set(this.#at, (this.#seconds.get(this.#at) ?? 0) + seconds);
  }
}
