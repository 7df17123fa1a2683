// One thing after the other, in the order in which they were asked for; what is typed while another waits takes its place.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #waiting = $state(0);
  /** The last in line, while it has not begun and may still be replaced. */
  #typed: { name: string; body: () => Promise<boolean>; turn: Promise<boolean> } | null = null;

  get busy(): boolean {
    return this.#waiting > 0;
  }

  /** When all that was asked for is done. */
  async done(): Promise<void> {
    await this.#last;
  }

  /** `name`: the next of the same name takes the place of this one where it has not begun; '' = never. */
  take(name: string, body: () => Promise<boolean>): Promise<boolean> {
    if (name !== '' && this.#typed?.name === name) {
      this.#typed.body = body;
      return this.#typed.turn;
    }
    const entry = { name, body, turn: Promise.resolve(false) };
    entry.turn = this.#last.then(async () => {
      if (this.#typed === entry) this.#typed = null;
      return entry.body();
    });
    this.#typed = name === '' ? null : entry;
    this.#waiting++;
    this.#last = entry.turn.catch(() => undefined).finally(() => this.#waiting--);
    return entry.turn;
  }
}
