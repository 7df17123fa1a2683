// Which of the frame's own dialogs is open: one at a time.

export type Overlay = 'palette' | 'keys' | 'newProject';

class Overlays {
  #open = $state<Overlay | null>(null);

  get current(): Overlay | null {
    return this.#open;
  }

  open(overlay: Overlay): void {
    this.#open = overlay;
  }

  /** Closes that one; another that was opened meanwhile stays. */
  close(overlay: Overlay): void {
    if (this.#open === overlay) this.#open = null;
  }
}

export const overlays = new Overlays();
