// Searching a corpus: vectors where every wanted document has them, words everywhere, and the passages where they stand.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Corpus } from '../../src/retrieval/corpus.ts';
import type { SearchOptions } from '../../src/records/search.ts';
import { DIM, embedderNamed, HashEmbedder, hashed, MemoryStore, sentencesAbout, settings } from './corpusMemory.ts';

const SITE = 'https://site.test/';
let store: MemoryStore;
let model: HashEmbedder;
let corpus: Corpus;

function reload(): void {
  model = new HashEmbedder();
  corpus = new Corpus(store, model.load);
}
beforeEach(() => {
  store = new MemoryStore();
  reload();
  store.add('harbour', `Ships wait in the harbour. ${sentencesAbout('quay', 30)} The lighthouse keeper is Ines.`);
  store.add('mountain', `Snow lies on the mountain. ${sentencesAbout('peak', 30)} The hut keeper is Bruno.`);
});

afterEach(() => vi.restoreAllMocks());

const index = (how = settings()) => corpus.index('job', 'p', how, SITE, () => undefined);
const search = (query: string, options: Partial<SearchOptions> = {}, how = settings()) =>
  corpus.search('p', how, SITE, query, {
    documentIds: ['harbour', 'mountain', 'valley'],
    count: 3,
    wordsOnly: false,
    ...options,
  });
const first = async (...args: Parameters<typeof search>): Promise<string | undefined> =>
  (await search(...args)).hits[0]?.passage.text;

