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

export const STOP_WORDS: ReadonlySet<string> = new Set([ENGLISH, FRENCH].flatMap((words) => words.split(' ')));
