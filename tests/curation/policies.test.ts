// Each policy of merging by example: what is said, and what becomes of it.
import { describe, expect, it } from 'vitest';
import { mergeFeedback } from '../../src/curation/merge.ts';
import type { Judgement } from '../../src/records/feedback.ts';
import { DEFAULT_POLICY, type MergePolicy } from '../../src/records/preference.ts';
import { judgement, says, source } from './judgements.ts';

const merged = (given: Judgement[], policy: Partial<MergePolicy> = {}) =>
  mergeFeedback([source(given)], { ...DEFAULT_POLICY, ...policy });
const outcome = (given: Judgement[], policy: Partial<MergePolicy> = {}): string => {
  const { preferences, funnel } = merged(given, policy);
  const [row] = preferences;
  if (row) return row.tie ? 'tied' : row.chosen;
  return funnel.losses.map(({ loss }) => loss).join(' ');
};
const at = (second: number): { timestamp: string } => ({ timestamp: `2026-01-01T00:00:0${second}` });

describe('people who differ', () => {
  const two = [says('Ada', 'a'), says('Ben', 'b')];
  const three = [...two, says('Cleo', 'a')];
  it.each<[string, Judgement[], Partial<MergePolicy>, string]>([
    ['two against one', three, {}, 'a'],
    ['one against one', two, {}, 'conflict'],
    ['any difference, dropped', three, { conflicts: 'drop' }, 'conflict'],
    ['no difference, not dropped', [says('Ada', 'a'), says('Ben', 'a')], { conflicts: 'drop' }, 'a'],
    ['a tie is no difference when it says nothing', [says('Ada', 'a'), says('Ben', 'tie')], { conflicts: 'drop' }, 'a'],
    ['half a vote is one', [says('Ada', 'a'), says('Ben', 'tie')], { conflicts: 'drop', ties: 'half' }, 'conflict'],
    ['the last one alone', [says('Ada', 'a', at(2)), says('Ben', 'b', at(1))], { conflicts: 'latest' }, 'a'],
    [
      'the last one, a tie',
      [says('Ada', 'tie', at(2)), says('Ben', 'b', at(1))],
      { conflicts: 'latest' },
      'superseded tie',
    ],
    ['strength outweighs', [says('Ada', 'b', { strength: 3 }), says('Ben', 'a')], { conflicts: 'weighted' }, 'b'],
    ['a person outweighs', two, { conflicts: 'weighted', weights: { Ben: 1.5 } }, 'b'],
    ['a person is left out', two, { weights: { Ben: 0 } }, 'a'],
    [
      '0.1 + 0.2 is as much as 0.3',
      three,
      { conflicts: 'weighted', weights: { Ada: 0.1, Cleo: 0.2, Ben: 0.3 } },
      'conflict',
    ],
    ['too few agree', three, { minAgreement: 0.7 }, 'disagreement'],
    ['exactly as many as asked', three, { minAgreement: 2 / 3 }, 'a'],
    ['too few people', three, { minAnnotators: 4 }, 'few'],
    ['people count though only the last one decides', two, { conflicts: 'latest', minAnnotators: 2 }, 'b'],
    ['a tie counts as a person', [says('Ada', 'a'), says('Ben', 'tie')], { minAnnotators: 2 }, 'a'],
    ['whoever finds both bad has no vote', [says('Ada', 'a'), says('Ben', 'bad')], {}, 'a'],
    ['and has judged it', [says('Ada', 'a'), says('Ben', 'bad')], { minAnnotators: 2 }, 'a'],
    ['and disagrees', [says('Ada', 'a'), says('Ben', 'bad')], { conflicts: 'drop' }, 'bad conflict'],
    ['and may be the last', [says('Ada', 'a'), says('Ben', 'bad')], { conflicts: 'latest' }, 'superseded bad'],
  ])('%s', (_, given, policy, expected) => expect(outcome(given, policy)).toBe(expected));
});

describe('ties', () => {
  const ties = [says('Ada', 'tie'), says('Ben', 'tie'), says('Cleo', 'a')];
  it('say nothing, half, or half and a row of their own', () => {
    const agreement = (policy: Partial<MergePolicy>) => merged(ties, policy).preferences[0]?.agreement;
    expect([agreement({ ties: 'ignore' }), agreement({ ties: 'half' })]).toEqual(
      [1, 2 / 3].map((n) => expect.closeTo(n, 8)),
    );
    expect(outcome(ties.slice(0, 2), { ties: 'half' })).toBe('tie');
    const [row] = merged(ties.slice(0, 2), { ties: 'margin' }).preferences;
    expect(row).toMatchObject({ tie: true, margin: 0, agreement: 0.5, votes: { chosen: 0, rejected: 0, ties: 2 } });
  });
  it('put neither the longer nor the first answer in front', () => {
    const given = Array.from({ length: 400 }, (_, i) =>
      judgement({ id: `${i}`, prompt: `${i}`, verdict: 'tie', responses: [`${i} a long answer`, `${i} b`] }),
    );
    const { preferences } = merged(given, { ties: 'margin' });
    const longer = preferences.filter(({ chosen, rejected }) => chosen.length > rejected.length).length;
    expect(preferences).toHaveLength(400);
    expect(Math.abs(longer - 200)).toBeLessThan(50);
  });
});

