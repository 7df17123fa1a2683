// Chunks: nothing is lost, nothing is too long, offsets point at what they say, headings and pages are kept.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Chunk, ChunkSettings } from '../../src/records/corpus.ts';
import { pageAt } from '../../src/records/document.ts';
import { chunk, sentences } from '../../src/retrieval/chunk.ts';
import { useLiteCounter } from './useLiteCounter.ts';

const useLite = useLiteCounter().count;
const words = (text: string): number => text.match(/\S+/g)?.length ?? 0;
const framed = (text: string): number => words(text) + 2;
/** More for a whole than for its parts: a wrong sum must be noticed. */
const dear = (text: string): number => words(text) + (words(text) >> 2);
const counters = fc.constantFrom(useLite, words, framed, dear);

const whole: ChunkSettings = { maxTokens: 512, overlapTokens: 0, maxSentences: 0 };
const plain = (text: string, settings: Partial<ChunkSettings> = {}, count = words): Chunk[] =>
  chunk({ text, markdown: false, pages: null }, { ...whole, ...settings }, 512, count);
const markdown = (text: string, settings: Partial<ChunkSettings> = {}, count = words): Chunk[] =>
  chunk({ text, markdown: true, pages: null }, { ...whole, ...settings }, 512, count);
const of = (text: string, chunks: readonly { start: number; end: number }[]): string[] =>
  chunks.map(({ start, end }) => text.slice(start, end));
const bare = (text: string): string => text.replaceAll(/\s/g, '');
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

const giant = 'Donaudampfschifffahrtsgesellschaft'.repeat(30);
const parts = fc.constantFrom(
  ...['Alpha', 'beta.', 'Gamma!', 'und so weiter,', 'été ;', '3.5', 'Dr.', '?', '«', '»', '  ', '\n', '\n\n', '\t'],
  ...[
    'שלום',
    'مرحبا',
    '日本語の文。',
    'ภาษาไทย',
    '👩‍👩‍👧',
    '🇫🇷',
    'e\u0301\u0302',
    '\ud83d',
    '- item',
    '1. item',
    'a | b',
    giant,
  ],
);
const phrases = fc.constantFrom('Alpha.', 'Beta gamma.', 'Delta epsilon zeta eta!', 'Item, and more.', '\n\n', giant);
const prose = fc.array(phrases, { minLength: 10, maxLength: 60 }).map((all) => all.join(' '));
const texts = fc.array(parts, { maxLength: 60, size: 'max' }).map((all) => all.join(' '));
const settings = fc.record({
  maxTokens: fc.integer({ min: 16, max: 80 }),
  overlapTokens: fc.constantFrom(0, 0, 4, 12, 64),
  maxSentences: fc.integer({ min: 0, max: 4 }),
});

