// Which words of an answer stand in which passage: longest common runs of words, the model's own "[n]" honoured. Pure.

export interface Citation {
  /** Span of the answer: [start, end). Citations are in its order and never overlap. */
  start: number;
  end: number;
  /** Index of the passage. */
  passage: number;
  /** The same words in that passage: [from, to). Empty where the model names a passage of which it uses no word: the
   *  span of the answer is then the "[n]" itself. */
  from: number;
  to: number;
  /** The model named this passage there. */
  own: boolean;
}

/** "[2]" as the model wrote it. */
export interface Mark {
  start: number;
  end: number;
  number: number;
  /** Index of the passage; null: there is none of this number, the model invented it. */
  passage: number | null;
}

export interface Sentence {
  start: number;
  end: number;
  /** It says something, and no word run of it stands in a passage, nor does it name one. */
  uncited: boolean;
}

interface Span {
  start: number;
  end: number;
}

interface Token extends Span {
  /** Equal keys are the same word, whatever its case and accents; or the same number, however it is written. */
  key: string;
  number: boolean;
  capital: boolean;
  /** Says something: no article, pronoun or auxiliary. */
  telling: boolean;
}

interface Source {
  tokens: Token[];
  /** Where each key stands, ascending. */
  places: Map<string, number[]>;
}

/** Part of a sentence, and the passages that the model names for it. */
interface Clause {
  tokens: Token[];
  marks: Mark[];
}

/** A run of the clause's tokens, both ends included, that ends in the passage with its token `at`. */
interface Run {
  first: number;
  last: number;
  passage: number;
  at: number;
}

