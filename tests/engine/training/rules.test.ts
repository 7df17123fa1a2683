// Rule rewards: what each kind gives in both languages, that none leaves 0 … 1, and that no text or pattern does harm.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PATTERN_READS, scoreByRules, type RuledText } from '../../../src/engine/training/rules.ts';
import { languageShare, mainLanguage } from '../../../src/engine/training/ruleLanguage.ts';
import { newRule, RULE_KINDS, validateRule, type Rule } from '../../../src/records/rules.ts';

const EN =
  'Who leads the Bern office?\n\nContext:\n[1] Mara Voss leads the office in Bern.\n\n[2] The office has 1,200 desks.';
const FR =
  "Qui dirige l'usine de Nantes ?\n\nContext:\n[1] Zoé Brun dirige l'usine de Nantes.\n[2] Le loyer est de 12 500 euros.";

type Bare<R> = R extends Rule ? Omit<R, 'weight'> : never;
const value = (rule: Bare<Rule>, completion: string, more: Partial<RuledText> = {}): number =>
  scoreByRules([{ weight: 1, ...rule }], { prompt: EN, answer: null, ...more, completion }).values[0] ?? -1;

describe('sentence', () => {
  it.each([
    'Mara Voss leads the office.',
    'Mara Voss leads the office [1].',
    'Mara Voss leads the office. [1]',
    '“Mara Voss leads the office!”',
    "L'usine est dirigée par Zoé Brun [1].",
    'Élise dirige une usine…',
    '1,200 desks stand there.',
  ])('is one: %s', (text) => expect(value({ kind: 'sentence' }, text)).toBe(1));
  it.each([
    'Mara Voss.',
    'mara voss leads the office.',
    'Mara Voss leads the office',
    '[1] [2] [1] [2].',
    '. . . .',
    '',
  ])('is none: %s', (text) => expect(value({ kind: 'sentence' }, text)).toBe(0));
});

describe('cites', () => {
  it.each([
    ['Mara Voss [1].', 1],
    ['Mara Voss [1] [2].', 1],
    ['Mara Voss [3].', 0],
    ['Mara Voss [1] [7].', 0.5],
    ['Mara Voss.', 0],
    ['Mara Voss [1', 0],
  ])('%s: %d', (text, wanted) => expect(value({ kind: 'cites' }, text)).toBe(wanted));
  it('takes no number that stands inside a passage for a source', () => {
    const prompt = 'Q?\n\nContext:\nAs [4] shows, it is so.';
    expect(value({ kind: 'cites' }, 'So [4].', { prompt })).toBe(0);
  });
});

describe('grounded', () => {
  it.each([
    ['Mara Voss leads.', 1],
    ['Mara Brun leads.', 2 / 3],
    ['The of in it.', 0],
    ['', 0],
    ['Paris Paris Paris Voss', 0.5],
    ['It has 1200 desks.', 1],
  ])('%s: %d', (text, wanted) => expect(value({ kind: 'grounded' }, text)).toBeCloseTo(wanted, 12));
  it('reads French, accents and case apart', () => {
    expect(value({ kind: 'grounded' }, "L'USINE est dirigee par Zoe Brun.", { prompt: FR })).toBeCloseTo(3 / 4);
    expect(value({ kind: 'grounded' }, 'Le loyer : 12500 euros.', { prompt: FR })).toBe(1);
  });
  it('counts the passages alone, not the question', () => {
    const prompt = 'Who leads Bern?\n\nContext:\nNothing of it.';
    expect(value({ kind: 'grounded' }, 'Bern', { prompt })).toBe(0);
  });
});

describe('answer', () => {
  it.each([
    ['The Black  Knife [1].', 'the black knife', 1],
    ['Le loyer est de 12\u202f500 euros.', '12 500 euros', 1],
    ['It was 18.', '8', 0],
    ['It was 8, not 18.', '8', 1],
    ['Elle a 8 ans', '8', 1],
    ['A Voss-like man', 'Voss', 1],
    ['Mara Vosse', 'Mara Voss', 0],
    ['anything', '', 0],
  ])('%s / %s: %d', (text, answer, wanted) => expect(value({ kind: 'answer' }, text, { answer })).toBe(wanted));
  it('without a known answer gives 0', () => expect(value({ kind: 'answer' }, 'Mara Voss')).toBe(0));
});

describe('language', () => {
  it.each([
    ['The office is led by Mara Voss.', 'en'],
    ["What is Ada's rent?", 'en'],
    ["L'usine est dirigée par Zoé Brun.", 'fr'],
    ['Le loyer a été fixé.', 'fr'],
    ["Une pénurie d'étain.", 'fr'],
    ['François Lefèvre leads the team.', 'en'],
  ] as const)('%s: %s', (text, language) => {
    expect(mainLanguage(text)).toBe(language);
    expect(languageShare(text, language)).toBeGreaterThan(0.5);
  });
  it('that nothing shows is a half', () => expect(languageShare('Mara Voss. 31.', 'fr')).toBe(0.5));
  it('of the question is wanted by "same"', () => {
    const english = 'It is in the office.';
    expect(value({ kind: 'language', language: 'same' }, english)).toBe(1);
    expect(value({ kind: 'language', language: 'same' }, english, { prompt: FR })).toBe(0);
    expect(value({ kind: 'language', language: 'same' }, "C'est dans l'usine.", { prompt: FR })).toBe(1);
  });
});