describe('with vectors', () => {
  beforeEach(async () => void (await index()));

  it('a question in a language that the embedder does not match is searched by words, and says so', async () => {
    store.embedders.set('first', { ...embedderNamed('first'), languages: ['en'] });
    expect(await search('who is the keeper')).toMatchObject({ vectors: true, foreign: false });
    expect(await search('qui est le keeper')).toMatchObject({ vectors: false, foreign: true, problem: null });
    expect(await search('keeper Ines')).toMatchObject({ vectors: true, foreign: false }); // nothing tells
    const vectorsAlone = settings({ retrieval: { ...settings().retrieval, method: 'vectors' } });
    expect(await search('qui est le keeper', {}, vectorsAlone)).toMatchObject({ vectors: true, foreign: false });
    store.embedders.set('first', { ...embedderNamed('first'), languages: ['en', 'fr'] });
    expect(await search('qui est le keeper')).toMatchObject({ vectors: true, foreign: false });
  });

  it('a passage that stands in two documents comes once', async () => {
    store.add('copy', 'The lighthouse keeper is Ines. The tower is red.');
    await index();
    const { hits } = await search('who is the lighthouse keeper', { documentIds: ['harbour', 'copy'] });
    expect(hits.filter(({ passage }) => passage.text === 'The lighthouse keeper is Ines.')).toHaveLength(1);
    expect(hits).toHaveLength(3);
  });

  it('finds the nearest passage, with three scores and the place where it stands', async () => {
    const { hits, vectors, index: built } = await search('who is the keeper of the lighthouse');
    expect({ vectors, built }).toEqual({ vectors: true, built: { kind: 'exact', why: 'chosen', rows: 64 } });
    const [hit] = hits;
    const { text } = store.texts.get('harbour') ?? { text: '' };
    const start = text.indexOf('The lighthouse');
    expect(hit?.passage).toEqual({
      ...{ documentId: 'harbour', documentName: 'harbour.txt', text: 'The lighthouse keeper is Ines.' },
      ...{ start, end: text.length, page: null, headings: [] },
    });
    expect(hit?.vector).toBeGreaterThan(0.5);
    expect(hit?.lexical).toBeGreaterThan(0.5);
    expect(hit?.score).toBeCloseTo((hit?.vector ?? 0) + 0.5 * (hit?.lexical ?? 0), 6);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
  });

  it('scores every chunk by its own row, over segments and documents', async () => {
    store.add('valley', sentencesAbout('meadow', 600));
    await index();
    reload();
    const query = 'Line 599 of the meadow';
    const how = settings({ retrieval: { ...settings().retrieval, method: 'vectors' } });
    const { hits } = await search(query, { count: 664 }, how);
    const cosine = (text: string): number => hashed(text).reduce((sum, x, i) => sum + x * (hashed(query)[i] ?? 0), 0);
    expect(hits.length).toBeGreaterThan(100);
    expect(new Set(hits.map(({ passage }) => passage.documentId)).size).toBe(3);
    for (const { passage, vector } of hits) expect(vector).toBeCloseTo(cosine(passage.text), 5);
  });

  it('keeps to the wanted documents', async () => {
    const { hits, vectors } = await search('the lighthouse keeper', { documentIds: ['mountain'], count: 100 });
    expect(vectors).toBe(true);
    expect(new Set(hits.map(({ passage }) => passage.documentId))).toEqual(new Set(['mountain']));
    expect(hits[0]?.passage.text).toBe('The hut keeper is Bruno.');
    expect((await search('keeper', { documentIds: [] })).hits).toEqual([]);
    expect((await search('keeper', { documentIds: ['of another project'] })).hits).toEqual([]);
  });

  it('builds once, and a reload embeds nothing but the query', async () => {
    reload();
    expect(await first('the hut keeper')).toBe('The hut keeper is Bruno.');
    let reads = 0;
    store.rows = async () => (reads++, null);
    expect(await first('the lighthouse keeper')).toBe('The lighthouse keeper is Ines.');
    expect(reads).toBe(0);
    expect([model.passages, model.queries]).toEqual([[], ['the hut keeper', 'the lighthouse keeper']]);
  });

  it('knows documents by the names that they have now', async () => {
    expect((await search('lighthouse')).hits[0]?.passage.documentName).toBe('harbour.txt');
    store.change('harbour', { name: 'port.txt' });
    expect((await search('lighthouse')).hits[0]?.passage.documentName).toBe('port.txt');
  });

  it('no longer finds a deleted document, and finds it again when it is back', async () => {
    expect(await first('lighthouse keeper')).toContain('Ines');
    store.change('harbour', { deletedAt: '2030-01-02T00:00:00Z' });
    expect(await first('lighthouse keeper')).toContain('Bruno');
    store.change('harbour', { deletedAt: undefined });
    expect(await first('lighthouse keeper')).toContain('Ines');
    expect(model.passages.length).toBe(64); // as they were embedded at first
  });

  it('serves documents that have all rows while another has none', async () => {
    store.add('valley', 'Cows graze in the valley. The dairy keeper is Marta.');
    const mixed = await search('who is the keeper of the dairy');
    expect(mixed.vectors).toBe(false);
    expect(mixed.hits[0]?.passage.text).toBe('The dairy keeper is Marta.');
    expect(mixed.hits.every(({ vector }) => vector === null)).toBe(true);
    const some = await search('who is the keeper of the hut', { documentIds: ['harbour', 'mountain'] });
    expect(some.vectors).toBe(true);
    expect(some.hits[0]?.passage.text).toBe('The hut keeper is Bruno.');
    await index();
    const all = await search('who is the keeper of the dairy');
    expect([all.vectors, all.hits[0]?.passage.text]).toEqual([true, 'The dairy keeper is Marta.']);
  });

  it('counts vectors of the right chunks when the document before them has none', async () => {
    store.add('valley', sentencesAbout('meadow', 5));
    const [harbour, mountain, valley] = [...store.all.values()];
    store.all.clear(); // the one without rows comes first
    for (const one of [valley, harbour, mountain]) if (one) store.all.set(one.id, one);
    const { hits, vectors } = await search('who is the keeper of the hut', { documentIds: ['harbour', 'mountain'] });
    expect([vectors, hits[0]?.passage.text]).toEqual([true, 'The hut keeper is Bruno.']);
    expect(hits[0]?.vector).toBeGreaterThan(0.5);
  });

  it('searches by words when another tab has removed the rows, and says then that they are gone', async () => {
    reload();
    expect((await corpus.status('p', settings())).documents[0]?.embedded).toBe(32);
    store.files.clear();
    const { vectors, hits } = await search('lighthouse keeper');
    expect([vectors, hits[0]?.passage.text]).toEqual([false, 'The lighthouse keeper is Ines.']);
    expect((await corpus.status('p', settings())).documents[0]?.embedded).toBe(0);
  });

  it('takes rows of other chunks or of another embedder for none, though another tab put as many there', async () => {
    for (const change of [{ plan: 'of another tab' }, { embedder: 'another' }]) {
      await index();
      reload();
      expect((await corpus.status('p', settings())).documents[0]?.embedded).toBe(32);
      const [origin] = await store.segments('harbour');
      if (origin) await store.putRows('harbour', new Float32Array(32 * DIM).fill(1), DIM, { ...origin, ...change });
      const { vectors, problem } = await search('lighthouse keeper');
      expect([vectors, problem]).toEqual([false, expect.stringMatching(/got none or others\. Index again\./)]);
      expect((await corpus.status('p', settings())).documents[0]?.embedded).toBe(0);
    }
  });

  it('answers searches that come at once, each for itself', async () => {
    const how = settings({ chunks: { maxTokens: 32, overlapTokens: 0, maxSentences: 2 } });
    const [a, b, c] = await Promise.all([
      first('lighthouse keeper'),
      first('hut keeper', {}, how),
      first('hut keeper'),
    ]);
    expect([a, c]).toEqual(['The lighthouse keeper is Ines.', 'The hut keeper is Bruno.']);
    expect(b).toMatch(/The hut keeper is Bruno\.$/);
  });

  it('builds one index for searches that come at once', async () => {
    reload();
    const read = store.rows.bind(store);
    let reads = 0;
    store.rows = (...args) => (reads++, read(...args));
    await Promise.all(['a', 'b', 'c'].map((query) => search(query)));
    expect(reads).toBe(2); // of each document
  });
});

