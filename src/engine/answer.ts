// The text of an answer as it grows: it ends before the first stop string, of which not one character ever shows.

/** Ids become text: a TextStream of the tokenizer. */
export interface TextSource {
  push(ids: readonly number[]): string;
  end(): string;
}

/** Text that grows until the first stop string; whatever could become one is held back. */
export class Answer {
  #raw = '';
  /** True once a stop string has come; what follows is no part of the answer. */
  stopped = false;

  constructor(
    private readonly stream: TextSource,
    private readonly stops: readonly string[],
  ) {}

  push(id: number): void {
    this.#grow(this.stream.push([id]));
  }

  end(): void {
    if (!this.stopped) this.#grow(this.stream.end());
  }

  #grow(text: string): void {
    const longest = Math.max(0, ...this.stops.map((s) => s.length));
    const from = Math.max(0, this.#raw.length - longest);
    this.#raw += text;
    const found = this.stops.map((s) => this.#raw.indexOf(s, from)).filter((at) => at >= 0);
    if (found.length === 0) return;
    this.#raw = this.#raw.slice(0, Math.min(...found));
    this.stopped = true;
  }

  /** What may be shown: all of it once it has ended. */
  text(ended: boolean): string {
    if (ended || this.stopped) return this.#raw;
    let held = 0;
    for (const stop of this.stops)
      for (let n = Math.min(stop.length - 1, this.#raw.length); n > held; n--)
        if (this.#raw.endsWith(stop.slice(0, n))) held = n;
    return this.#raw.slice(0, this.#raw.length - held);
  }
}
