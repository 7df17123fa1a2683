// A text that is stored while it is typed: what the person sees is what was typed, until the disk has caught up.

export class Typing {
  #typed = $state<string | null>(null);
  readonly #stored: () => string;
  readonly #store: (text: string) => Promise<boolean>;

  constructor(stored: () => string, store: (text: string) => Promise<boolean>) {
    this.#stored = stored;
    this.#store = store;
  }

  get text(): string {
    return this.#typed ?? this.#stored();
  }

  /** What could not be stored stays in the field. */
  set text(text: string) {
    this.#typed = text;
    void this.#store(text).then((kept) => {
      if (kept && this.#typed === text) this.#typed = null;
    });
  }
}
