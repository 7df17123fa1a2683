// The languages of the interface.
import { en, type Messages } from './en.ts';
import { fr } from './fr.ts';

export type { Messages };
export type Language = 'en' | 'fr';

export const LANGUAGES: Record<Language, Messages> = { en, fr };

/** The first language of the browser's list that we have. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'en' || language === 'fr') return language;
  }
  return 'en';
}