const MARK = /\[\d{1,3}\]/g;
const THOUSANDS = /[1-9]\d{0,2}(?<by>[.,'’ \u00a0\u202f])\d{3}(?:\k<by>\d{3})*(?!\d)/u;
/** Scripts written without spaces: every character is a word. */
const SINGLE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const TOKEN = new RegExp(
  `${MARK.source}|(?:${THOUSANDS.source}|\\d+)(?:[.,]\\d+)?|${SINGLE.source}|(?:(?!${SINGLE.source})\\p{L}\\p{M}*)+`,
  'gu',
);

const SMALL_WORDS = new Set(
  (
    'a an the of to in on at for by with from and or but nor as is are was were be been being am it its this that these ' +
    'those do does did done has have had having can could will would shall should may might must no not how what which who ' +
    'whom whose when where why there here their they them he she his her him we our us you your i my me than then so if ' +
    'into onto about over under all any some each every both such only also very more most less least other another same ' +
    'one per via while because between during after before since until up out off down just still yet says said according ' +
    'le la les un une des du de au aux et ou mais donc en dans sur sous pour par avec sans vers chez entre que qui quoi ' +
    'dont quel quelle quels quelles comment combien quand pourquoi est sont etait etaient sera seront serait etre ete etant ' +
    'ai as avons avez ont avait avaient aura avoir ayant ce cet cette ces cela ceci ca il elle ils elles on nous vous je ' +
    'tu se sa ses son leur leurs lui eux moi toi ma mon mes ta ton tes notre nos votre vos ne pas ni plus moins tres aussi ' +
    'tout tous toute toutes autre autres meme memes si y la ou c d j l m n qu s t selon lors depuis pendant apres avant ainsi'
  ).split(' '),
);

const fold = (word: string): string => word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** "2,340", "2 340" and "2340" are one number, as are "31.5" and "31,5". */
const numberKey = (written: string): string =>
  written.replace(THOUSANDS, (whole) => whole.replaceAll(/\D/g, '')).replace(',', '.');

function tokensOf(text: string, offset = 0): Token[] {
  return [...text.matchAll(TOKEN)].flatMap(({ 0: word, index }) => {
    if (word.startsWith('[')) return [];
    const number = /\d/.test(word);
    const key = number ? numberKey(word) : fold(word);
    const capital = /^\p{Lu}/u.test(word);
    const long = key.length >= 3 || capital || SINGLE.test(word);
    const telling = number || (long && !SMALL_WORDS.has(key));
    return { start: offset + index, end: offset + index + word.length, key, number, capital, telling };
  });
}

/** The words that say something, in order: the same word or number has the same key. */
export const tellingWords = (text: string): string[] =>
  tokensOf(text).flatMap(({ key, telling }) => (telling ? [key] : []));

function sourceOf(passage: string): Source {
  const tokens = tokensOf(passage);
  const places = new Map<string, number[]>();
  for (const [at, { key }] of tokens.entries()) {
    const known = places.get(key);
    if (known) known.push(at);
    else places.set(key, [at]);
  }
  return { tokens, places };
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Sentences without the white space around them; a "[n]" after the full stop still belongs to its sentence. */
function spansOf(answer: string): Span[] {
  const spans: Span[] = [];
  for (const { segment, index } of segmenter.segment(answer)) {
    const last = spans.at(-1);
    const late = last ? (/^(?:\s*\[\d{1,3}\][.,;!?]?)+/.exec(segment)?.[0].length ?? 0) : 0;
    if (last && late > 0) last.end = index + late;
    const rest = segment.slice(late);
    if (rest.trim() === '') continue;
    const start = index + late + rest.length - rest.trimStart().length;
    const end = index + late + rest.trimEnd().length;
    if (last && /^[\p{Ll}\p{P}]*(?:\p{Ll}|$)/u.test(answer.slice(start, end).slice(0, 2))) last.end = end;
    else spans.push({ start, end });
  }
  return spans;
}

/** The "[n]" of an answer, in order. Years and ranges in brackets are none. */
export function marksOf(answer: string, passages: number): Mark[] {
  return [...answer.matchAll(MARK)].map(({ 0: mark, index }) => {
    const number = Number(mark.slice(1, -1));
    const passage = number >= 1 && number <= passages ? number - 1 : null;
    return { start: index, end: index + mark.length, number, passage };
  });
}

/** Cuts a sentence at its marks. A mark, or several in a row, name what stands before them; the last also what follows. */
function clausesOf(answer: string, sentence: Span, all: readonly Mark[]): Clause[] {
  const clauses: Clause[] = [];
  let from = sentence.start;
  for (const mark of all.filter(({ start }) => start >= sentence.start && start < sentence.end)) {
    const tokens = tokensOf(answer.slice(from, mark.start), from);
    const last = clauses.at(-1);
    if (last && tokens.every(({ telling }) => !telling)) last.marks.push(mark);
    else clauses.push({ tokens, marks: [mark] });
    from = mark.end;
  }
  const tokens = tokensOf(answer.slice(from, sentence.end), from);
  const last = clauses.at(-1);
  if (last && last.tokens.length === 0) last.tokens = tokens;
  else if (tokens.length > 0) clauses.push({ tokens, marks: last?.marks ?? [] });
  return clauses;
}

/** For each token the longest run that ends with it and stands in the passage: [tokens] of { length, at }. */
function longestRuns(tokens: readonly Token[], { tokens: words, places }: Source): { length: number; at: number }[] {
  let before = new Uint32Array(words.length + 1); // before[at + 1]: length of the run that ended at `at`
  let here = new Uint32Array(words.length + 1);
  let touched: readonly number[] = [];
  return tokens.map(({ key }) => {
    const found = places.get(key) ?? [];
    const best = { length: 0, at: -1 };
    for (const at of found) {
      const length = (before[at] ?? 0) + 1;
      here[at + 1] = length;
      if (length > best.length) [best.length, best.at] = [length, at];
    }
    for (const at of touched) before[at + 1] = 0;
    touched = found;
    [before, here] = [here, before];
    return best;
  });
}

const upTo = (tokens: readonly Token[], counts: (token: Token) => boolean): number[] => {
  let sum = 0;
  return [0, ...tokens.map((token) => (sum += counts(token) ? 1 : 0))];
};

/**
 * The longest runs of a clause in the sources of these indexes, longest first and apart from each other and from those
 * that are `taken`; among equal ones that of the passage which shares most words. A run counts when it has two telling
 * words, or a number, or a name that stands in one place only, or all that the clause says.
 */
function cover(
  tokens: readonly Token[],
  sources: readonly Source[],
  among: readonly number[],
  taken: readonly Run[],
): Run[] {
  const telling = upTo(tokens, (token) => token.telling);
  const strong = upTo(tokens, (token) => token.number || isRareName(token, sources));
  const all = telling.at(-1) ?? 0;
  const counts = (first: number, last: number): boolean => {
    const said = (telling[last + 1] ?? 0) - (telling[first] ?? 0);
    return said >= 2 || (said > 0 && said === all) || (strong[last + 1] ?? 0) > (strong[first] ?? 0);
  };
  const candidates = among.flatMap((passage) => {
    const source = sources[passage];
    if (!source) return [];
    const shared = tokens.filter((token) => token.telling && source.places.has(token.key));
    return [{ passage, kin: new Set(shared.map(({ key }) => key)).size, runs: longestRuns(tokens, source) }];
  });
  candidates.sort((a, b) => b.kin - a.kin || a.passage - b.passage);

  const chosen: Run[] = [];
  const free = gaps(taken, tokens.length);
  for (let range = free.pop(); range; range = free.pop()) {
    const [low, high] = range;
    let best: Run | null = null;
    let longest = 0;
    for (const { passage, runs } of candidates)
      for (let last = low; last < high; last++) {
        const { length = 0, at = 0 } = runs[last] ?? {};
        const first = Math.max(low, last - length + 1);
        if (last - first + 1 <= longest || !counts(first, last)) continue;
        longest = last - first + 1;
        best = { first, last, passage, at };
      }
    if (!best) continue;
    chosen.push(best);
    free.push([low, best.first], [best.last + 1, high]);
  }
  return chosen;
}

/** What lies between runs: [first, end). */
function gaps(taken: readonly Run[], length: number): [first: number, end: number][] {
  const free: [number, number][] = [];
  let from = 0;
  for (const { first, last } of [...taken].sort((a, b) => a.first - b.first)) {
    free.push([from, first]);
    from = last + 1;
  }
  return [...free, [from, length]];
}

/** Written with a capital, here and there, and in one place of all passages only. */
function isRareName({ key, capital, telling }: Token, sources: readonly Source[]): boolean {
  if (!capital || !telling) return false;
  const holding = sources.filter(({ places }) => places.has(key));
  const [{ tokens = [], places } = {}] = holding;
  const [at = -1, ...more] = places?.get(key) ?? [];
  return holding.length === 1 && more.length === 0 && tokens[at]?.capital === true;
}

/** The run without the small words at its ends, as spans of both texts. */
function citationOf(tokens: readonly Token[], run: Run, sources: readonly Source[], own: boolean): Citation[] {
  let { first, last } = run;
  while (first < last && !tokens[first]?.telling) first++;
  while (last > first && !tokens[last]?.telling) last--;
  const words = sources[run.passage]?.tokens ?? [];
  const [from, to] = [words[run.at - (run.last - first)], words[run.at - (run.last - last)]];
  const [start, end] = [tokens[first], tokens[last]];
  if (!from || !to || !start || !end) return [];
  return [{ start: start.start, end: end.end, passage: run.passage, from: from.start, to: to.end, own }];
}

/** Which words of the answer stand in which passage. */
export function align(answer: string, passages: readonly string[]): Citation[] {
  const sources = passages.map(sourceOf);
  const everywhere = passages.map((_, i) => i);
  const marks = marksOf(answer, passages.length);
  const citations: Citation[] = [];
  for (const sentence of spansOf(answer)) {
    const clauses = clausesOf(answer, sentence, marks);
    const met = new Set<Mark>();
    for (const { tokens, marks: names } of clauses) {
      const named = new Set(names.flatMap(({ passage }) => passage ?? []));
      const own = cover(tokens, sources, [...named], []);
      const found = cover(tokens, sources, everywhere, own);
      for (const mark of names) if (own.some(({ passage }) => passage === mark.passage)) met.add(mark);
      citations.push(...own.flatMap((run) => citationOf(tokens, run, sources, true)));
      citations.push(...found.flatMap((run) => citationOf(tokens, run, sources, false)));
    }
    for (const mark of new Set(clauses.flatMap((clause) => clause.marks)))
      if (mark.passage !== null && !met.has(mark)) {
        const { start, end, passage } = mark;
        citations.push({ start, end, passage, from: 0, to: 0, own: true });
      }
  }
  return citations.sort((a, b) => a.start - b.start);
}

/** The sentences of an answer; those that say something and cite nothing are flagged. */
export function sentencesOf(answer: string, citations: readonly Citation[]): Sentence[] {
  return spansOf(answer).map(({ start, end }) => ({
    start,
    end,
    uncited:
      tokensOf(answer.slice(start, end)).some(({ telling }) => telling) &&
      !citations.some((citation) => citation.start < end && citation.end > start),
  }));
}
