// The real worker with the embedder that ships: the demo documents are indexed once, and found by what they mean.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_RETRIEVAL, type CorpusSettings } from '../../src/records/corpus.ts';
import { DOCUMENT_VERSION, type Document } from '../../src/records/document.ts';
import { USE_LITE } from '../../src/records/embedder.ts';
import type { IndexEvent, SearchOptions } from '../../src/records/search.ts';
import { deleteDatabase, openDatabase, write } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles, writeFile } from '../../src/storage/files.ts';
import { connectRetrieval } from '../../workers/connect.ts';

const SITE = new URL('/', location.href).href;
const files = import.meta.glob<string>('../../datasets/documents/*.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const settings: CorpusSettings = {
  embedderId: USE_LITE.id,
  chunks: { maxTokens: 120, overlapTokens: 0, maxSentences: 1 },
  retrieval: DEFAULT_RETRIEVAL,
};
/** The first use converts the embedder on the server. */
const SLOW = 120_000;
const connection = connectRetrieval();
const { api } = connection;
let documents: Document[] = [];

beforeAll(async () => {
  await deleteAllFiles();
  await deleteDatabase();
  const db = await openDatabase();
  documents = Object.entries(files).map(([path, text], i) => ({
    ...{ id: `demo-${i}`, projectId: 'demo', name: path.slice(path.lastIndexOf('/') + 1), mediaType: 'text/markdown' },
    ...{ sha256: `text ${i}`, bytes: text.length, characters: text.length, words: 1, pages: null, emptyPages: [] },
    ...{ createdAt: '2030-01-01T00:00:00Z', version: DOCUMENT_VERSION },
  }));
  await write(db, ['documents', 'texts'], async (tx) => {
    for (const [i, text] of Object.values(files).entries()) {
      const documentId = `demo-${i}`;
      await tx.objectStore('documents').put(documents[i] as Document);
      await tx.objectStore('texts').put({ documentId, projectId: 'demo', text, markdown: true, pages: null });
    }
  });
  db.close();
});
afterAll(async () => {
  connection.terminate();
  await deleteAllFiles();
});

const ids = (): string[] => documents.map(({ id }) => id);
const search = (query: string, options: Partial<SearchOptions> = {}) =>
  api.search('demo', settings, SITE, query, { documentIds: ids(), count: 3, wordsOnly: false, ...options });
async function index(events: IndexEvent[] = []) {
  return api.index(crypto.randomUUID(), 'demo', settings, SITE, (event) => {
    events.push(event);
  });
}

test(
  'words find passages before anything is indexed',
  async () => {
    const { hits, vectors } = await search('How many people does Velmont Energy employ?');
    expect(vectors).toBe(false);
    expect(hits[0]?.passage.documentName).toBe('velmont-energy-annual-report.md');
  },
  SLOW,
);

test(
  'the demo documents are indexed, with progress up to the last chunk',
  async () => {
    const events: IndexEvent[] = [];
    const status = await index(events);
    expect(status.documents.length).toBe(6);
    expect(status.documents.every(({ chunks, embedded }) => chunks > 10 && embedded === chunks)).toBe(true);
    expect(new Set(events.map(({ step }) => step))).toEqual(new Set(['chunk', 'load', 'embed']));
    const total = status.documents.reduce((sum, { chunks }) => sum + chunks, 0);
    expect(events.at(-1)).toEqual({ step: 'embed', done: total, total });
  },
  SLOW,
);

test.each([
  ['What is the main city of Narvonia?', 'The capital of Narvonia is Teldrin.'],
  ['When does the Lantern project end?', 'The Lantern project must be finished by 30 September 2028.'],
  ['Whom can I ask about the Lantern project?', 'The contact for the Lantern project is Helen Ward.'],
])('%s finds first what words alone do not', async (question, passage) => {
  const { hits, vectors, index: built } = await search(question);
  expect([vectors, built]).toMatchObject([true, { kind: 'voy', why: null }]);
  expect(hits[0]?.passage.text).toBe(passage);
  expect(hits[0]?.vector).toBeGreaterThan(0.5);
  expect((await search(question, { wordsOnly: true })).hits[0]?.passage.text).not.toBe(passage);
});

/** Among the passages that go into a prompt; words alone miss it there. */
const leader = async (options?: Partial<SearchOptions>): Promise<boolean> =>
  (await search('Who runs Velmont Energy?', options)).hits.some(({ passage }) => passage.text.includes('is led by'));

