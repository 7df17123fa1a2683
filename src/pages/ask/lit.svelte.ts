// What the pointer or the focus is on: the same words light up in the answer and in its passage.

export class Lit {
  #keys = $state.raw<readonly string[]>([]);
  #tapped = '';

  has(key: string): boolean {
    return this.#keys.includes(key);
  }

  show(keys: readonly string[]): void {
    this.#keys = keys;
  }

  clear(): void {
    this.#keys = [];
  }

  /** A finger cannot hover: its first tap lights up and shows the other side, the second one follows the link. */
  tap(event: MouseEvent, keys: readonly string[], otherSide: string): void {
    const key = keys.join(' ');
    if ((event as PointerEvent).pointerType !== 'touch' || this.#tapped === key) return;
    event.preventDefault();
    this.#tapped = key;
    this.show(keys);
    document.getElementById(otherSide)?.scrollIntoView({ block: 'nearest' });
  }
}

/** Of a citation: unique on the page. */
export const keyOf = (answerId: string, citation: number): string => `${answerId}-${citation}`;
/** Of a passage as a whole, and the id of its element. */
export const passageKey = (index: number): string => `passage-${index + 1}`;
