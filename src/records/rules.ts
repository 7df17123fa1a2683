// Rule rewards: what a person wants of an answer, said in rules instead of preferences; each gives 0 … 1 and has a weight.
import { fail, finite, object, text } from './validate.ts';

export type Rule = { weight: number } & (
  | { kind: 'contains'; text: string }
  | { kind: 'regex'; pattern: string }
  /** 1 at `target` words, 0 at `tolerance` words beside it and beyond. */
  | { kind: 'length'; target: number; tolerance: number }
  /** A whole sentence: begins large, ends with a stop, has at least four words. */
  | { kind: 'sentence' }
  /** Names a source "[n]" that the prompt has. */
  | { kind: 'cites' }
  /** Share of its words of content that stand in the prompt's passages. */
  | { kind: 'grounded' }
  /** `same` = that of the question. */
  | { kind: 'language'; language: 'en' | 'fr' | 'same' }
  /** The expected answer of the prompt stands in it; prompts without one give 0. */
  | { kind: 'answer' }
);
export type RuleKind = Rule['kind'];

export const RULE_KINDS = [
  ...(['sentence', 'cites', 'grounded', 'answer'] as const),
  ...(['contains', 'regex', 'length', 'language'] as const),
] satisfies readonly RuleKind[];

export const MOST_RULES = 12;

export const newRule = (kind: RuleKind): Rule => {
  const weight = 1;
  if (kind === 'contains') return { kind, weight, text: '' };
  if (kind === 'regex') return { kind, weight, pattern: '' };
  if (kind === 'length') return { kind, weight, target: 12, tolerance: 8 };
  if (kind === 'language') return { kind, weight, language: 'same' };
  return { kind, weight };
};

/** A group that is repeated, if only so many times, and holds a repetition, a choice or something optional of its own: on
 *  some texts it takes time without end. */
function repeatsInside(pattern: string): boolean {
  // What is escaped and what stands in a class neither groups nor repeats.
  const plain = pattern.replaceAll(/\\[\s\S]/g, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  const found = (sign: RegExp, at: number): boolean => ((sign.lastIndex = at), sign.test(plain));
  const repeats = (at: number): boolean => found(/[*+]|\{\d+(?:,\d*)?\}/y, at);
  const varies = (at: number): boolean => found(/[*+|]|\{\d+,\d*\}|(?<!\()\?/y, at); // "(?" begins a group
  const holds = [false];
  for (let i = 0; i < plain.length; i++) {
    if (plain[i] === '(') holds.push(false);
    else if (plain[i] === ')') {
      const inner = holds.pop() ?? false;
      if (inner && repeats(i + 1)) return true;
      holds[holds.length - 1] ||= inner;
    } else if (varies(i)) holds[holds.length - 1] = true;
  }
  return false;
}

export function validateRule(value: unknown, where = 'rule'): Rule {
  const v = object(value, where);
  const kind = RULE_KINDS.find((name) => name === v.kind);
  if (!kind) fail(`${where}.kind`, `must be one of ${RULE_KINDS.join(', ')}`, v.kind, 'Choose one.');
  const weight = finite(v.weight, `${where}.weight`, -100, 100);
  const filled = (key: string): string => {
    const given = text(v[key], `${where}.${key}`);
    return given === '' ? fail(`${where}.${key}`, 'must not be empty', given, 'Write it, or remove the rule.') : given;
  };
  if (kind === 'contains') return { kind, weight, text: filled('text') };
  if (kind === 'regex') {
    const pattern = filled('pattern');
    try {
      new RegExp(pattern, 'u');
    } catch (error) {
      fail(`${where}.pattern`, 'must be a regular expression', pattern, error instanceof Error ? error.message : '');
    }
    if (repeatsInside(pattern))
      fail(`${where}.pattern`, 'must not repeat what repeats in itself', pattern, 'Such a pattern may search for years: repeat single signs.'); // prettier-ignore
    return { kind, weight, pattern };
  }
  if (kind === 'length') {
    const target = finite(v.target, `${where}.target`, 0, 10_000);
    return { kind, weight, target, tolerance: finite(v.tolerance, `${where}.tolerance`, 1, 10_000) };
  }
  if (kind === 'language') {
    const language = (['en', 'fr', 'same'] as const).find((name) => name === v.language);
    if (!language) fail(`${where}.language`, 'must be en, fr or same', v.language, 'Choose one.');
    return { kind, weight, language };
  }
  return { kind, weight };
}
