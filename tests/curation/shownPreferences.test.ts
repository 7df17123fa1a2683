// Changes laid over merged rows: only what was changed differs, and one question never stands on both sides by accident.
import { describe, expect, it } from 'vitest';
import { shownPreferences } from '../../src/curation/shownPreferences.ts';
import { PREFERENCE_VERSION, type Preference, type PreferenceEdit } from '../../src/records/preference.ts';

const SPLIT = { seed: 1, testShare: 0.2 };
const row = (id: string, question = id): Preference => ({
  projectId: 'p',
  id,
  pair: id,
  prompt: `${question}\n\nContext:\n[1] ${id}`,
  question,
  chosen: 'a',
  rejected: 'b',
  comment: 'said',
  timestamp: '2026-01-01T00:00:00',
  feedbackIds: ['f'],
  annotators: ['Ada'],
  tags: [],
  votes: { chosen: 1, rejected: 0, ties: 0 },
  agreement: 1,
  margin: null,
  tie: false,
  edited: false,
  version: PREFERENCE_VERSION,
});
const edit = (id: string, given: Partial<PreferenceEdit>): PreferenceEdit => ({
  projectId: 'p',
  id,
  writtenFor: id,
  excluded: false,
  editedAt: '2026-01-02',
  ...given,
});

describe('changes', () => {
  it('replace what they name, empty texts too, and nothing else', () => {
    const edits = [
      edit('b', { chosen: 'A', comment: '' }),
      edit('c', { excluded: true }),
      edit('gone', { chosen: 'x' }),
    ];
    const shown = shownPreferences([row('a'), row('b'), row('c')], edits, { seed: 1, testShare: 0 });
    const same = { excluded: false, changed: false, split: 'train' };
    expect(shown).toEqual([
      { ...row('a'), ...same },
      { ...row('b'), ...same, chosen: 'A', comment: '', changed: true },
      { ...row('c'), ...same, excluded: true },
    ]);
  });
});

describe('a pair whose winner changes', () => {
  it('stays excluded, with its comment and side; texts written for the other row are not laid over', () => {
    const edits = [edit('a', { excluded: true, chosen: 'A', comment: 'mine', split: 'test' })];
    const flipped = { ...row('a'), id: 'flipped', chosen: 'b', rejected: 'a' };
    const [shown] = shownPreferences([flipped], edits, SPLIT);
    expect(shown).toMatchObject({ excluded: true, chosen: 'b', rejected: 'a', comment: 'mine', split: 'test' });
  });
});

describe('sides', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => row(`r${i}`, `Question ${i >> 1}?`));
  const sides = (edits: PreferenceEdit[], seed = 1): string[] =>
    shownPreferences(rows, edits, { ...SPLIT, seed }).map(({ split }) => split);

  it('are drawn by question: near the share that was asked, the same for the same seed, others for another', () => {
    const drawn = sides([]);
    const tests = drawn.filter((side) => side === 'test').length;
    expect(tests).toBeGreaterThan(120);
    expect(tests).toBeLessThan(280);
    expect(sides([])).toEqual(drawn);
    expect(sides([], 2)).not.toEqual(drawn);
    for (let i = 0; i < rows.length; i += 2) expect(drawn[i]).toBe(drawn[i + 1]);
  });

  it('rows of a question go along with the one that a person puts on a side, other questions stay', () => {
    const drawn = sides([]);
    const at = drawn.indexOf('train') & ~1;
    const after = sides([edit(`r${at}`, { split: 'test' })]);
    expect(after.slice(at, at + 2)).toEqual(['test', 'test']);
    expect(after.toSpliced(at, 2)).toEqual(drawn.toSpliced(at, 2));
  });

  it('a row that was put itself stays there', () => {
    const after = sides([edit('r0', { split: 'test' }), edit('r1', { split: 'train' })]);
    expect(after.slice(0, 2)).toEqual(['test', 'train']);
  });
});
