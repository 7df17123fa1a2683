// What the Ask page derives: answers cut at their citations, shared words, sampling, askings with their answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Generation, Passage } from '../../src/records/generation.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { answerParts, citationsOf, compareWords, overlay } from '../../src/state/answerText.ts';
import { answerers, longestAnswer, rowSampling } from '../../src/state/askSampling.ts';
import { historyOf, viewOf, type Live } from '../../src/state/askView.ts';

const telling = (text: string, other: string, shared: boolean): string[] =>
  compareWords(text, other)
    .filter((part) => part.telling && part.shared === shared)
    .map((part) => part.text);

describe('an answer cut at its citations', () => {
  const passages = ['Velmont is led by Anna Roux.', 'It was founded in 1987.'];
  const cut = (text: string): string[] => {
    const answer = { ...generation('1', 'a'), text, passages: passages.map(passageOf) };
    return answerParts(text, citationsOf(answer), passages.length).map(
      (part) =>
        `${part.text}${part.citation >= 0 ? ' =' : ''}${part.mark ? ` →${part.mark.passage}` : ''}${part.uncited ? ' ?' : ''}`,
    );
  };
  it('knows the words of a passage, what the model names, and sentences that stand nowhere', () => {
    expect(cut('Anna Roux [1] leads it. She likes jazz.')).toEqual([
      'Anna Roux =',
      ' ',
      '[1] →0',
      ' leads it. ',
      'She likes jazz. ?',
    ]);
    expect(cut('Founded in 1987 [7].')).toEqual(['Founded in 1987 =', ' ', '[7] →null', '.']);
    expect(cut('')).toEqual([]);
  });
  it('is looked up once', () => {
    const answer = { ...generation('1', 'a'), text: 'Anna Roux', passages: passages.map(passageOf) };
    expect(citationsOf(answer)).toBe(citationsOf(answer));
    expect(citationsOf(answer)).toMatchObject([{ passage: 0, from: 18, to: 27 }]);
  });
});

describe('a text cut where spans begin and end', () => {
  const span = fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
  it('has every character once, and every piece knows all spans over it', () => {
    fc.assert(
      fc.property(fc.nat(25), fc.array(span, { maxLength: 6 }), (length, spans) => {
        const pieces = overlay(length, spans);
        expect(pieces.reduce((end, piece) => (expect(piece.start).toBe(end), piece.end), 0)).toBe(length);
        for (const { start, end, over } of pieces)
          for (let at = start; at < end; at++)
            expect(over).toEqual(spans.flatMap((s, i) => (s.start <= at && at < s.end ? [i] : [])));
      }),
    );
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
  it('base and adapter answer with one seed, as set; two draws are by the one that is chosen', () => {
    const compared = answerers(settings, { two: true, beside: true, adapterId: 'a' }, 7, 512);
    expect(compared).toEqual([
      { sampling: settings, adapterId: null },
      { sampling: settings, adapterId: 'a' },
    ]);
    const drawn = answerers(settings, { two: true, beside: false, adapterId: 'a' }, 7, 512);
    expect(drawn.map(({ adapterId, sampling }) => [adapterId, sampling.seed])).toEqual([
      ['a', 7],
      ['a', 8],
    ]);
    expect(answerers(settings, { two: false, beside: true, adapterId: 'a' }, 7, 512)).toEqual([compared[1]]);
  });
  it('without an adapter there is nothing beside the base: two draws', () => {
    const rows = answerers(settings, { two: true, beside: true, adapterId: null }, 7, 512);
    expect(rows.map(({ adapterId, sampling }) => [adapterId, sampling.seed, sampling.temperature])).toEqual([
      [null, 7, 0.7],
      [null, 8, 0.7],
    ]);
  });
  it('half of the context stays for question and passages', () => {
    expect(rowSampling({ ...settings, maxNewTokens: 2048 }, 1, 0, 512)[0]?.maxNewTokens).toBe(longestAnswer(512));
    expect(longestAnswer(512)).toBe(256);
  });
});

function passageOf(text: string): Passage {
  return { documentId: 'd', documentName: 'a.md', start: 0, end: text.length, text };
}

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
  choice: { kept: [], leftOut: [] },
  passages: [],
  matched: true,
  wordsOnly: null,
  searchProblem: '',
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
  it('what was left out stays so, under way and kept', () => {
    const leftOut = [{ documentId: 'd', start: 0, end: 9 }];
    expect(viewOf([], { ...live, choice: { kept: [], leftOut } })).toMatchObject({ leftOut });
    expect(viewOf([{ ...generation('1', 'x'), leftOut }], null)).toMatchObject({ leftOut });
    expect(viewOf([generation('1', 'x')], null)).toMatchObject({ leftOut: [] });
  });
  it('says when passages were found by words only, afterwards from their scores', () => {
    const scored = (vector: number | null): Passage => ({
      ...passageOf('a'),
      scores: { vector, lexical: 1, score: 1 },
    });
    const ofPassages = (...passages: Passage[]): boolean | undefined =>
      viewOf([{ ...generation('1', 'x'), passages }], null)?.wordsOnly;
    expect(viewOf([], { ...live, wordsOnly: 'skipped' })?.wordsOnly).toBe(true);
    expect(ofPassages(scored(null), passageOf('pinned'))).toBe(true);
    expect(ofPassages(scored(null), scored(0))).toBe(false);
    expect(ofPassages(passageOf('of an older asking'))).toBe(false);
  });
  it('another answer under way keeps the prompt that the first one had', () => {
    expect(viewOf([generation('1', 'x')], live)).toMatchObject({ promptIds: [1, 2], cutTokens: 3, live });
  });
});
