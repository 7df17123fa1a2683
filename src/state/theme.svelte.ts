// Light, dark, or as the system says; the style sheet reads it from the root element.
import { Persisted } from './persisted.svelte.ts';

export type Theme = 'system' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

class ThemeChoice {
  #choice = new Persisted<Theme>('theme', 'system', (v): v is Theme => THEMES.includes(v as Theme));

  get value(): Theme {
    return this.#choice.value;
  }

  set value(theme: Theme) {
    this.#choice.value = theme;
    this.apply();
  }

  apply(): void {
    if (this.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.value;
  }
}

export const theme = new ThemeChoice();
