// Short messages that pass: what was done, with an undo while it can still be undone.

export interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'error';
  /** The one thing to do about it. */
  action: { label: string; run: () => void } | null;
  /** 0…1 of its time is left, for the thin line; null when it stays until dismissed. */
  seconds: number | null;
}

export interface ToastOptions {
  tone?: Toast['tone'];
  action?: { label: string; run: () => void };
  /** null = stays until dismissed. */
  seconds?: number | null;
  /** Called once when it goes without its action: the moment after which nothing can be undone. */
  onEnd?: () => void;
}

interface Clock {
  timer: ReturnType<typeof setTimeout> | null;
  endsAt: number;
  leftMs: number;
  onEnd?: () => void;
}

export const UNDO_SECONDS = 10;

class Toasts {
  #list = $state.raw<Toast[]>([]);
  #held = $state(false);
  #clocks = new Map<number, Clock>();
  #next = 1;

  get list(): readonly Toast[] {
    return this.#list;
  }
  /** While the pointer or the focus is on them, time stands still. */
  get held(): boolean {
    return this.#held;
  }

  show(
    text: string,
    { tone = 'plain', action, seconds = tone === 'error' ? null : 5, onEnd }: ToastOptions = {},
  ): number {
    // The same failure again is the same message, not another.
    const same = this.#list.find((entry) => entry.tone === 'error' && tone === 'error' && entry.text === text);
    if (same) return same.id;
    const id = this.#next++;
    const run = action && (() => this.#close(id, action.run));
    const entry: Toast = { id, text, tone, action: action && run ? { label: action.label, run } : null, seconds };
    this.#list = [...this.#list, entry];
    this.#clocks.set(id, { timer: null, endsAt: 0, leftMs: (seconds ?? 0) * 1000, onEnd });
    if (!this.#held) this.#run(id);
    return id;
  }

  /** Ten seconds in which `undo` takes back what was done; then `onEnd` makes it final. */
  undoable(text: string, label: string, undo: () => void, onEnd?: () => void): number {
    return this.show(text, { action: { label, run: undo }, seconds: UNDO_SECONDS, onEnd });
  }

  dismiss(id: number): void {
    this.#close(id, this.#clocks.get(id)?.onEnd);
  }

  hold(): void {
    if (this.#held) return;
    this.#held = true;
    for (const clock of this.#clocks.values()) {
      if (clock.timer === null) continue;
      clearTimeout(clock.timer);
      clock.timer = null;
      clock.leftMs = Math.max(0, clock.endsAt - performance.now());
    }
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const id of this.#clocks.keys()) this.#run(id);
  }

  #run(id: number): void {
    const clock = this.#clocks.get(id);
    if (!clock || this.#list.find((entry) => entry.id === id)?.seconds == null) return;
    clock.endsAt = performance.now() + clock.leftMs;
    clock.timer = setTimeout(() => this.dismiss(id), clock.leftMs);
  }

  #close(id: number, then?: () => void): void {
    const clock = this.#clocks.get(id);
    if (!clock) return;
    if (clock.timer !== null) clearTimeout(clock.timer);
    this.#clocks.delete(id);
    this.#list = this.#list.filter((entry) => entry.id !== id);
    if (this.#list.length === 0) this.release(); // the pointer may have been on the one that went
    then?.();
  }
}

export const toasts = new Toasts();
