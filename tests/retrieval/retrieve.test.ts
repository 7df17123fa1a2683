// Ranking: each method's own order, filters, diversity, and the demo questions by their words.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RETRIEVAL, type RetrievalSettings } from '../../src/records/corpus.ts';
import { chunk, sentences } from '../../src/retrieval/chunk.ts';
import { LexicalIndex } from '../../src/retrieval/lexical.ts';
import { closest, rank, type Ranked, type VectorScores } from '../../src/retrieval/retrieve.ts';

const every = () => true;

/** Rows on a circle: row i at angles[i], the question at 0. */
function circle(angles: readonly number[]): VectorScores {
  const at = (row: number) => angles[row] ?? NaN;
  const score = (row: number) => Math.cos(at(row));
  return {
    score,
    similarity: (a, b) => Math.cos(at(a) - at(b)),
    neighbours: (k) =>
      [...angles.keys()]
        .sort((a, b) => score(b) - score(a) || a - b)
        .slice(0, k)
        .map((row) => ({ row, score: score(row) })),
  };
}

interface Case {
  lexical: number[];
  angles: number[] | null;
}
function ranked(
  { lexical, angles }: Case,
  settings: Partial<RetrievalSettings>,
  count: number,
  allowed = every as (row: number) => boolean,
): Ranked[] {
  return rank({
    lexical: Float32Array.from(lexical),
    allowed,
    vectors: angles && circle(angles),
    settings: { ...DEFAULT_RETRIEVAL, ...settings },
    count,
  });
}
const rows = (all: readonly Ranked[]): number[] => all.map(({ row }) => row);

const row = fc.record({
  lexical: fc.constantFrom(0, 0, 0.125, 0.25, 0.5, 1),
  angle: fc.integer({ min: 0, max: 31 }).map((step) => step / 10),
});
const casesOf = (maxLength: number) =>
  fc
    .array(row, { maxLength, size: 'max' })
    .map((all): Case => ({ lexical: all.map(({ lexical }) => lexical), angles: all.map(({ angle }) => angle) }));
const cases = casesOf(400);
const counts = fc.integer({ min: 1, max: 12 });
const runs = { numRuns: 100, seed: 4 };

/** All rows by a score, ties in their order. */
const sorted = (size: number, score: (row: number) => number): number[] =>
  [...Array(size).keys()].sort((a, b) => score(b) - score(a) || a - b);