describe('contains, regex, length', () => {
  it('contain what is asked, in capitals or not, over spaces of any kind', () => {
    expect(value({ kind: 'contains', text: 'mara voss' }, 'It is MARA\u00a0Voss.')).toBe(1);
    expect(value({ kind: 'contains', text: 'Bern' }, 'Basel')).toBe(0);
    expect(value({ kind: 'contains', text: '' }, 'Basel')).toBe(0);
  });
  it('reads a pattern as Unicode, and no more of a text than it may', () => {
    expect(value({ kind: 'regex', pattern: '^\\p{Lu}.*\\[\\d\\]\\.$' }, 'Élise [1].')).toBe(1);
    expect(value({ kind: 'regex', pattern: 'x' }, 'a'.repeat(PATTERN_READS) + 'x')).toBe(0);
  });
  it('falls from 1 at the target to 0 at the tolerance, and a figure is one word', () => {
    const words = (n: number) => value({ kind: 'length', target: 4, tolerance: 2 }, 'a '.repeat(n));
    expect([2, 3, 4, 5, 6, 60].map(words)).toEqual([0, 0.5, 1, 0.5, 0, 0]);
    expect(value({ kind: 'length', target: 3, tolerance: 1 }, '1,200.50 well-made desks [1].')).toBe(1);
  });
});

describe('patterns that search without end', () => {
  it.each([
    ...['(a+)+$', '(a|a)*$', '(?:\\w+\\s?)+x', '((ab)*c)+', '(a{2,})*', '([a-z]+)+', '((a|b))+'],
    ...['(a|a){22}b', '(a?){22}b', '(aa?)+$', '(a+){6}b', '(a??){3,}b'],
  ])('%s is refused in words', (pattern) =>
    expect(() => validateRule({ kind: 'regex', weight: 1, pattern })).toThrow(/pattern/),
  );
  it.each([
    '(ab)+',
    '^(yes|no)$',
    '[(+*|)]+',
    '\\(a+\\)+',
    'a+b+',
    '(a+)?',
    '\\[\\d+\\]\\.$',
    '(?<=x)y{2}',
    '(?:ab){2}c?',
  ])('%s is taken', (pattern) =>
    expect(validateRule({ kind: 'regex', weight: 1, pattern })).toMatchObject({ pattern }),
  );
});

const rules = RULE_KINDS.map((kind) => validateRule({ ...newRule(kind), text: 'a', pattern: 'a|<' }));
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom('<script>alert(1)</script>', '[1] [999]', '$& $1 \\u{0}', '\ud800', '__proto__', 'ﷺ'.repeat(50)),
);

describe('whatever the texts', () => {
  it('every rule gives 0 … 1, twice the same, and the sum is that of the weighed values', () => {
    fc.assert(
      fc.property(
        anyText,
        anyText,
        fc.option(anyText),
        fc.array(fc.integer({ min: -9, max: 9 })),
        (prompt, completion, answer, weights) => {
          const weighed = rules.map((rule, i) => ({ ...rule, weight: weights[i] ?? 1 }));
          const first = scoreByRules(weighed, { prompt, completion, answer });
          expect(scoreByRules(weighed, { prompt, completion, answer })).toEqual(first);
          for (const one of first.values) expect(one >= 0 && one <= 1, `${one}`).toBe(true);
          expect(first.total).toBeCloseTo(
            first.values.reduce((sum, one, i) => sum + one * (weighed[i]?.weight ?? 0), 0),
            9,
          );
        },
      ),
    );
  });
  it('a known answer stands in itself, framed by anything that is no letter', () => {
    const word = fc.stringMatching(/^[a-zéA-Z0-9]{1,8}( [a-z0-9]{1,8}){0,2}$/);
    fc.assert(
      fc.property(
        word,
        fc.constantFrom('', ' ', '"', '('),
        fc.constantFrom('', '.', ' [1].', ','),
        (answer, before, after) => {
          expect(value({ kind: 'answer' }, before + answer.toUpperCase() + after, { answer })).toBe(1);
        },
      ),
    );
  });
  it('hundreds of long answers take no time', () => {
    const long = {
      prompt: `${FR} ${'mot '.repeat(2000)}`,
      completion: 'Un mot de plus [1]. '.repeat(500),
      answer: '8',
    };
    const start = performance.now();
    for (let i = 0; i < 20; i++) scoreByRules(rules, long);
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
