// Words that say nothing about what a text is about, by language; without accents, as terms() sees them.

const ENGLISH =
  'a an the of to in on at for by with from and or but as is are was were be been being it its this that these those ' +
  'do does did has have had can could will would should may might must not no how what which who whom whose when where ' +
  'why many much there their they he she his her him them we our you your i my me than then so if into about over under ' +
  'tell know please say says said';

const FRENCH =
  'le la les un une des du de au aux et ou mais en dans sur pour par avec sans que qui quoi dont quel quelle quels quelles ' +
  'comment combien quand pourquoi est sont etait etaient sera etre ete ont avait avoir ce cet cette ces il elle ils elles ' +
  'on nous vous je tu se sa ses son leur leurs ne pas plus moins ici y lui c d j l m n qu s t quelqu savoir voudrais dire';

const LISTS = { en: new Set(ENGLISH.split(' ')), fr: new Set(FRENCH.split(' ')) };

export const STOP_WORDS: ReadonlySet<string> = new Set([...LISTS.en, ...LISTS.fr]);

/** The language whose small words a question has more of; null where they do not tell. */
export function languageOf(text: string): keyof typeof LISTS | null {
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/\p{L}+/gu) ?? [];
  const [en, fr] = [LISTS.en, LISTS.fr].map((list) => words.filter((word) => list.has(word)).length);
  return en === fr ? null : (en ?? 0) > (fr ?? 0) ? 'en' : 'fr';
}