describe('any rows', () => {
  it.each<[string, Partial<RetrievalSettings>, (lexical: number, cosine: number) => number]>([
    ['words: the order of the words', { method: 'words' }, (lexical) => lexical],
    ['vectors: the order of the vectors', { method: 'vectors' }, (_, cosine) => cosine],
    ['weighted by 0: the order of the vectors', { method: 'weighted', weight: 0 }, (_, cosine) => cosine],
    [
      'weighted: cosine + weight · words',
      { method: 'weighted', weight: 0.75 },
      (lexical, cosine) => cosine + 0.75 * lexical,
    ],
  ])('%s', (_, settings, score) => {
    fc.assert(
      fc.property(cases, counts, ({ lexical, angles }, count) => {
        const exact = (r: number) => score(lexical[r] ?? NaN, Math.cos(angles?.[r] ?? NaN));
        const found = ranked({ lexical, angles }, settings, count);
        expect(rows(found)).toEqual(sorted(lexical.length, exact).slice(0, count));
        for (const one of found) {
          expect(one.score).toBe(exact(one.row));
          expect(one.lexical).toBe(lexical[one.row]);
          expect(one.vector).toBe(Math.cos(angles?.[one.row] ?? NaN));
        }
      }),
      runs,
    );
  });

  it('rank fusion: the sum of the inverse ranks, none among the words for a row without any', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 90, size: 'max' }), counts, (all, count) => {
        const lexical = all.map((one) => one.lexical);
        const angles = all.map((one) => one.angle);
        const byVector = sorted(all.length, (r) => Math.cos(angles[r] ?? NaN));
        const byWords = sorted(all.length, (r) => lexical[r] ?? NaN);
        const fused = (r: number) =>
          1 / (61 + byVector.indexOf(r)) + ((lexical[r] ?? 0) > 0 ? 1 / (61 + byWords.indexOf(r)) : 0);
        expect(rows(ranked({ lexical, angles }, { method: 'rrf' }, count))).toEqual(
          sorted(all.length, fused).slice(0, count),
        );
      }),
      runs,
    );
  });

  it('without vectors every method is by words, and no cosine is told', () => {
    fc.assert(
      fc.property(
        cases,
        counts,
        fc.constantFrom('weighted', 'rrf', 'vectors', 'words'),
        ({ lexical }, count, method) => {
          const found = ranked({ lexical, angles: null }, { method, diversity: 0.5 }, count);
          expect(rows(found)).toEqual(sorted(lexical.length, (r) => lexical[r] ?? NaN).slice(0, count));
          for (const { vector } of found) expect(vector).toBeNull();
        },
      ),
      runs,
    );
  });

  it('only allowed rows are found, as if there were no others', () => {
    fc.assert(
      fc.property(
        cases,
        counts,
        fc.constantFrom('weighted', 'vectors', 'words'),
        ({ lexical, angles }, count, method) => {
          const third = (r: number) => r % 3 === 1;
          const kept = lexical.flatMap((_, r) => (third(r) ? [r] : []));
          const alone = ranked(
            { lexical: kept.map((r) => lexical[r] ?? NaN), angles: kept.map((r) => angles?.[r] ?? NaN) },
            { method },
            count,
          );
          // The vectors of all rows are asked for more neighbours than there are: the filter is ours.
          const found = ranked(
            { lexical: lexical.slice(0, 100), angles: (angles ?? []).slice(0, 100) },
            { method },
            count,
            third,
          );
          if (lexical.length <= 100) expect(rows(found)).toEqual(rows(alone).map((r) => kept[r]));
          for (const one of found) expect(third(one.row)).toBe(true);
        },
      ),
      runs,
    );
  });

  it('diversity chooses among the same candidates and begins with the best', () => {
    fc.assert(
      fc.property(cases, counts, fc.constantFrom(0.2, 0.9), ({ lexical, angles }, count, diversity) => {
        const found = ranked({ lexical, angles }, { diversity }, count);
        expect(new Set(rows(found)).size).toBe(Math.min(count, lexical.length));
        expect(found[0]).toEqual(ranked({ lexical, angles }, {}, 1)[0]);
      }),
      runs,
    );
  });
});

describe('diversity', () => {
  const twins: Case = { lexical: [0, 0, 0, 0], angles: [0.1, 0.1, 0.1, -0.4] };
  it('0 leaves doubles together, more pushes them down', () => {
    expect(rows(ranked(twins, { diversity: 0 }, 4))).toEqual([0, 1, 2, 3]);
    expect(rows(ranked(twins, { diversity: 0.5 }, 4))).toEqual([0, 3, 1, 2]);
  });

  it('is maximal marginal relevance, step by step', () => {
    fc.assert(
      fc.property(casesOf(100), counts, fc.constantFrom(0.2, 0.5, 0.9), ({ lexical, angles }, count, lambda) => {
        const left = ranked({ lexical, angles }, {}, 1e9);
        const best = Math.max(left[0]?.score ?? 0, 0) || 1;
        const near = (a: number, b: number) => Math.cos((angles?.[a] ?? NaN) - (angles?.[b] ?? NaN));
        const chosen: number[] = [];
        const value = ({ row: r, score }: Ranked) =>
          ((1 - lambda) * score) / best - lambda * (chosen.length > 0 ? Math.max(...chosen.map((c) => near(c, r))) : 0);
        for (let i = 0; i < Math.min(count, lexical.length); i++) {
          const next = left.toSorted((a, b) => value(b) - value(a))[0];
          left.splice(
            left.findIndex((one) => one === next),
            1,
          );
          chosen.push(next?.row ?? NaN);
        }
        expect(rows(ranked({ lexical, angles }, { diversity: lambda }, count))).toEqual(chosen);
      }),
      { numRuns: 40, seed: 9 },
    );
  });

  it('does not drown the small scores of rank fusion', () => {
    const mixed: Case = { lexical: [0, 0, 0, 0], angles: [0.1, 0.12, 0.7, 1.4] };
    expect(rows(ranked(mixed, { method: 'rrf', diversity: 0.02 }, 2))).toEqual([0, 1]);
    expect(rows(ranked(mixed, { method: 'rrf', diversity: 0.6 }, 2))).not.toEqual([0, 1]);
  });
});

