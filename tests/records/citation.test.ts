// Words of an answer found in its passages: properties on any text, and what a person sees of it in two languages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { align, marksOf, sentencesOf, type Citation } from '../../src/records/citation.ts';

/** "words of the answer → n: words of the passage"; ! where the model named it. */
function shown(answer: string, passages: readonly string[]): string[] {
  return align(answer, passages).map(
    ({ start, end, passage, from, to, own }) =>
      `${answer.slice(start, end)} → ${passage + 1}: ${passages[passage]?.slice(from, to)}${own ? ' !' : ''}`,
  );
}
const uncited = (answer: string, passages: readonly string[]): string[] =>
  sentencesOf(answer, align(answer, passages))
    .filter((sentence) => sentence.uncited)
    .map(({ start, end }) => answer.slice(start, end));

const VELMONT = [
  'Velmont Energy is led by Anna Roux.',
  'Velmont Energy was founded in 1987 in Écully\nand employs 2,340 people.',
  'Its board met in 2019. The drought of 2022 cut output by 31.5%.',
];
const ARDENIE = [
  'L’Ardénie exporte surtout du cuivre. Sa dette atteint 31,5 % du PIB.',
  'La société a été fondée à Écully en 1987 ; elle emploie 2 340 personnes.',
];

describe('words of an answer are found in a passage', () => {
  it.each([
    [
      'a whole sentence',
      'Velmont Energy is led by Anna Roux.',
      ['Velmont Energy is led by Anna Roux → 1: Velmont Energy is led by Anna Roux'],
    ],
    ['a name alone', 'Anna Roux', ['Anna Roux → 1: Anna Roux']],
    [
      'over a line break, whatever case and accents',
      'It was founded in 1987 in ecully and employs many.',
      ['founded in 1987 in ecully and employs → 2: founded in 1987 in Écully\nand employs'],
    ],
    ['a number however it is written', 'About 2340 of them, 31,5 % less.', ['2340 → 2: 2,340', '31,5 → 3: 31.5']],
    ['small words at the ends left out', 'And in 2019. The', ['2019 → 3: 2019']],
    [
      'longest runs first, from several passages',
      'Anna Roux has led it since the drought of 2022.',
      ['Anna Roux → 1: Anna Roux', 'drought of 2022 → 3: drought of 2022'],
    ],
    [
      'a name that stands in several passages, with what follows it',
      'Velmont was founded in 1987.',
      ['founded in 1987 → 2: founded in 1987'],
    ],
  ])('%s', (_, answer, expected) => expect(shown(answer, VELMONT)).toEqual(expected));

  it.each([
    [
      'whole words in French, elisions apart',
      "C'est l'Ardénie, qui exporte surtout du cuivre.",
      ['Ardénie → 1: Ardénie', 'exporte surtout du cuivre → 1: exporte surtout du cuivre'],
    ],
    [
      'numbers with their French separators',
      'Elle emploie 2\u202f340 personnes.',
      ['emploie 2\u202f340 personnes → 2: emploie 2 340 personnes'],
    ],
    ['accents left out', 'La societe fut fondee a Ecully.', ['fondee a Ecully → 2: fondée à Écully']],
  ])('%s', (_, answer, expected) => expect(shown(answer, ARDENIE)).toEqual(expected));

  it.each([
    ['small words alone', 'It is in the and of by.', VELMONT],
    ['one ordinary word', 'The weather cut deep.', ['They cut the ribbon.', 'A cut.']],
    ['a part of a number', '23 and 340 and 31.', VELMONT],
    ['a part of a list of digits', '1,234 and 1.', ['1,2345']],
    ['a word within a longer one', 'Led lamps founder.', VELMONT],
    ['nothing to compare with', 'Anna Roux', []],
    ['an empty answer', '', VELMONT],
  ])('%s is no citation', (_, answer, passages) => expect(shown(answer, passages)).toEqual([]));

  it('all that a short answer says is enough, in the passage that says most of it', () => {
    expect(shown('copper', ['No copper here.', 'Copper is dear.'])).toEqual(['copper → 1: copper']);
    expect(shown('Dear copper.', ['Dear friend.', 'Dear, dear copper.'])).toEqual(['Dear copper → 2: dear copper']);
  });

  it('of equal runs it is the one in the passage that shares most words, and there the first', () => {
    expect(shown('It fell to 12, said Roux.', ['12 of them.', 'Roux: 12. It was 12.'])[0]).toBe('12 → 2: 12');
    expect(align('12', ['12 of 12'])[0]?.from).toBe(0);
  });

  it('a text without spaces, character by character', () => {
    expect(shown('首都是北京市。', ['中国的首都是北京市。', '东京'])).toEqual(['首都是北京市 → 1: 首都是北京市']);
  });
});