describe('by words', () => {
  it('needs no indexing and no embedder', async () => {
    const { hits, vectors, index: built } = await search('lighthouse keeper');
    expect({ vectors, built }).toEqual({ vectors: false, built: { kind: 'none', why: null, rows: 0 } });
    expect(hits[0]?.passage.text).toBe('The lighthouse keeper is Ines.');
    expect(hits[0]?.vector).toBeNull();
    expect(model.opened).toBe(0);
  });

  it('keeps the chunks that it cut, and the indexing takes them', async () => {
    await search('lighthouse');
    expect((await corpus.status('p', settings())).documents).toEqual([
      { documentId: 'harbour', cut: true, chunks: 32, embedded: 0 },
      { documentId: 'mountain', cut: true, chunks: 32, embedded: 0 },
    ]);
  });

  it.each([
    ['only words are wanted', { wordsOnly: true }, settings()],
    ['the method is words', {}, settings({ retrieval: { ...settings().retrieval, method: 'words' } })],
  ])('does not open the embedder when %s', async (_, options, how) => {
    await index();
    reload();
    expect((await search('lighthouse keeper', options, how)).vectors).toBe(false);
    expect(model.opened).toBe(0);
  });

  it('serves when the embedder cannot be opened or fails, whatever the method', async () => {
    await index();
    reload();
    model.cannotOpen = true;
    const how = settings({ retrieval: { ...settings().retrieval, method: 'vectors' } });
    const { hits, vectors, problem } = await search('lighthouse keeper', {}, how);
    expect(hits[0]?.passage.text).toBe('The lighthouse keeper is Ines.');
    expect([vectors, problem]).toEqual([false, 'no model here']);
  });

  it('does not try again at every letter what failed, but under other settings, after an indexing, after a while', async () => {
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
    const how = settings({ retrieval: { ...settings().retrieval, method: 'vectors' } });
    const problems = async (...asked: (typeof how)[]): Promise<(string | null)[]> => {
      const found: (string | null)[] = [];
      for (const settings of asked) found.push((await search('lighthouse', {}, settings)).problem);
      return found;
    };
    await index();
    reload();
    model.cannotOpen = true;
    expect(await problems(how, how)).toEqual(['no model here', 'no model here']);
    expect(model.tried).toBe(1);
    model.cannotOpen = false;
    expect(await problems(how, settings())).toEqual(['no model here', null]);
    expect(await problems(how)).toEqual(['no model here']);
    clock.mockReturnValue(31_001);
    expect(await problems(how)).toEqual([null]);
    model.cannotOpen = true;
    reload();
    model.cannotOpen = true;
    expect(await problems(how)).toEqual(['no model here']);
    model.cannotOpen = false;
    await index();
    expect(await problems(how)).toEqual([null]);
  });

  it('finds what stands in a heading alone', async () => {
    store.add('leave', '# Handbook\n\n## Parental leave\n\nTwenty weeks are paid.\n\n## Rent\n\nIt is due.', 'p', true);
    const { hits } = await search('parental', { documentIds: ['harbour', 'leave'] });
    expect(hits[0]?.passage).toMatchObject({
      text: 'Twenty weeks are paid.',
      headings: ['Handbook', 'Parental leave'],
    });
    expect(hits[0]?.lexical).toBeGreaterThan(0.1);
    expect(hits[1]?.lexical).toBe(0);
  });

  it('serves without tokenizer by estimated chunks, which are not kept and never meet the rows of others', async () => {
    const how = settings({ chunks: { maxTokens: 16, overlapTokens: 0, maxSentences: 0 } });
    const indexed = async (): Promise<void> => void (await corpus.index('job', 'p', how, SITE, () => undefined));
    store.tokenizerMissing = true;
    expect(await first('lighthouse keeper', {}, how)).toContain('The lighthouse keeper is Ines.');
    expect(store.plans.size).toBe(0);
    store.tokenizerMissing = false;
    await indexed();
    const { vectors, hits } = await search('lighthouse keeper', {}, how);
    const { chunks } = store.plans.get('harbour') ?? { chunks: [] };
    expect([vectors, hits[0]?.passage.end]).toEqual([true, chunks.at(-1)?.end]);
    expect(chunks.map(({ start }) => start)).toContain(hits[0]?.passage.start);
  });

  it('serves the others when the text of a document is lost', async () => {
    store.texts.delete('mountain');
    expect(await first('lighthouse keeper')).toBe('The lighthouse keeper is Ines.');
  });
});