test('the passage that answers a paraphrased question is among the three best; by words it is not', async () => {
  expect(await leader()).toBe(true);
  expect(await leader({ wordsOnly: true })).toBe(false);
});

test('a passage is what stands in its document, under its headings', async () => {
  const { hits } = await search('Who runs Velmont Energy?');
  for (const { passage } of hits) {
    const i = ids().indexOf(passage.documentId);
    expect(Object.values(files)[i]?.slice(passage.start, passage.end)).toBe(passage.text);
    expect(passage.headings?.length).toBeGreaterThan(0);
  }
});

test('one document alone is searched when only it is wanted', async () => {
  const id = documents.find(({ name }) => name.startsWith('brivel'))?.id ?? '';
  const { hits, vectors } = await search('Who runs Velmont Energy?', { documentIds: [id] });
  expect(vectors).toBe(true);
  expect(new Set(hits.map(({ passage }) => passage.documentId))).toEqual(new Set([id]));
});

test('after the worker was ended nothing is embedded again', async () => {
  const before = await listFiles();
  expect(before.some(({ path }) => /^rows\/demo-\d\/0\.safetensors$/.test(path))).toBe(true);
  connection.terminate();
  const events: IndexEvent[] = [];
  const status = await index(events);
  expect(status.documents.every(({ chunks, embedded }) => chunks > 10 && embedded === chunks)).toBe(true);
  expect(events.filter(({ step }) => step !== 'chunk')).toEqual([]);
  expect(await listFiles()).toEqual(before);
  expect(await leader()).toBe(true);
});

test('an answer is led back to its sentence', async () => {
  const found = await api.evidence('demo', ids(), 'How many people does Velmont Energy employ?', '2,340 people');
  expect(found?.documentName).toBe('velmont-energy-annual-report.md');
});

test('other settings make the rows stale, are previewed, and are stored nowhere', async () => {
  const chunks = { maxTokens: 60, overlapTokens: 0, maxSentences: 3 };
  const preview = await api.preview(ids()[0] ?? '', chunks, USE_LITE.id, SITE);
  expect(preview.starts.length).toBeGreaterThan(3);
  expect((await api.status('demo', settings)).stale).toBe(false);
  expect((await api.status('demo', { ...settings, chunks })).stale).toBe(true);
});

test(
  'rows that are broken on the disk are made anew',
  async () => {
    const path = 'rows/demo-0/0.safetensors';
    await writeFile(
      path,
      (async function* () {
        yield new TextEncoder().encode('no rows');
      })(),
    );
    connection.terminate();
    const broken = await api.status('demo', settings);
    expect(broken.documents.find(({ documentId }) => documentId === 'demo-0')?.embedded).toBe(0);
    const status = await index();
    expect(status.documents.every(({ chunks, embedded }) => embedded === chunks)).toBe(true);
    expect(status.stale).toBe(false);
  },
  SLOW,
);

test(
  'the embedder that ships can be brought as a folder, serves, and can be removed',
  async () => {
    const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', USE_LITE.file];
    const parts = await Promise.all(
      names.map(async (name) => {
        const bytes = await (await fetch(`${SITE}${USE_LITE.url}${name}`)).blob();
        return { path: `my-embedder/${name}`, file: new File([bytes], name.slice(name.lastIndexOf('/') + 1)) };
      }),
    );
    const embedder = await api.addEmbedder(parts);
    expect(embedder).toMatchObject({ name: 'my-embedder', url: null, dim: 512, sha256: USE_LITE.sha256 });
    const own = { ...settings, embedderId: embedder.id };
    expect((await api.status('demo', own)).stale).toBe(true);
    const status = await api.index('own', 'demo', own, SITE, () => undefined);
    expect(status).toMatchObject({ stale: false, documents: { length: 6 } });
    const options = { documentIds: ids(), count: 1, wordsOnly: false };
    const { hits, vectors } = await api.search('demo', own, SITE, 'What is the main city of Narvonia?', options);
    expect([vectors, hits[0]?.passage.text]).toEqual([true, 'The capital of Narvonia is Teldrin.']);
    await api.removeEmbedder(embedder.id);
    expect((await listFiles()).some(({ path }) => path.startsWith('embedders/'))).toBe(false);
    await expect(api.index('gone', 'demo', own, SITE, () => undefined)).rejects.toThrow(/the embedder must be there/);
  },
  SLOW,
);
