// One small value that survives a reload: needed before the first paint, so not in the database.

const PREFIX = 'atelier:';

/** A private window may refuse even to be asked. */
function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

export class Persisted<T> {
  #key: string;
  #value = $state.raw() as T;

  constructor(key: string, initial: T, accept: (value: unknown) => value is T) {
    this.#key = PREFIX + key;
    this.#value = initial;
    try {
      const kept: unknown = JSON.parse(storage()?.getItem(this.#key) ?? 'null');
      if (accept(kept)) this.#value = kept;
    } catch {
      // written by another version: the initial value stands
    }
  }

  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#value = value;
    try {
      storage()?.setItem(this.#key, JSON.stringify(value));
    } catch {
      // no room or not allowed: the value lives as long as the tab
    }
  }
}

/** For what is on its way to the database: there at once, and gone with null. */
export function keepMeanwhile(key: string, value: object | null): void {
  try {
    if (value === null) storage()?.removeItem(PREFIX + key);
    else storage()?.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // no room or not allowed: the database has it a moment later
  }
}

/** Null when nothing was left on its way. */
export function keptMeanwhile(key: string): unknown {
  try {
    return JSON.parse(storage()?.getItem(PREFIX + key) ?? 'null') as unknown;
  } catch {
    return null;
  }
}

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

/** Forgets every value of this kind, half-typed texts included. */
export function forgetPersisted(): void {
  for (const key of Object.keys(storage() ?? {})) if (key.startsWith(PREFIX)) storage()?.removeItem(key);
}