it('a row that only its words find is there with its cosine, and the other way round', () => {
  const angles = Array.from({ length: 500 }, (_, i) => i / 1000);
  const lexical = angles.map((_, i) => (i === 499 ? 1 : 0));
  const found = ranked({ lexical, angles }, { weight: 2 }, 3);
  expect(rows(found)).toEqual([499, 0, 1]);
  expect(found[0]?.vector).toBe(Math.cos(0.499));
});

it('a short text comes back whole, whatever its words; nothing gives nothing', () => {
  expect(rows(ranked({ lexical: [0, 0, 0], angles: null }, {}, 5))).toEqual([0, 1, 2]);
  expect(ranked({ lexical: [], angles: [] }, {}, 5)).toEqual([]);
});

describe('the demo documents by words alone', () => {
  interface Row {
    question: string;
    answer: string;
    document: string;
    answerable: boolean;
  }
  const asked = readFileSync('datasets/questions.jsonl', 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
    .filter(({ answerable }) => answerable);
  const folder = 'datasets/documents';
  const documents = readdirSync(folder).map((name) => ({ name, text: readFileSync(`${folder}/${name}`, 'utf8') }));
  const words = (text: string) => text.match(/\S+/g)?.length ?? 0;

  it('three passages of two sentences hold the answer for nearly every answerable question', () => {
    const passages = documents.flatMap(({ name, text }) =>
      chunk(
        { text, markdown: true, pages: null },
        { maxTokens: 120, overlapTokens: 0, maxSentences: 2 },
        128,
        words,
      ).map(({ start, end }) => ({ name, text: text.slice(start, end) })),
    );
    const index = new LexicalIndex(passages.map(({ text }) => text));
    const misses = asked.filter(({ question, answer, document }) => {
      const found = ranked({ lexical: [...index.scores(question)], angles: null }, {}, 3).map(
        (hit) => passages[hit.row],
      );
      return !found.some((passage) => passage?.name === document && passage.text.includes(answer));
    });
    expect(misses.length / asked.length, misses.map((m) => m.question).join('\n')).toBeLessThanOrEqual(0.1);
  });

  it('the sentence closest to a right answer contains it', () => {
    const all = documents.flatMap(({ text }) =>
      sentences({ text, markdown: true }).map(({ start, end }) => text.slice(start, end)),
    );
    const index = new LexicalIndex(all);
    const misses = asked.filter(({ question, answer }) => !all[closest(index, question, answer)]?.includes(answer));
    expect(misses.length / asked.length, misses.map((m) => m.question).join('\n')).toBeLessThanOrEqual(0.1);
  });
});

it('the closest sentence: the answer counts more than the question; none where nothing is shared', () => {
  const near = (texts: string[], question: string, answer: string) =>
    closest(new LexicalIndex(texts), question, answer);
  expect(near(['Who runs it is known.', 'Anna Roux does.'], 'Who runs it?', 'Anna Roux')).toBe(1);
  expect(near(['Roux leads Nordal.', 'Roux leads Velmont.'], 'Who leads Velmont?', 'Roux')).toBe(1);
  expect(near(['The harbour festival.', 'Brest is where it is.'], 'Where is the harbour festival?', 'Brest')).toBe(1);
  expect(near(['Blue skies.'], 'Qui ?', 'Personne')).toBe(-1);
  expect(near([], 'Who?', 'Nobody')).toBe(-1);
});