describe('one person, several times', () => {
  it('has one vote: the last, by time and then by id', () => {
    const rounds = [
      says('Ada', 'a', { id: 'c/0/Ada', ...at(1) }),
      says('Ada', 'b', { id: 'c/1/Ada', round: 1, ...at(2) }),
    ];
    const { preferences, funnel, distinct, counted } = merged(rounds);
    expect(preferences[0]).toMatchObject({ chosen: 'b', feedbackIds: ['c/1/Ada'], votes: { chosen: 1, rejected: 0 } });
    expect(funnel.losses).toEqual([{ loss: 'superseded', of: 'judgements', count: 1, feedbackIds: ['c/0/Ada'] }]);
    expect([distinct.length, counted.length]).toEqual([2, 1]);
    expect(outcome([says('Ada', 'a', { id: '1' }), says('Ada', 'b', { id: '2' })])).toBe('b');
  });
  it('who then finds both bad takes the vote back', () => {
    const given = [says('Ada', 'a', { id: '1', ...at(1) }), says('Ada', 'bad', { id: '2', ...at(2) })];
    expect(outcome(given)).toBe('superseded bad');
    expect(merged(given).funnel).toMatchObject({ valid: 0, pairs: 0 });
  });
  it('an earlier version of a judgement is superseded, the same one a duplicate', () => {
    const [early, late] = [says('Ada', 'a', at(1)), says('Ada', 'b', at(2))];
    const { preferences, funnel, sources } = mergeFeedback(
      [source([late], '1'), source([early, structuredClone(late)], '2')],
      DEFAULT_POLICY,
    );
    expect(preferences[0]?.chosen).toBe('b');
    expect(funnel.losses.map(({ loss, count }) => [loss, count])).toEqual([
      ['duplicate', 1],
      ['superseded', 1],
    ]);
    expect(sources.map(({ added, duplicates }) => [added, duplicates])).toEqual([
      [1, 0],
      [1, 1],
    ]);
  });
});

describe('a row', () => {
  it('of three ranked answers is three rows', () => {
    const { preferences } = merged([judgement({ responses: ['best', 'good', 'worst'], ranks: [1, 2, 3] })]);
    expect(preferences.map(({ chosen, rejected }) => `${chosen} > ${rejected}`).sort()).toEqual([
      'best > good',
      'best > worst',
      'good > worst',
    ]);
  });
  it('gathers what was said by those who won, oldest first, each thing once', () => {
    const given = [
      says('Ada', 'a', { comment: 'clear', tags: ['short'], strength: 3, ...at(3) }),
      says('Ben', 'b', { comment: 'no', tags: ['wrong'], strength: 1, ...at(4) }),
      says('Cleo', 'a', { comment: 'true', tags: ['short', 'kind'], strength: 2, ...at(1) }),
      says('Dan', 'a', { comment: 'clear ', ...at(2) }),
    ];
    expect(merged(given).preferences[0]).toMatchObject({
      comment: 'true\nclear',
      tags: ['short', 'kind'],
      margin: 2.5,
      timestamp: '2026-01-01T00:00:04',
      annotators: ['Cleo', 'Dan', 'Ada', 'Ben'],
      agreement: 0.75,
    });
  });
  it('meets the same answers under other ids, in another order, with other white space', () => {
    const given = [says('Ada', 'a'), says('Ben', 'b', { id: 'x', responses: ['b', 'a\n'], ranks: [2, 1] })];
    expect(merged(given).preferences).toHaveLength(1);
    expect(merged(given).preferences[0]?.votes).toEqual({ chosen: 2, rejected: 0, ties: 0 });
  });
  it('takes a rewritten answer only where the policy says so, under a name of its own', () => {
    const given = [
      says('Ada', 'a', { edit: { response: 0, text: 'A' }, ...at(1) }),
      says('Ben', 'a', { edit: { response: 0, text: 'A!' }, ...at(2) }),
      says('Cleo', 'a', { edit: { response: 1, text: 'B!' }, ...at(3) }),
    ];
    const [[apart], [chosen]] = [merged(given).preferences, merged(given, { edits: 'chosen' }).preferences];
    expect(apart).toMatchObject({ chosen: 'a', edited: false });
    expect(chosen).toMatchObject({ chosen: 'A!', rejected: 'b', edited: true });
    expect(chosen?.id).not.toBe(apart?.id);
    expect(chosen?.pair).toBe(apart?.pair);
    expect(merged(given).demonstrations.map(({ completion }) => completion)).toEqual(['A', 'A!', 'B!']);
    expect(outcome([says('Ada', 'a', { edit: { response: 0, text: 'b ' } })], { edits: 'chosen' })).toBe('a');
  });
});

it('a hundred thousand rows have a hundred thousand names', () => {
  const given = Array.from({ length: 100_000 }, (_, i) =>
    judgement({ id: `${i}`, prompt: `${i % 300}`, responses: [`${i}`, `x${i}`] }),
  );
  const { preferences } = merged(given);
  expect(new Set(preferences.map(({ id }) => id)).size).toBe(100_000);
});
