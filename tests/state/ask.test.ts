// What the Ask page derives: citations, shared words, the sampling of each answer, askings grouped with their answers.
import { describe, expect, it } from 'vitest';
import type { Generation } from '../../src/records/generation.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { citationParts, compareWords } from '../../src/state/answerText.ts';
import { longestAnswer, rowSampling } from '../../src/state/askSampling.ts';
import { historyOf, viewOf, type Live } from '../../src/state/askView.ts';

const telling = (text: string, other: string, shared: boolean): string[] =>
  compareWords(text, other)
    .filter((part) => part.telling && part.shared === shared)
    .map((part) => part.text);

describe('citations', () => {
  it('are cut out with their numbers, and the parts joined are the text', () => {
    const text = 'Anna Roux [2], or [13].';
    const parts = citationParts(text);
    expect(parts.map((part) => part.cites)).toEqual([null, 2, null, 13, null]);
    expect(parts.map((part) => part.text).join('')).toBe(text);
  });
  it('are not seen in years, ranges or words in brackets', () => {
    expect(citationParts('In [1987] or [1-2] or [a]').every((part) => part.cites === null)).toBe(true);
  });
});

describe('words compared', () => {
  it.each([
    ['Velmont Energy is led by Anna Roux.', 'plain'],
    ["L'Ardénie exporte 31,5 % de son cuivre ; 2 340 emplois.", 'French'],
    ['', 'empty'],
    ['… — !', 'marks only'],
  ])('joined are the text: %s (%s)', (text) => {
    expect(
      compareWords(text, 'Anna Roux led it')
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });
  it('mark what both hold, whatever the case, the accents and the ending', () => {
    expect(telling('Fondée à Écully par la Société', 'la societe fut fondee a ECULLY', true)).toEqual([
      'Fondée',
      'Écully',
      'Société',
    ]);
  });
  it('a wrong number is not shared, a number written with another separator is', () => {
    expect(telling('2,340 people in 1987', 'It employs 2 340 people since 1986.', true)).toEqual(['2,340', 'people']);
    expect(telling('2,340 people in 1987', 'It employs 2 340 people since 1986.', false)).toEqual(['1987']);
  });
  it('a number is compared whole: 23 is not in 2,340, 4.5 is not 45', () => {
    expect(telling('23 and 4.5', 'about 2,340 and 45', true)).toEqual([]);
  });
  it('small words tell nothing, short capitals do', () => {
    expect(telling('It is in the EU', 'it is in the EU', true)).toEqual(['EU']);
  });
});

describe('the sampling of each answer', () => {
  const settings = { ...defaultSampling(), seed: 7 };
  it('one answer is taken as set', () => {
    expect(rowSampling(settings, 1, 7, 512)).toEqual([settings]);
  });
  it('two answers differ in their seeds alone, and never both are greedy', () => {
    const [a, b] = rowSampling(settings, 2, 7, 512);
    expect(a).toEqual({ ...settings, temperature: 0.7 });
    expect(b).toEqual({ ...a, seed: 8 });
  });
  it('a higher temperature stays', () => {
    expect(rowSampling({ ...settings, temperature: 1.2 }, 2, 0, 512)[1]?.temperature).toBe(1.2);
  });
  it('seeds stay in their range', () => {
    expect(rowSampling(settings, 2, 2 ** 32 - 1, 512).map((row) => row.seed)).toEqual([2 ** 32 - 1, 0]);
  });
  it('half of the context stays for question and passages', () => {
    expect(rowSampling({ ...settings, maxNewTokens: 2048 }, 1, 0, 512)[0]?.maxNewTokens).toBe(longestAnswer(512));
    expect(longestAnswer(512)).toBe(256);
  });
});

const generation = (id: string, askId: string): Generation => ({
  id,
  projectId: 'p',
  askId,
  question: `question ${askId}`,
  passages: [],
  prompt: '',
  promptIds: [1, 2],
  cutTokens: 3,
  completionIds: [],
  logprobs: [],
  text: id,
  finish: 'eos',
  sampling: defaultSampling(),
  modelId: 'nano',
  modelSha256: '',
  adapterId: null,
  device: '',
  evidence: null,
  tokensPerSecond: 0,
  firstTokenMs: 0,
  createdAt: '',
  version: 1,
});

const live: Live = {
  askId: 'x',
  projectId: 'p',
  question: 'now',
  step: 'search',
  passages: [],
  matched: true,
  prompt: null,
  answers: [],
  lossesBefore: 0,
  stopping: false,
  problem: null,
};

describe('askings with their answers', () => {
  it('newest first, their answers in order, wherever later answers stand', () => {
    const list = [generation('1', 'a'), generation('2', 'b'), generation('3', 'a')];
    expect(historyOf(list).map((view) => [view.askId, view.kept.map((kept) => kept.text)])).toEqual([
      ['b', ['2']],
      ['a', ['1', '3']],
    ]);
  });
  it('an asking under way is shown before anything is kept, and nothing without either', () => {
    expect(viewOf([], live)).toMatchObject({ askId: 'x', question: 'now', promptIds: null, kept: [] });
    expect(viewOf([], null)).toBeNull();
  });
  it('another answer under way keeps the prompt that the first one had', () => {
    expect(viewOf([generation('1', 'x')], live)).toMatchObject({ promptIds: [1, 2], cutTokens: 3, live });
  });
});
