// Which way of searching finds the passage that answers a question: hit@1 and hit@5 on datasets/questions.jsonl.
import { USE_LITE } from '../src/records/embedder.ts';
import { DEFAULT_RETRIEVAL, type ChunkSettings, type RetrievalSettings } from '../src/records/corpus.ts';
import { chunk, type Cut } from '../src/retrieval/chunk.ts';
import { openEmbedder, type OpenEmbedder } from '../src/retrieval/embed.ts';
import { LexicalIndex } from '../src/retrieval/lexical.ts';
import { rank, type VectorScores } from '../src/retrieval/retrieve.ts';
import { tokenCounter } from '../src/retrieval/tokens.ts';
import { openVectorIndex } from '../src/retrieval/vectorIndex.ts';
import { convert, PACKAGE } from '../tools/use-lite/convert.ts';
import type { BenchContext } from './lib/context.ts';

export const description = 'hit@1 and hit@5 on the demo questions, by method and by size of the chunks';

interface Question {
  question: string;
  answer: string;
  document: string;
  lang: 'en' | 'fr';
  answerable: boolean;
}

const SIZES: [name: string, settings: ChunkSettings][] = [
  ['1 sentence', { maxTokens: 120, overlapTokens: 0, maxSentences: 1 }],
  ['2 sentences', { maxTokens: 120, overlapTokens: 0, maxSentences: 2 }],
  ['3 sentences', { maxTokens: 120, overlapTokens: 0, maxSentences: 3 }],
  ['60 tokens', { maxTokens: 60, overlapTokens: 0, maxSentences: 0 }],
  ['60 tokens, 20 repeated', { maxTokens: 60, overlapTokens: 20, maxSentences: 0 }],
  ['120 tokens', { maxTokens: 120, overlapTokens: 0, maxSentences: 0 }],
];

const METHODS: [name: string, settings: Partial<RetrievalSettings>][] = [
  ['words', { method: 'words' }],
  ['vectors', { method: 'vectors' }],
  ['rank fusion', { method: 'rrf' }],
  ['cosine + 0.25 words', { weight: 0.25 }],
  ['cosine + 0.5 words', { weight: 0.5 }],
  ['cosine + 1 words', { weight: 1 }],
  ['cosine + 0.5 words, diversity 0.3', { weight: 0.5, diversity: 0.3 }],
];

/** Whether the headings above a passage stand before its text, where it is searched. */
const HEADINGS: [name: string, words: boolean, vectors: boolean][] = [
  ['none', false, false],
  ['words', true, false],
  ['both', true, true],
];

interface Passage {
  document: string;
  text: string;
  /** With the headings above it. */
  headed: string;
}

async function readAll(ctx: BenchContext): Promise<{ documents: Map<string, string>; questions: Question[] }> {
  const text = async (path: string): Promise<string> => new TextDecoder().decode(await ctx.file(`datasets/${path}`));
  const index = JSON.parse(await text('index.json')) as { documents: string[]; questions: string };
  const documents = new Map<string, string>();
  for (const path of index.documents) documents.set(path.slice(path.lastIndexOf('/') + 1), await text(path));
  const lines = (await text(index.questions)).split('\n').filter(Boolean);
  return { documents, questions: lines.map((line) => JSON.parse(line) as Question).filter((q) => q.answerable) };
}

async function openUseLite(ctx: BenchContext): Promise<{ model: OpenEmbedder; count: (text: string) => number }> {
  const files = await convert((path) => ctx.file(`${PACKAGE}/${path}`), 'int8');
  const read = (path: string): Promise<Uint8Array<ArrayBuffer> | null> => Promise.resolve(files.get(path) ?? null);
  const text = (path: string): string => new TextDecoder().decode(files.get(path));
  const { count } = tokenCounter(text('tokenizer.json'), text('tokenizer_config.json'));
  return { model: await openEmbedder(USE_LITE, { read }), count };
}

/** Share of questions whose answer stands in one of the first n passages, all from the right document. */
function hits(found: Passage[][], questions: readonly Question[], n: number): number {
  const right = questions.filter(({ answer, document }, i) =>
    (found[i] ?? []).slice(0, n).some((passage) => passage.document === document && passage.text.includes(answer)),
  );
  return Math.round((1000 * right.length) / questions.length) / 1000;
}

export async function run(ctx: BenchContext): Promise<void> {
  const { documents, questions } = await readAll(ctx);
  const { model, count } = await openUseLite(ctx);
  const queries = await model.embed(
    questions.map(({ question }) => question),
    'query',
  );
  for (const [size, settings] of SIZES) {
    if (!size.includes(ctx.only)) continue;
    const passages: Passage[] = [];
    for (const [document, text] of documents) {
      const cut: Cut = { text, markdown: true, pages: null };
      for (const { start, end, headings } of chunk(cut, settings, USE_LITE.maxTokens, count)) {
        const own = text.slice(start, end);
        passages.push({ document, text: own, headed: [...headings, own].join(' ') });
      }
    }
    const [texts, headed] = [passages.map(({ text }) => text), passages.map(({ headed }) => headed)];
    const open = async (of: string[]) => openVectorIndex(await model.embed(of, 'passage'), USE_LITE.dim, 'exact');
    const [plainIndex, headedIndex] = [await open(texts), await open(headed)];
    const [plainWords, headedWords] = [new LexicalIndex(texts), new LexicalIndex(headed)];
    for (const [[headings, inWords, inVectors], [method, changes]] of HEADINGS.flatMap((h) =>
      METHODS.map((m) => [h, m] as const),
    )) {
      const lexical = inWords ? headedWords : plainWords;
      const index = inVectors ? headedIndex : plainIndex;
      const found = questions.map(({ question }, i) => {
        const query = queries.subarray(i * USE_LITE.dim, (i + 1) * USE_LITE.dim);
        const vectors: VectorScores = {
          neighbours: (k) => index.search(query, k),
          score: (row) => index.score(query, row),
          similarity: (a, b) => index.similarity(a, b),
        };
        const ranked = rank({
          lexical: lexical.scores(question),
          allowed: () => true,
          vectors: changes.method === 'words' ? null : vectors,
          settings: { ...DEFAULT_RETRIEVAL, ...changes },
          count: 5,
        });
        return ranked.flatMap(({ row }) => passages[row] ?? []);
      });
      const of = (lang: string, n: number): number => {
        const own = questions.flatMap((q, i) => (q.lang === lang ? [i] : []));
        return hits(
          own.map((i) => found[i] ?? []),
          own.flatMap((i) => questions[i] ?? []),
          n,
        );
      };
      ctx.emit({
        bench: 'retrieval',
        chunks: size,
        headings,
        passages: passages.length,
        method,
        questions: questions.length,
        'hit@1': hits(found, questions, 1),
        'hit@5': hits(found, questions, 5),
        'hit@1 en': of('en', 1),
        'hit@5 en': of('en', 5),
        'hit@1 fr': of('fr', 1),
        'hit@5 fr': of('fr', 5),
        version: ctx.version,
      });
    }
    plainIndex.dispose();
    headedIndex.dispose();
  }
  await model.dispose();
}
