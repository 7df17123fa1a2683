// English or French: told by small words that one of the two has alone, and by accented letters. Bare names show neither.

const ENGLISH = new Set(
  (
    'the of and to in is was are were be been it its this that these those with by for at from has had have does did do not ' +
    'which who whom whose what when where why how he she they their there will would can could should into about than then ' +
    'an as but so if or my your our his her we you'
  ).split(' '),
);
const FRENCH = new Set(
  (
    'le la les un une des du de au aux et est sont sera seront dans sur par pour avec sans chez vers qui que quoi dont quel ' +
    'quelle quels quelles ce cet cette ces il elle ils elles ne pas ou où leur leurs sa ses nous vous je lui mais donc ont ' +
    'été était a-t-il comment combien quand pourquoi l d qu n s c j'
  ).split(' '),
);
const ACCENTED = /^\p{Ll}*[àâçéèêëîïôùûœ]/u; // small letters alone: names keep their accents in any language
const POSSESSIVE = /['’]s(?!\p{L})/gu; // "Ada's": not the French "s'"

function evidence(text: string): { en: number; fr: number } {
  const found = { en: 0, fr: 0 };
  for (const word of text
    .normalize('NFC')
    .replaceAll(POSSESSIVE, '')
    .match(/[\p{L}\p{M}]+/gu) ?? []) {
    const small = word.toLowerCase();
    if (ENGLISH.has(small)) found.en++;
    else if (FRENCH.has(small) || ACCENTED.test(word)) found.fr++;
  }
  return found;
}

/** Of the words that tell a language, those that tell this one; a half where none does: a name alone is in neither. */
export function languageShare(text: string, language: 'en' | 'fr'): number {
  const found = evidence(text);
  const all = found.en + found.fr;
  return all === 0 ? 0.5 : found[language] / all;
}

/** null: nothing tells, or both as much. */
export function mainLanguage(text: string): 'en' | 'fr' | null {
  const { en, fr } = evidence(text);
  return en === fr ? null : en > fr ? 'en' : 'fr';
}
