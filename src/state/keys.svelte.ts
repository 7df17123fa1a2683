// The keys that work now: pages add theirs while they are shown; "?" lists them.

export interface Key {
  /** As KeyboardEvent.key: "n", "/", "ArrowLeft"; "U" is U with Shift. */
  key: string;
  label: string;
  run: () => void;
  /** With Ctrl or ⌘. */
  control?: boolean;
  /** Held down it counts once: what it does, it does to one thing after the other. */
  once?: boolean;
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

  /** True when a key of the page took it. Never while typing, with Alt, or for Enter on what Enter presses. */
  press(event: KeyboardEvent): boolean {
    if (event.altKey || isTyping(event.target)) return false;
    if (event.key === 'Enter' && isPressed(event.target)) return false;
    const control = event.ctrlKey || event.metaKey;
    const named = this.list.filter((candidate) => !!candidate.control === control);
    const key = named.find(({ key }) => isKey(key, event)) ?? named.find(({ key }) => isDigitPlace(key, event));
    if (!key) return false;
    event.preventDefault();
    if (!event.repeat || !key.once) key.run();
    return true;
  }
}

/** Of a letter Shift alone makes the capital: Caps Lock does not. */
function isKey(key: string, { key: pressed, shiftKey }: KeyboardEvent): boolean {
  if (!/^\p{L}$/u.test(key)) return key === pressed;
  return key.toLowerCase() === pressed.toLowerCase() && shiftKey === (key !== key.toLowerCase());
}

/** A digit is also where it is printed: keyboards that write it only with Shift write "&" or "é" there. */
const isDigitPlace = (key: string, { code, shiftKey }: KeyboardEvent): boolean =>
  /^\d$/.test(key) && !shiftKey && code === `Digit${key}`;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));
}

const isPressed = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('button, a, summary');

const CAPS: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Enter: '⏎' };

/** As they are printed on the keyboard. */
export function capsOf({ key, control }: Pick<Key, 'key' | 'control'>, controlCap: string): string[] {
  const shift = /^\p{Lu}$/u.test(key);
  const cap = CAPS[key] ?? (shift || control ? key.toUpperCase() : key);
  return [...(control ? [controlCap] : []), ...(shift ? ['⇧'] : []), cap];
}

export const keys = new Keys();
