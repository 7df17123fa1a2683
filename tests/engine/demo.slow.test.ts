// What a person meets in the demo project: its questions, the passages that the corpus finds, nano's defaults, greedy answers.
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultCorpus, type CorpusSettings, type RetrievalSettings } from '../../src/records/corpus.ts';
import { USE_LITE } from '../../src/records/embedder.ts';
import type { Passage } from '../../src/records/generation.ts';
import { defaultSampling } from '../../src/records/sampling.ts';
import { Corpus } from '../../src/retrieval/corpus.ts';
import { convert, PACKAGE } from '../../tools/use-lite/convert.ts';
import { testGpu } from '../gpu.ts';
import { MemoryStore } from '../retrieval/corpusMemory.ts';
import { embedReal } from '../retrieval/realPassages.ts';
import { filesIn } from './files.ts';

interface Row {
  question: string;
  answer: string;
  lang: 'en' | 'fr';
  answerable: boolean;
}

const BATCH = 8;
const REFUSAL = /does not say|ne le dit pas/;
const folder = 'datasets/documents';
const rows = readFileSync('datasets/questions.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);
const answerable = rows.filter((row) => row.answerable);

/** The demo's documents, and the shipped embedder as its build step makes it. */
class DemoStore extends MemoryStore {
  readonly #files = convert((path) => readFile(`${PACKAGE}/${path}`), 'int8');

  constructor() {
    super();
    this.embedders.set(USE_LITE.id, USE_LITE);
    for (const name of readdirSync(folder)) {
      const text = readFileSync(`${folder}/${name}`, 'utf8').normalize('NFC');
      const { id: documentId, projectId } = this.add(name, text);
      this.texts.set(documentId, { documentId, projectId, text, markdown: true, pages: null });
    }
  }
  override embedderFiles() {
    return { read: async (path: string) => (await this.#files).get(path) ?? null };
  }
}

/** Rows by text: the model runs once over all that the tests embed. */
const known = new Map<string, Float32Array>();
async function embed(texts: string[]): Promise<Float32Array<ArrayBuffer>> {
  const missing = [...new Set(texts.filter((text) => !known.has(text)))];
  const found = missing.length > 0 ? await embedReal(missing) : new Float32Array();
  for (const [i, text] of missing.entries()) known.set(text, found.slice(i * USE_LITE.dim, (i + 1) * USE_LITE.dim));
  const all = new Float32Array(texts.length * USE_LITE.dim);
  for (const [i, text] of texts.entries()) all.set(known.get(text) ?? [], i * USE_LITE.dim);
  return all;
}

const store = new DemoStore();
const corpus = new Corpus(store, async () => ({
  openEmbedder: async (embedder) => ({ embedder, device: 'wasm', embed, dispose: async () => undefined }),
  fasterDevice: async () => 'wasm',
  inspectFolder: () => Promise.reject(new Error('no folder is brought here')),
}));
let engine: Engine;

beforeAll(async () => {
  engine = new Engine(undefined, await testGpu());
  await engine.load(NANO, filesIn('public/models/nano'));
  await embed(rows.map(({ question }) => question));
});
afterAll(() => engine.dispose());

function settingsOf(sentences: number, retrieval: Partial<RetrievalSettings>): CorpusSettings {
  const { embedderId, chunks, retrieval: usual } = defaultCorpus(NANO, USE_LITE.id);
  return { embedderId, chunks: { ...chunks, maxSentences: sentences }, retrieval: { ...usual, ...retrieval } };
}

/** The passages of every row's prompt. */
async function found(
  asked: readonly Row[],
  sentences: number = NANO.sentencesPerPassage,
  retrieval: Partial<RetrievalSettings> = {},
): Promise<Passage[][]> {
  const settings = settingsOf(sentences, { index: 'exact', ...retrieval });
  await corpus.index('job', 'p', settings, '', () => undefined);
  const all: Passage[][] = [];
  for (const { question } of asked) {
    const options = { documentIds: [...store.all.keys()], count: NANO.passagesPerPrompt, wordsOnly: false };
    const { hits, vectors, foreign } = await corpus.search('p', settings, '', question, options);
    expect(vectors).toBe(settings.retrieval.method !== 'words' && !foreign);
    all.push(hits.map(({ passage }) => passage));
  }
  return all;
}

async function answers(asked: readonly Row[], passages: readonly Passage[][]): Promise<string[]> {
  const texts: string[] = [];
  for (let i = 0; i < asked.length; i += BATCH) {
    const prompts = asked.slice(i, i + BATCH).map(({ question }, b) => ({
      promptIds: engine.render(question, passages[i + b] ?? [], 48).ids,
      sampling: { ...defaultSampling(), maxNewTokens: 48 },
    }));
    texts.push(...(await engine.generate('demo', prompts, () => undefined)).map(({ text }) => text));
  }
  return texts;
}

const holds = (text: string | undefined, { answer }: Row): boolean =>
  (text ?? '').toLowerCase().includes(answer.toLowerCase());
/** "31 of 52 (20 of 28 English, 11 of 24 French)" */
function counted(right: (row: Row, i: number) => boolean): string {
  const of = (asked: readonly Row[]): string =>
    `${asked.filter((row) => right(row, answerable.indexOf(row))).length} of ${asked.length}`;
  const [english, french] = (['en', 'fr'] as const).map((lang) => of(answerable.filter((row) => row.lang === lang)));
  return `${of(answerable)} (${english} English, ${french} French)`;
}
async function rightAnswers(sentences: number): Promise<{ right: number; words: string }> {
  const texts = await answers(answerable, await found(answerable, sentences));
  const isRight = (row: Row, i: number): boolean => holds(texts[i], row);
  return { right: answerable.filter(isRight).length, words: counted(isRight) };
}

it('the answer stands in the first passage more often by meaning and words than by either alone', async () => {
  const first = async (method: RetrievalSettings['method']): Promise<number> => {
    const passages = await found(answerable, NANO.sentencesPerPassage, { method });
    const isFirst = (row: Row, i: number): boolean => holds(passages[i]?.[0]?.text, row);
    const isThere = (row: Row, i: number): boolean => passages[i]?.some(({ text }) => holds(text, row)) ?? false;
    console.log(`${method}: hit@1 ${counted(isFirst)}, hit@${NANO.passagesPerPrompt} ${counted(isThere)}`);
    return answerable.filter(isFirst).length;
  };
  const [weighted, vectors, words] = [await first('weighted'), await first('vectors'), await first('words')];
  expect(weighted).toBeGreaterThanOrEqual(vectors);
  expect(weighted).toBeGreaterThanOrEqual(words);
});

it('with its default passages nano answers most of the demo questions, and more than with longer ones', async () => {
  const single = await rightAnswers(NANO.sentencesPerPassage);
  const pairs = await rightAnswers(2);
  const threes = await rightAnswers(3);
  const silent = rows.filter((row) => !row.answerable);
  const refused = (await answers(silent, await found(silent))).filter((text) => REFUSAL.test(text)).length;
  console.log(`right: ${single.words}; in pairs ${pairs.words}; in threes ${threes.words}`);
  console.log(`refused where the texts say nothing: ${refused} of ${silent.length}`);
  expect(single.right).toBeGreaterThanOrEqual(0.7 * answerable.length);
  expect(single.right).toBeGreaterThan(pairs.right);
  expect(single.right).toBeGreaterThan(threes.right);
});

it('"Who runs Velmont Energy?" is answered from the sentence that says who leads it', async () => {
  const asked = rows.filter(({ question }) => question === 'Who runs Velmont Energy?');
  const passages = await found(asked);
  expect(passages[0]?.map(({ text }) => text)).toContainEqual(expect.stringContaining('is led by Anna Roux'));
  expect((await answers(asked, passages))[0]).toContain('Anna Roux');
});
