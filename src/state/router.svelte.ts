// Where the person is: the hash as segments and a query, with scroll and focus kept per history entry.
import { tick } from 'svelte';

const SCROLL = 'atelier:scroll';

/** "#/ask/42?at=1" → ["ask", "42"]. */
export function segmentsOf(hash: string): string[] {
  return hash
    .replace(/\?.*$/s, '')
    .replace(/^#\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part; // a mistyped percent sign is part of the name
      }
    });
}

class Router {
  #hash = $state(location.hash);
  #segments = $derived(segmentsOf(this.#hash));
  #query = $derived(new URLSearchParams(/\?(.*)$/s.exec(this.#hash)?.[1] ?? ''));
  #scroll = new Map<string, number>();
  #entry = '';
  #visited = false;
  /** Where the person was before; null when the place is new. */
  #wanted: number | null = null;
  /** False between two pages: what the browser scrolls then is not where the person was. */
  #standing = false;

  /** "/ask/42"; "/" on Start. */
  get path(): string {
    return `/${this.#segments.join('/')}`;
  }
  /** The page: "ask"; "" on Start. */
  get name(): string {
    return this.#segments[0] ?? '';
  }
  /** What the page shows: "42"; null when the page is shown as a whole. */
  get id(): string | null {
    return this.#segments[1] ?? null;
  }

  /** "12-80" of "#/documents/7?at=12-80". */
  query(name: string): string | null {
    return this.#query.get(name);
  }

  start(): void {
    history.scrollRestoration = 'manual';
    this.#scroll = new Map(readScroll());
    this.#enter();
    addEventListener('hashchange', () => {
      this.#leave();
      this.#enter();
      const page = this.name;
      this.#hash = location.hash;
      if (this.name === page) void tick().then(() => this.#stay());
    });
    addEventListener('pagehide', () => {
      this.#leave();
      try {
        sessionStorage.setItem(SCROLL, JSON.stringify([...this.#scroll].slice(-50)));
      } catch {
        // scroll positions are a comfort, not data
      }
    });
    addEventListener('scroll', () => this.#leave(), { passive: true });
  }

  go(path: string): void {
    location.hash = `#${path}`;
  }

  /** Changes the address without a new history entry: a filter, a selected row. */
  replace(path: string): void {
    history.replaceState(history.state, '', `#${path}`);
    this.#hash = location.hash;
  }

  /** Called when the page stands: back where the person was, or at its top with the focus on it. */
  arrived(page: HTMLElement): void {
    scrollTo(0, this.#wanted ?? 0);
    this.#standing = true;
    if (this.#visited && this.#wanted === null) page.focus({ preventScroll: true });
    this.#visited = true;
  }

  /** For what comes late and gives the page its height: back where the person was; false when the place is new. */
  restore(): boolean {
    if (this.#wanted === null) return false;
    scrollTo(0, this.#wanted);
    return true;
  }

  /** Another part of the same page: back returns to its place, a new one leaves the page where it is. */
  #stay(): void {
    this.restore();
    this.#standing = true;
  }

  #leave(): void {
    if (this.#standing) this.#scroll.set(this.#entry, scrollY);
  }

  #enter(): void {
    this.#standing = false;
    const state = history.state as { entry?: string } | null;
    this.#entry = state?.entry ?? crypto.randomUUID();
    if (!state?.entry) history.replaceState({ ...state, entry: this.#entry }, '');
    this.#wanted = this.#scroll.get(this.#entry) ?? null;
  }
}

function readScroll(): [string, number][] {
  try {
    return JSON.parse(sessionStorage.getItem(SCROLL) ?? '[]') as [string, number][];
  } catch {
    return [];
  }
}

export const router = new Router();
