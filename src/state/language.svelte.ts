// The language of the interface: `t()` is its message table, `format` its numbers and dates.
import { LANGUAGES, preferredLanguage, type Language, type Messages } from '../messages/index.ts';
import { Persisted } from './persisted.svelte.ts';

class LanguageChoice {
  #choice = new Persisted<Language>(
    'language',
    preferredLanguage(navigator.languages),
    (v): v is Language => typeof v === 'string' && Object.hasOwn(LANGUAGES, v),
  );

  get value(): Language {
    return this.#choice.value;
  }

  set value(language: Language) {
    this.#choice.value = language;
    this.apply();
  }

  apply(): void {
    document.documentElement.lang = this.value;
  }
}

export const language = new LanguageChoice();

/** The words of the current language. Read it in markup or in $derived, so that a switch shows at once. */
export const t = (): Messages => LANGUAGES[language.value];

const UNITS = { en: ['B', 'kB', 'MB', 'GB', 'TB'], fr: ['o', 'ko', 'Mo', 'Go', 'To'] } as const;

export const format = {
  number: (x: number, digits = 0): string =>
    x.toLocaleString(language.value, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  bytes(bytes: number): string {
    const power = Math.min(4, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
    const value = bytes / 1000 ** power;
    return `${format.number(value, power > 0 && value < 10 ? 1 : 0)}\u00a0${UNITS[language.value][power]}`;
  },
  date: (iso: string): string =>
    new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(Date.parse(iso)),
  time: (iso: string): string =>
    new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(iso)),
};

/** What a person reads for an error: our sentence where there is one, else the error's own. */
export function sentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return t().errors[error.name] ?? error.message;
}
