// What is made once and stays on the GPU until others were used later: a few by their ids.
export class Kept<T> {
  /** Least recently used first. */
  readonly #made = new Map<string, T>();

  constructor(
    private readonly most: number,
    private readonly free: (one: T) => void,
  ) {}

  /** Room is made before it is made; never while another call is under way. */
  async of(id: string, make: () => Promise<T>): Promise<T> {
    let one = this.#made.get(id);
    if (one === undefined) {
      for (const [oldest, old] of [...this.#made].slice(0, Math.max(0, this.#made.size + 1 - this.most))) {
        this.#made.delete(oldest);
        this.free(old);
      }
      one = await make();
    }
    this.#made.delete(id);
    this.#made.set(id, one);
    return one;
  }

  /** What it was made of has changed. */
  forget(id: string): void {
    const one = this.#made.get(id);
    this.#made.delete(id);
    if (one !== undefined) this.free(one);
  }
}