describe('a passage that the model names', () => {
  it.each([
    [
      'is preferred to one that holds more of them',
      'It was founded in 1987 in Écully [2].',
      ['A firm founded in 1987 in Écully.', 'Founded in 1987, it moved to Lyon.'],
      ['founded in 1987 → 2: Founded in 1987 !', 'Écully → 1: Écully'],
    ],
    ['is named without its words', 'The sky is blue [1].', VELMONT, ['[1] → 1:  !']],
    ['is named for nothing when there is none', 'Anna Roux [9].', VELMONT, ['Anna Roux → 1: Anna Roux']],
    [
      'counts after the full stop',
      'Anna Roux leads it. [1] Founded in 1987.',
      VELMONT,
      ['Anna Roux → 1: Anna Roux !', 'Founded in 1987 → 2: founded in 1987'],
    ],
    ['counts before the sentence', '[1] Anna Roux leads it.', VELMONT, ['Anna Roux → 1: Anna Roux !']],
    [
      'each for its own part',
      'Anna Roux [1] and 2,340 people [2].',
      VELMONT,
      ['Anna Roux → 1: Anna Roux !', '2,340 people → 2: 2,340 people !'],
    ],
    [
      'several for one part',
      'Anna Roux leads 2,340 people [1][2].',
      VELMONT,
      ['Anna Roux → 1: Anna Roux !', '2,340 people → 2: 2,340 people !'],
    ],
    [
      'and the right one is shown beside a wrong one',
      'Anna Roux leads it [3].',
      VELMONT,
      ['Anna Roux → 1: Anna Roux', '[3] → 3:  !'],
    ],
  ])('%s', (_, answer, passages, expected) => expect(shown(answer, passages)).toEqual(expected));

  it('an invented number is marked, years and ranges are no marks', () => {
    expect(marksOf('A [1], b [4], c [0], [1987], [1-2].', 3).map(({ number, passage }) => [number, passage])).toEqual([
      [1, 0],
      [4, null],
      [0, null],
    ]);
  });
});

describe('sentences', () => {
  it('that say something and cite nothing are flagged', () => {
    expect(uncited('Anna Roux leads it. She likes jazz! Yes, that is so. [2] It is so.', VELMONT)).toEqual(
      ['She likes jazz!'].concat([]),
    );
    expect(uncited('The report does not say.', VELMONT)).toEqual(['The report does not say.']);
    expect(uncited('Elle aime le jazz. La société est fondée à Écully.', ARDENIE)).toEqual(['Elle aime le jazz.']);
  });
  it('cover every word of an answer, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (answer) => {
        let end = 0;
        for (const sentence of sentencesOf(answer, [])) {
          expect(answer.slice(end, sentence.start).trim()).toBe('');
          expect(sentence.end).toBeGreaterThan(sentence.start);
          end = sentence.end;
        }
        expect(answer.slice(end).trim()).toBe('');
      }),
    );
  });
});

const word = fc.constantFrom(
  ...'Velmont Roux led copper drought the of in is 1987 2,340 2340 31,5 31.5 élan Elan [1] [2] [9] . ! \n , “ ’ 東 é'.split(
    ' ',
  ),
);
const text = fc.oneof(
  fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
);
/** Letters and digits alone: what two spans must have in common, however they are written. */
const bare = (span: string): string =>
  span
    .replaceAll(/\[\d{1,3}\]/g, '')
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');

describe('for any answer and any passages', () => {
  it('spans lie inside, apart from each other and in order; both say the same; twice is the same', () => {
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), (answer, passages) => {
        const citations: Citation[] = align(answer, passages);
        expect(align(answer, passages)).toEqual(citations);
        let before = 0;
        for (const { start, end, passage, from, to, own } of citations) {
          const source = passages[passage] ?? '';
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(answer.length);
          expect(to).toBeLessThanOrEqual(source.length);
          before = end;
          if (own && from === to) expect(answer.slice(start, end)).toBe(`[${passage + 1}]`);
          else {
            expect(bare(source.slice(from, to))).toBe(bare(answer.slice(start, end)));
            expect(bare(answer.slice(start, end))).not.toBe('');
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('every word of an answer that copies a passage is cited, or a small one', () => {
    for (const passage of [...VELMONT, ...ARDENIE])
      for (const { start, end, from, to } of align(passage, [passage])) expect([start, end]).toEqual([from, to]);
    expect(align(VELMONT.join(' '), VELMONT)).toHaveLength(4);
  });

  it('an answer of 10 kB is read in the time of ten of 1 kB, however often it repeats itself', () => {
    const passages = Array.from({ length: 10 }, () => 'Bo a '.repeat(120));
    const milliseconds = (words: number): number => {
      const answer = 'a Bo x '.repeat(words);
      const began = performance.now();
      align(answer, passages);
      return performance.now() - began;
    };
    milliseconds(150); // compiled
    expect(milliseconds(1500)).toBeLessThan(25 * milliseconds(150) + 100);
  });
});
