// The keys that work now: pages add theirs while they are shown; "?" lists them.

export interface Key {
  /** As KeyboardEvent.key: "n", "/", "ArrowLeft". */
  key: string;
  label: string;
  run: () => void;
}

class Keys {
  #groups = $state.raw<(() => Key[])[]>([]);

  get list(): Key[] {
    return this.#groups.flatMap((group) => group());
  }

  /** Use on mount: onMount(() => keys.add(() => [...])). A function, so that labels follow the language. */
  add(group: () => Key[]): () => void {
    this.#groups = [...this.#groups, group];
    return () => {
      this.#groups = this.#groups.filter((other) => other !== group);
    };
  }

  /** True when a key of the page took it. Never while typing or with a modifier. */
  press(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return false;
    const key = this.list.find((candidate) => candidate.key === event.key);
    if (!key) return false;
    event.preventDefault();
    key.run();
    return true;
  }
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

export const keys = new Keys();
