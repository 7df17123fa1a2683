// The logic of the judging page: what a finger means, what numbers in a row rank, which words differ, what is folded.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST, MOST_EDITS, wordDiff } from '../../src/components/wordDiff.ts';
import { choose, orderOfRanks, ranksOfOrder } from '../../src/pages/annotate/ranking.ts';
import { piecesOf, usesOf } from '../../src/pages/annotate/reading.ts';
import { begin, meaning, move, reach, type Drag } from '../../src/pages/annotate/swipe.ts';
import { UNKNOWN_ORIGIN } from '../../src/records/comparison.ts';
import { validateRanks } from '../../src/records/feedback.ts';

const drag = (...points: [x: number, y: number][]): Drag => points.reduce((d, [x, y]) => move(d, x, y), begin(0, 0));

test('a finger that first goes down scrolls, however far it then goes across', () => {
  expect(meaning(drag([2, 30], [300, 40]), 390)).toBeNull();
});

test('a finger that goes clearly across means the side it goes to, even when it then wanders', () => {
  expect(meaning(drag([-20, 5], [-200, 90]), 390)).toEqual({ side: 'left', share: 1 });
  expect(meaning(drag([20, -5], [200, 0]), 390)).toEqual({ side: 'right', share: 1 });
});

test('a tremble means nothing, a short push less than a verdict, a push taken back nothing', () => {
  expect(meaning(drag([8, 3]), 390)).toBeNull();
  const short = meaning(drag([40, 2]), 390);
  expect(short?.side).toBe('right');
  expect(short?.share).toBeLessThan(1);
  expect(meaning(drag([60, 0], [0, 0]), 390)).toBeNull();
});

test('a verdict is never further than a thumb reaches, nor so near that a push gives it', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 4000 }), (width) => reach(width) >= 60 && reach(width) <= 130));
});

const places = fc
  .integer({ min: 3, max: 8 })
  .chain((n) => fc.tuple(fc.shuffledSubarray([...Array(n).keys()], { minLength: n }), fc.array(fc.nat(n - 1))));

test('numbers in any order make ranks that are valid, in which what was pressed first is best', () => {
  fc.assert(
    fc.property(places, ([shown, presses]) => {
      const order = presses.reduce<number[]>(choose, []);
      const ranks = ranksOfOrder(order, shown);
      if (order.length > 0) validateRanks('better', ranks, shown.length);
      expect(order.map((position) => ranks[shown[position] ?? -1])).toEqual(order.map((_, place) => place + 1));
      expect(ranks.filter((rank) => rank === order.length + 1)).toHaveLength(shown.length - order.length);
    }),
  );
});

test('a kept ranking comes back as the order that was pressed; pressing again takes a place back', () => {
  expect(orderOfRanks(ranksOfOrder([2, 0], [1, 2, 0, 3]), [1, 2, 0, 3])).toEqual([2, 0]);
  expect(orderOfRanks([1, 1, 1], [0, 1, 2])).toEqual([]);
  expect(orderOfRanks(null, [0, 1, 2])).toEqual([]);
  expect(choose([2, 0, 1], 0)).toEqual([2, 1]);
});

const prose = fc
  .array(fc.constantFrom('the', 'plant', 'opened', '1962', 'in', 'café', '部品', '\n', '.', '<b>'))
  .map((w) => w.join(' '));

test('the parts of a difference joined are the texts, and what is common is the same on both sides', () => {
  fc.assert(
    fc.property(prose, prose, (left, right) => {
      const found = wordDiff(left, right);
      if (!found) return;
      expect(found.left.map(({ text }) => text).join('')).toBe(left);
      expect(found.right.map(({ text }) => text).join('')).toBe(right);
      const common = (side: typeof found.left): string =>
        side
          .filter(({ own }) => !own)
          .map(({ text }) => text)
          .join('');
      expect(common(found.left)).toBe(common(found.right));
    }),
  );
});

test('the word that differs is told from those that do not; texts without common words are not tinted', () => {
  const found = wordDiff('It opened in 1962.', 'It opened in 1963.');
  expect(found?.left.filter(({ own }) => own)).toEqual([{ text: '1962', own: true }]);
  expect(found?.right.filter(({ own }) => own)).toEqual([{ text: '1963', own: true }]);
  expect(wordDiff('apples and pears', 'bridges of stone')).toBeNull();
});

test('long answers do not hold up the page: beyond a length, and beyond so many edits, nothing is compared', () => {
  const words = (n: number, odd: (i: number) => boolean): string =>
    Array.from({ length: n }, (_, i) => (odd(i) ? `x${i}` : `w${i}`)).join(' ');
  const edited = (edits: number): string => words(900, (i) => i % 4 === 0 && i < edits * 4);
  expect(edited(0).length).toBeLessThan(LONGEST);
  expect(wordDiff(edited(0), edited(MOST_EDITS / 2 - 1))).not.toBeNull();
  expect(wordDiff(edited(0), edited(MOST_EDITS / 2 + 1))).toBeNull();
  expect(wordDiff(`${'a '.repeat(LONGEST / 2)}a`, `${'a '.repeat(LONGEST / 2)}b`)).toBeNull();
  expect(wordDiff('a '.repeat(LONGEST / 2), `${'a '.repeat(LONGEST / 2 - 1)}b `)).not.toBeNull();
});

const passage = 'The plant stands on the Orne. It opened in March 1962. Nobody knows why.';
const task = {
  passages: [{ text: passage, name: '', place: null }],
  responses: ['It opened in March 1962.', 'Some time ago.'].map((text) => ({
    text,
    origin: UNKNOWN_ORIGIN,
    score: null,
  })),
};

test('folded, a passage is the sentence that an answer uses, with its words named by that answer', () => {
  const pieces = piecesOf(passage, usesOf(task)?.[0] ?? [], true);
  const text = pieces.map((piece) => piece.text).join('');
  expect(text).toContain('It opened in March 1962.');
  expect(text).not.toContain('Nobody');
  expect(text).not.toContain('Orne');
  expect(pieces.filter(({ by }) => by.length > 0).every(({ by }) => by.join() === '0')).toBe(true);
  expect(pieces.some(({ by, text: words }) => by.includes(0) && words.includes('March 1962'))).toBe(true);
});

test('unfolded, nothing of a passage is lost', () => {
  const pieces = piecesOf(passage, usesOf(task)?.[0] ?? [], false);
  expect(pieces.map((piece) => piece.text).join('')).toBe(passage);
});