describe('any text, any settings', () => {
  const runs = { numRuns: 300, seed: 7 };

  it('is covered, but for blanks, in order; without overlap once', () => {
    fc.assert(
      fc.property(fc.oneof(texts, prose), settings, counters, (text, rules, count) => {
        const chunks = plain(text, rules, count);
        const covered = new Uint8Array(text.length);
        for (const [i, { start, end }] of chunks.entries()) {
          const before = chunks[i - 1];
          expect(start).toBeGreaterThanOrEqual(
            rules.overlapTokens > 0 ? (before?.start ?? -1) + 1 : (before?.end ?? 0),
          );
          expect(end).toBeGreaterThan(before?.end ?? 0);
          expect(text.slice(start, end).trim()).toHaveLength(end - start);
          covered.fill(1, start, end);
        }
        expect(
          [...text].length > 0 && bare(text.replaceAll(/[^]/g, (c, i: number) => (covered[i] ? '' : c))),
        ).toBeFalsy();
        if (rules.overlapTokens === 0) expect(bare(of(text, chunks).join(''))).toBe(bare(text));
      }),
      runs,
    );
  });

  it('gives no chunk more tokens than its maximum and the limit of the embedder, and says how many it has', () => {
    fc.assert(
      fc.property(texts, settings, counters, fc.integer({ min: 16, max: 128 }), (text, rules, count, limit) => {
        for (const { start, end, tokens } of chunk({ text, markdown: false, pages: null }, rules, limit, count)) {
          expect(tokens).toBe(count(text.slice(start, end)));
          expect(tokens).toBeLessThanOrEqual(Math.min(rules.maxTokens, limit));
        }
      }),
      runs,
    );
  });

  it('gives no chunk more sentences than allowed, nor two paragraphs where sentences are counted', () => {
    fc.assert(
      fc.property(texts, settings, (text, rules) => {
        fc.pre(rules.maxSentences > 0);
        const all = sentences({ text, markdown: false });
        for (const { start, end } of plain(text, rules)) {
          const held = all.filter((sentence) => sentence.end > start && sentence.start < end);
          expect(held.length).toBeLessThanOrEqual(rules.maxSentences);
          expect(text.slice(start, end)).not.toMatch(/\n[^\S\n]*\n/);
        }
      }),
      runs,
    );
  });

  it('repeats only whole sentences of the chunk before, within the overlap, and none where chunks are sentences', () => {
    let repeats = 0;
    fc.assert(
      fc.property(prose, settings, (text, rules) => {
        const all = sentences({ text, markdown: false });
        const chunks = plain(text, rules);
        for (const [i, { start }] of chunks.entries()) {
          const before = chunks[i - 1];
          if (!before || start >= before.end) continue;
          repeats++;
          expect(rules.maxSentences).not.toBe(1);
          expect(words(text.slice(start, before.end))).toBeLessThanOrEqual(rules.overlapTokens);
          expect(all.map((sentence) => sentence.start)).toContain(start);
          expect(all.map((sentence) => sentence.end)).toContain(before.end);
        }
      }),
      runs,
    );
    expect(repeats).toBeGreaterThan(100);
  });

  it('tears no character: pairs, marks and joined emoji stay whole', () => {
    const unspaced = fc.array(fc.constantFrom('👩‍👩‍👧', '🇫🇷', 'e\u0301\u0302', '日本', '𝒳', 'a'), {
      minLength: 20,
      maxLength: 120,
    });
    const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
    fc.assert(
      fc.property(unspaced, (all) => {
        const text = all.join('');
        const edges = new Set([...graphemes.segment(text)].map(({ index }) => index));
        for (const { start } of plain(text, { maxTokens: 16 }, (t) => t.length)) expect(edges).toContain(start);
      }),
      runs,
    );
  });

  it('gives the same chunks each time, on the page where each begins', () => {
    fc.assert(
      fc.property(texts, settings, fc.array(fc.nat(300)), (text, rules, starts) => {
        const pages = [0, ...starts.toSorted((a, b) => a - b)];
        const chunks = chunk({ text, markdown: true, pages }, rules, 128, useLite);
        expect(chunk({ text, markdown: true, pages }, rules, 128, useLiteCounter().count)).toEqual(chunks);
        for (const { start, page } of chunks) expect(page).toBe(pageAt(pages, start));
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe('structure', () => {
  it('headings are kept beside their chunks, outermost first, and never crossed', () => {
    const text = '# A\n\nOne.\n\n## B ##\nTwo.\n\n#### C\n\nThree.\n\n## D\n\nFour.\n\nE\n===\n\nFive.\n\nF\n---\nSix.';
    const chunks = markdown(text);
    expect(of(text, chunks)).toEqual(['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.']);
    expect(chunks.map(({ headings }) => headings.join('/'))).toEqual(['A', 'A/B', 'A/B/C', 'A/D', 'E', 'E/F']);
  });

  it('a text that is no Markdown has no headings', () => {
    const text = '# 5 of the list\n\nThe rest.';
    expect(of(text, plain(text))).toEqual([text]);
    expect(plain(text)[0]?.headings).toEqual([]);
  });

  it('what looks like a heading inside code, or is longer than any heading, is text', () => {
    const code = 'Run this:\n\n```sh\n# install\nnpm ci\n```\n\nDone.';
    expect(oneLine(of(code, markdown(code, { maxSentences: 9 })).join('/'))).toBe('Run this:/# install npm ci/Done.');
    expect(markdown(`# ${'long '.repeat(100)}`)).toHaveLength(1);
  });

  it('rules separate, and belong to no chunk; the line under the head of a table does not', () => {
    const text = 'One.\n\n---\n\nTwo.\n\n* * *\n\n| a | b |\n| --- | --- |\n| 1 | 2 |';
    expect(of(text, markdown(text))).toEqual(['One.', 'Two.', '| a | b |\n| --- | --- |\n| 1 | 2 |']);
  });

  it('short paragraphs of a section share a chunk; one that would be torn begins the next', () => {
    const text = 'One two three.\n\nFour five six.\n\nSeven eight nine ten eleven.\n\nTwelve.';
    expect(of(text, plain(text, { maxTokens: 16 }))).toEqual([text]);
    const long = `${'One two three four five six. '.repeat(2)}\n\nSeven eight nine ten. Eleven twelve.`;
    expect(of(long, plain(long, { maxTokens: 16 })).map(words)).toEqual([12, 6]);
  });

  it('items and rows are kept whole where they fit', () => {
    const list = '- one two three four five six seven\n- eight nine ten eleven twelve thirteen fourteen\n- fifteen';
    expect(of(list, plain(list, { maxTokens: 16 }))).toHaveLength(2);
    expect(of(list, plain(list, { maxSentences: 1 }))).toEqual(list.split('\n'));
    const table = 'name | town\nVelmont | Grenoble\nNordal | Rotterdam';
    expect(of(table, plain(table, { maxSentences: 1 }))).toEqual(table.split('\n'));
  });

  it('what a tokenizer puts around every text is counted once a chunk', () => {
    const chunks = plain('Word. '.repeat(28), { maxTokens: 16 }, framed);
    expect(chunks.map(({ tokens }) => tokens)).toEqual([16, 16]);
  });

  it('a sentence that is too long is cut at its clauses, a clause at its words', () => {
    const clause = 'alpha beta gamma delta epsilon zeta eta theta iota kappa';
    const text = `${clause}, ${clause}; ${clause}.`;
    expect(of(text, plain(text, { maxTokens: 16 }))).toEqual([`${clause},`, `${clause};`, `${clause}.`]);
    const unpunctuated = `${clause} ${clause} ${clause}`;
    for (const part of of(unpunctuated, plain(unpunctuated, { maxTokens: 16 })))
      expect(clause.split(' ')).toEqual(expect.arrayContaining(part.split(' ')));
  });

  it('a run of characters that the tokenizer does not know is limited in characters', () => {
    for (const { start, end } of plain('漢字仮名'.repeat(2000), { maxTokens: 100 }, useLite))
      expect(end - start).toBeLessThanOrEqual(800);
  });
});

describe('overlap', () => {
  const text = 'A one two three four. B one two three four. C one two three four. D one two three four.';
  it('begins with as many sentences of the end of the former as fit', () => {
    const cut = of(text, plain(text, { maxTokens: 16, overlapTokens: 6 }));
    expect(cut.map((part) => part.replaceAll(/[^A-D]/g, ''))).toEqual(['ABC', 'CD']);
    expect(of(text, plain(text, { maxTokens: 16, overlapTokens: 4 }))).toHaveLength(2);
  });

  it('larger than what the next sentence leaves, it begins later', () => {
    const last = text.replace('D one two three four', 'D one two three four five six seven eight nine');
    const cut = of(last, plain(last, { maxTokens: 18, overlapTokens: 12 }));
    expect(cut.map((part) => part.replaceAll(/[^A-D]/g, ''))).toEqual(['ABC', 'CD']);
  });

  it('is never all of the former', () => {
    const paragraphs = 'One two three four five six seven eight.\n\nA b c. D e f. G h i.';
    expect(of(paragraphs, plain(paragraphs, { maxTokens: 16, overlapTokens: 64 }))).toEqual(paragraphs.split('\n\n'));
  });

  it('gives way where the whole has more tokens than its parts', () => {
    const five = 'A b c. D e f. G h i. J k l m n o q. R s t.';
    expect(of(five, plain(five, { maxTokens: 15, overlapTokens: 6 }, dear))).toEqual([
      ...['A b c. D e f. G h i.', 'J k l m n o q.', 'R s t.'],
    ]);
  });

  it('never reaches over a heading', () => {
    const parted = text.replace('C one', '\n\n# Next\n\nC one');
    expect(of(parted, markdown(parted, { maxTokens: 16, overlapTokens: 16 }))).toHaveLength(2);
  });

  it('as large as the chunk, it still comes to an end', () => {
    expect(plain('One two. '.repeat(300), { maxTokens: 16, overlapTokens: 128 }).length).toBeLessThanOrEqual(600);
  });
});

describe('the demo documents', () => {
  const read = (name: string) => readFileSync(`datasets/documents/${name}`, 'utf8');

  it('a report in English, two sentences each', () => {
    const text = read('velmont-energy-annual-report.md');
    const chunks = markdown(text, { maxSentences: 2, maxTokens: 120 }, useLite);
    expect(
      chunks.slice(0, 4).map(({ start, end, tokens, headings }) => [text.slice(start, end), tokens, headings[1]]),
    ).toEqual([
      [
        'Velmont Energy was founded in 1987. The company is based in Grenoble, in a former paper mill beside the river.',
        32,
        'The company',
      ],
      [
        'Velmont Energy is led by Anna Roux. Before that, she had worked for eleven years in the river transport business, and she still walks to the office every morning.',
        40,
        'The company',
      ],
      [
        'Velmont Energy employs 2,340 people. Most of them work outdoors, in small teams that look after dams, pumps and power lines.',
        35,
        'The company',
      ],
      ['The year was not an easy one. Velmont Energy reported revenue of 412 million euros.', 22, 'A difficult year'],
    ]);
  });

  it('a report in French, as much as fits', () => {
    const text = read('brivel-logistique-rapport.md');
    const chunks = markdown(text, { maxTokens: 120 }, useLite);
    expect(chunks.map(({ start, end }) => text.slice(start, end).slice(0, 24))).toEqual([
      'Brivel Logistique a été ',
      'Elle connaît bien le mét',
      "Le chiffre d'affaires de",
      'Les coûts sont suivis de',
      'Le navire Hermine transp',
      "Personne n'a été blessé,",
      'Le port de Marlac traite',
      'De meilleurs résultats s',
      'Le projet Boussole doit ',
      'Un premier essai a eu li',
    ]);
    expect(new Set(chunks.map(({ headings }) => headings[0]))).toEqual(
      new Set(["Brivel Logistique : l'essentiel du rapport annuel"]),
    );
  });
});

describe('a million characters of nothing good', () => {
  it.each([
    ['one letter', 'a'.repeat(1e6)],
    ['line breaks', '\n'.repeat(1e6)],
    ['headings without words', '# '.repeat(5e5)],
    ['headings, a line each', '# \n'.repeat(3e5)],
    ['commas', 'x,'.repeat(5e5)],
    ['accents', '\u0301'.repeat(1e6)],
    ['underlines', 'a\n==\n'.repeat(2e5)],
  ])('%s: cut in seconds', (_, text) => {
    const chunks = markdown(text, { maxTokens: 120, overlapTokens: 60 }, useLite);
    for (const { start, end } of chunks) expect(useLite(text.slice(start, end))).toBeLessThanOrEqual(120);
  });
});
