// Rewards by rule: what each rule gives an answer, 0 … 1, and their weighed sum. Pure: same texts, same numbers.
import { tellingWords } from '../../records/citation.ts';
import { CONTEXT_LINE } from '../../records/rowMapping.ts';
import type { Rule } from '../../records/rules.ts';
import { languageShare, mainLanguage } from './ruleLanguage.ts';

export interface RuledText {
  prompt: string;
  completion: string;
  /** What a right answer contains; null where nobody has said. */
  answer: string | null;
}

/** Characters that a regular expression reads: what it costs grows faster than the text. */
export const PATTERN_READS = 1000;

const FEWEST_WORDS = 4;
const MARK = /\[(\d{1,3})\]/g;
/** A whole number with its separators is one word, as is one with an apostrophe or a hyphen. */
const WORD = /[\p{L}\p{M}\p{N}]+(?:[.,'’\-\u2011](?=[\p{L}\p{N}])[\p{L}\p{M}\p{N}]+)*/gu;
const LETTER = /[\p{L}\p{M}\p{N}]/u;

export function scoreByRules(rules: readonly Rule[], text: RuledText): { values: number[]; total: number } {
  const values = rules.map((rule) => valueOf(rule, text));
  return { values, total: rules.reduce((sum, { weight }, i) => sum + weight * (values[i] ?? 0), 0) };
}

function valueOf(rule: Rule, { prompt, completion, answer }: RuledText): number {
  switch (rule.kind) {
    case 'contains':
      return Number(rule.text !== '' && fold(completion).includes(fold(rule.text)));
    case 'regex':
      return Number(new RegExp(rule.pattern, 'u').test(completion.slice(0, PATTERN_READS)));
    case 'length':
      return Math.max(0, 1 - Math.abs(wordsOf(completion).length - rule.target) / rule.tolerance);
    case 'sentence':
      return Number(isSentence(completion));
    case 'cites':
      return cited(completion, passagesOf(prompt));
    case 'grounded':
      return grounded(completion, passagesOf(prompt));
    case 'language': {
      const wanted = rule.language === 'same' ? asked(prompt) : rule.language;
      return wanted === null ? 0.5 : languageShare(completion, wanted);
    }
    case 'answer':
      return Number(answer !== null && holds(fold(completion), fold(answer)));
  }
}

/** Case and spaces do not count: a no-break space is a space, several are one. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();

const wordsOf = (text: string): readonly string[] => text.replaceAll(MARK, ' ').match(WORD) ?? [];

/** What stands behind "Context:"; all of it where there is none. */
const passagesOf = (prompt: string): string => {
  const at = prompt.indexOf(CONTEXT_LINE);
  return at < 0 ? prompt : prompt.slice(at + CONTEXT_LINE.length);
};

/** The language of the question; where it shows none, that of the whole prompt. */
const asked = (prompt: string): 'en' | 'fr' | null =>
  mainLanguage(prompt.split(CONTEXT_LINE)[0] ?? prompt) ?? mainLanguage(prompt);

/** Begins large (or with a figure, or in a script that has no case), ends with a stop, has enough words.
 *  A source before or behind the stop does not count, nor do quotation marks. */
function isSentence(text: string): boolean {
  const bare = text.replaceAll(MARK, '').trim();
  const begins = /^["'«“‘(¿¡\s]*[\p{Lu}\p{Lt}\p{Lo}\p{N}]/u.test(bare);
  const ends = /[.!?…。！？]["'»”’)\s]*$/u.test(bare);
  return begins && ends && wordsOf(bare).length >= FEWEST_WORDS;
}

/** Share of the sources named that the passages have; naming none gives 0. */
function cited(completion: string, passages: string): number {
  const there = new Set([...passages.matchAll(/^\s*\[(\d{1,3})\]/gm)].map(([, n]) => Number(n)));
  const named = [...completion.matchAll(MARK)].map(([, n]) => Number(n));
  return named.length === 0 ? 0 : named.filter((n) => there.has(n)).length / named.length;
}

/** Share of the distinct words of content: saying a word again earns nothing, saying nothing earns 0. */
function grounded(completion: string, passages: string): number {
  const said = new Set(tellingWords(completion));
  const there = new Set(tellingWords(passages));
  return said.size === 0 ? 0 : [...said].filter((word) => there.has(word)).length / said.size;
}

/** As whole words: "8" does not stand in "18". */
function holds(text: string, wanted: string): boolean {
  if (wanted === '') return false;
  const inside = (before: string, after: string): boolean => LETTER.test(before) && LETTER.test(after);
  const [first, last] = [[...wanted][0] ?? '', [...wanted].at(-1) ?? ''];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const [before = '', after = ''] = [[...text.slice(Math.max(0, at - 2), at)].at(-1), text.slice(at + wanted.length)];
    if (!inside(before, first) && !inside(last, [...after.slice(0, 2)][0] ?? '')) return true;
  }
  return false;
}
