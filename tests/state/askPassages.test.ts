// Which passages go into a prompt: what the person keeps first, then the best that is neither kept nor left out.
import { describe, expect, it } from 'vitest';
import type { Passage, Place } from '../../src/records/generation.ts';
import { choose, isSamePlace, keep, wanted } from '../../src/state/askPassages.ts';
import type { Hit } from '../../workers/api.ts';

const place = (start: number, end: number, documentId = 'a'): Place => ({ documentId, start, end });
const passage = (start: number, end: number, documentId = 'a'): Passage => ({
  ...place(start, end, documentId),
  documentName: documentId,
  text: `${start}`,
});
const hit = (start: number, end: number, score: number): Hit => ({
  passage: passage(start, end),
  vector: score,
  lexical: 0,
  score,
});
const starts = (passages: readonly Passage[]): number[] => passages.map(({ start }) => start);

describe('the same place', () => {
  it.each([
    [place(0, 10), place(0, 10), true],
    [place(0, 10), place(5, 15), true], // half of it
    [place(0, 10), place(6, 16), false],
    [place(0, 10), place(10, 20), false],
    [place(0, 100), place(40, 50), true], // a part
    [place(0, 10), place(0, 10, 'b'), false],
  ])('%o and %o: %s', (a, b, same) => {
    expect(isSamePlace(a, b)).toBe(same);
    expect(isSamePlace(b, a)).toBe(same);
  });
});

describe('the passages of a prompt', () => {
  const hits = [hit(0, 10, 0.9), hit(10, 20, 0.8), hit(20, 30, 0.7), hit(30, 40, 0.6)];
  it('are the best found, with their scores', () => {
    const found = choose({ kept: [], leftOut: [] }, hits, 2);
    expect(starts(found)).toEqual([0, 10]);
    expect(found[1]?.scores).toEqual({ vector: 0.8, lexical: 0, score: 0.8 });
  });
  it('begin with what is kept, which is not found a second time', () => {
    expect(starts(choose({ kept: [passage(12, 20)], leftOut: [] }, hits, 3))).toEqual([12, 0, 20]);
  });
  it('go on after what is left out', () => {
    expect(starts(choose({ kept: [], leftOut: [place(0, 10), place(18, 31)] }, hits, 2))).toEqual([10, 30]);
  });
  it('are all that is kept, even when that is more than wanted', () => {
    const kept = [passage(50, 60), passage(60, 70)];
    expect(starts(choose({ kept, leftOut: [] }, hits, 1))).toEqual([50, 60]);
  });
  it('are looked for in a number that is enough, whatever is kept or left out', () => {
    const choice = { kept: [passage(0, 10)], leftOut: [place(10, 20), place(20, 30)] };
    expect(choose(choice, hits.slice(0, wanted(choice, 2)), 2)).toHaveLength(2);
    expect(wanted({ kept: [passage(0, 10)], leftOut: [] }, 1)).toBe(0);
  });
});

it('a passage is kept once, and not when it is left out', () => {
  const kept = keep([passage(0, 10), passage(20, 30), passage(1, 10), passage(40, 50)], [place(20, 29)]);
  expect(starts(kept)).toEqual([0, 40]);
});