describe('evidence', () => {
  it('is the sentence of these documents that matches the answer best', async () => {
    const found = await corpus.evidence('p', ['harbour', 'mountain'], 'Who is the keeper?', 'Bruno');
    expect(found).toMatchObject({
      documentId: 'mountain',
      documentName: 'mountain.txt',
      text: 'The hut keeper is Bruno.',
    });
    expect(store.texts.get('mountain')?.text.slice(found?.start, found?.end)).toBe(found?.text);
    expect(await corpus.evidence('p', ['harbour'], 'xyz?', 'zyx')).toBeNull();
    expect(await corpus.evidence('p', [], 'Who is the keeper?', 'Bruno')).toBeNull();
  });
});

it('evidence for several answers about the same documents reads and counts them once', async () => {
  const read = vi.spyOn(store, 'text');
  const asked = (answer: string) => corpus.evidence('p', ['mountain'], 'Who is the keeper?', answer);
  const [one, other] = await Promise.all([asked('Bruno'), asked('Snow')]);
  expect([one?.text, other?.text]).toEqual(['The hut keeper is Bruno.', 'Snow lies on the mountain.']);
  await asked('the hut');
  expect(read).toHaveBeenCalledTimes(1);
});

describe('preview', () => {
  it('shows the chunks of other settings and keeps nothing', async () => {
    const chunks = await corpus.preview('harbour', { maxTokens: 32, overlapTokens: 0, maxSentences: 1 }, 'first', SITE);
    expect(chunks.length).toBe(32);
    const wide = await corpus.preview('harbour', { maxTokens: 32, overlapTokens: 0, maxSentences: 3 }, 'first', SITE);
    expect(wide.length).toBeLessThan(chunks.length);
    expect(store.plans.size).toBe(0);
    expect(
      await corpus.preview('nothing', { maxTokens: 32, overlapTokens: 0, maxSentences: 1 }, 'first', SITE),
    ).toEqual([]);
  });
});

describe('embedders', () => {
  const file = (path: string) => ({ path, file: new Blob([path]) });

  it('are taken from the folder that holds config.json, without what they do not need', async () => {
    const names = ['config.json', 'tokenizer.json', 'onnx/model.onnx', 'model.safetensors', '1_Pooling/config.json'];
    const added = await corpus.addEmbedder(names.map((name) => file(`my-model/${name}`)));
    expect(added).toMatchObject({ id: 'brought', name: 'my-model', url: null, file: 'onnx/model.onnx' });
    expect(store.brought.get('brought')).toEqual(names.filter((name) => name !== 'model.safetensors'));
    await corpus.removeEmbedder('brought');
    expect(await store.embedder('brought')).toBeNull();
  });

  it('that fail to run are refused and not kept', async () => {
    await expect(corpus.addEmbedder([file('config.json')])).rejects.toThrow('no tokenizer');
    await expect(corpus.addEmbedder([file('a/readme.md')])).rejects.toThrow(/got 1 files and no config.json\. Choose/);
    expect(store.brought.size).toBe(0);
  });

  it('are closed when another takes over, and only then', async () => {
    await index();
    await search('lighthouse');
    expect([model.opened, model.closed]).toEqual([1, 0]);
    await index(settings({ embedderId: 'second' }));
    await expect.poll(() => [model.opened, model.closed]).toEqual([2, 1]);
  });
});
