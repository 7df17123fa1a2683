// A corpus leaves as one zip and comes back the same; what a script made is taken where it fits, else it is said why not.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CorpusImport, DataApi } from '../../workers/api.ts';
import { connectData, connectRetrieval, type Connection } from '../../workers/connect.ts';
import { readRows, rowsPath } from '../../src/formats/rows.ts';
import { openZip, writeZip, type NewPart } from '../../src/formats/zip.ts';
import { DEFAULT_RETRIEVAL, type ChunkPlan, type CorpusSettings, type CorpusStatus } from '../../src/records/corpus.ts';
import type { Document } from '../../src/records/document.ts';
import { USE_LITE, type Embedder } from '../../src/records/embedder.ts';
import { deleteDatabase, openDatabase, write, type Database } from '../../src/storage/database.ts';
import { deleteAllFiles, listFiles, readFile, writeFile } from '../../src/storage/files.ts';

const urls = import.meta.glob<string>('../goldens/corpus/**', { query: '?url', import: 'default', eager: true });
const embedder: Embedder = { ...USE_LITE, id: 'of-a-script', sha256: 'ab'.repeat(32), dim: 64 };
const settings: CorpusSettings = {
  embedderId: embedder.id,
  chunks: { maxTokens: 120, overlapTokens: 0, maxSentences: 2 },
  retrieval: DEFAULT_RETRIEVAL,
};

let data: Connection<DataApi>;
let db: Database;
/** The files of the script, as a picked folder gives them. */
let script: { path: string; file: File }[];

beforeEach(async () => {
  await deleteDatabase();
  await deleteAllFiles();
  db = await openDatabase();
  for (const id of ['p', 'q'])
    await write(db, ['projects'], (tx) =>
      tx.objectStore('projects').put({ id, name: id, demo: false, createdAt: '2026-01-01', version: 1 }),
    );
  data = connectData();
  script = await Promise.all(
    Object.entries(urls).map(async ([path, url]) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return { path: path.replace('../goldens/', ''), file: new File([await (await fetch(url)).blob()], name) };
    }),
  );
});
afterEach(() => {
  data.terminate();
  db.close();
});

type Files = { path: string; file: File }[];
const take = (files: Files, projectId = 'p', own = embedder, with_ = settings, job = 'job'): Promise<CorpusImport> => {
  const target = { projectId, createdAt: '2026-01-02T00:00:00.000Z' };
  return data.api.importCorpus(job, files, target, own, with_, document.baseURI, () => undefined);
};
const leave = (projectId = 'p'): Promise<Blob> => data.api.exportCorpus(projectId, embedder, settings, () => undefined);
const asFile = (zip: Blob): Files => [{ path: 'corpus.zip', file: new File([zip], 'corpus.zip') }];
const paths = async (): Promise<string[]> => (await listFiles()).map(({ path }) => path);

/** The script's files with one of them changed, or left out. */
async function changed(name: string, change: (text: string) => string | null): Promise<Files> {
  const made = await Promise.all(
    script.map(async (one) => {
      if (!one.path.endsWith(name)) return [one];
      const text = change(await one.file.text());
      return text === null ? [] : [{ ...one, file: new File([text], one.file.name) }];
    }),
  );
  return made.flat();
}
const metadata = (change: (value: Record<string, unknown>) => object): Promise<Files> =>
  changed('metadata.json', (text) => JSON.stringify(change(JSON.parse(text) as Record<string, unknown>)));

interface Stored {
  document: Document;
  plan: ChunkPlan | undefined;
  text: string;
  rows: number[];
}
async function stored(projectId: string): Promise<Stored[]> {
  const documents = await db.getAllFromIndex('documents', 'byProject', projectId);
  return Promise.all(
    documents
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
      .map(async (document) => {
        const file = await readFile(rowsPath(document.id, 0));
        return {
          document,
          plan: await db.get('chunks', document.id),
          text: (await db.get('texts', document.id))?.text ?? '',
          rows: file ? [...readRows(new Uint8Array(await file.arrayBuffer()), 'rows').rows] : [],
        };
      }),
  );
}
const quoted = ({ plan, text }: Stored): string[] => plan?.chunks.map(({ start, end }) => text.slice(start, end)) ?? [];

test('a corpus of a script comes with its chunks and vectors', async () => {
  const came = await take(script);
  expect(came).toMatchObject({ problems: [], rows: 6, reason: null, chunking: null });
  expect(came.documents.map(({ name }) => name)).toEqual(['notes.md', 'plain.txt']);
  const [notes, plain] = (await stored('p')) as [Stored, Stored];
  expect(quoted(notes)).toEqual([
    'The bridge opened in 1931.',
    'It carries two lanes.',
    'It was painted blue.',
    '🙂 Then red.',
  ]);
  expect(quoted(plain)).toEqual(['A single sentence stands here.', 'And another one follows it.']);
  for (const { rows, plan } of [notes, plain])
    for (let i = 0; i < (plan?.chunks.length ?? 0); i++)
      expect(Math.hypot(...rows.slice(i * 64, (i + 1) * 64))).toBeCloseTo(1, 5);
});

test('what leaves as a zip comes back the same: bytes, texts, chunks and every bit of the vectors', async () => {
  await take(script);
  await data.api.importFile(
    'j',
    new File(['{"a": "not indexed"}'], 'pasted.json'),
    { projectId: 'p', createdAt: '2026-01-03', name: 'Pasted: “it”' },
    document.baseURI,
    () => undefined,
  );
  const zip = await leave();
  expect((await openZip(zip)).parts.map(({ path }) => path)).toEqual([
    'data/documents/notes.md',
    'data/documents/plain.txt',
    'data/documents/Pasted_ “it”.json',
    'data/metadata.json',
    'data/index.faiss',
  ]);
  expect(await take(asFile(zip), 'q')).toMatchObject({ problems: [], rows: 6, reason: null, chunking: null });
  const [before, after] = [await stored('p'), await stored('q')];
  const own = ({ document, plan, text, rows }: Stored): object => {
    const { id: _id, projectId: _projectId, createdAt: _createdAt, ...rest } = document;
    return { rest, hash: plan?.hash, chunks: plan?.chunks, text, rows };
  };
  expect(after.map(own)).toEqual(before.map(own));
  for (const [i, { document }] of after.entries())
    expect(await (await readFile(`documents/${document.id}`))?.text()).toBe(
      await (await readFile(`documents/${before[i]?.document.id}`))?.text(),
    );
  expect(await (await leave('q')).bytes()).toHaveLength(zip.size);
});

test('what is indexed here leaves and comes back indexed: nothing is embedded again', async () => {
  const own = { ...settings, embedderId: USE_LITE.id };
  const retrieval = connectRetrieval();
  const noEvent = (): void => undefined;
  const texts = [
    '# Bridges\n\nThe bridge opened in 1931. It carries two lanes. It is red.',
    'Anna leads it. It is old.',
  ];
  for (const [i, text] of texts.entries()) {
    const target = { projectId: 'p', createdAt: `2026-01-0${i + 1}` };
    await data.api.importFile(`${i}`, new File([text], `${i}.md`), target, document.baseURI, noEvent);
  }
  const before = await retrieval.api.index('i', 'p', own, document.baseURI, noEvent);
  expect(before.documents.every(({ chunks, embedded }) => chunks > 0 && embedded === chunks)).toBe(true);
  const zip = await data.api.exportCorpus('p', USE_LITE, own, noEvent);
  const came = await take(asFile(zip), 'q', USE_LITE, own);
  expect(came).toMatchObject({ reason: null, rows: before.documents.reduce((sum, { chunks }) => sum + chunks, 0) });
  const after = await retrieval.api.status('q', own);
  const counts = ({ documents }: CorpusStatus): number[][] =>
    documents.map(({ chunks, embedded }) => [chunks, embedded]);
  expect([counts(after), after.stale]).toEqual([counts(before), false]);
  retrieval.terminate();
});

test('documents that are here already are told, and the others come', async () => {
  await take(script);
  expect(await take(script)).toMatchObject({
    documents: [],
    problems: [
      { name: 'notes.md', problem: 'duplicate', detail: 'notes.md' },
      { name: 'plain.txt', problem: 'duplicate', detail: 'plain.txt' },
    ],
    rows: 0,
  });
});

test.each<[string, () => Promise<Files>, RegExp]>([
  ['no metadata.json', () => changed('metadata.json', () => null), /metadata\.json: must lie beside the documents/],
  ['no index.faiss', () => changed('index.faiss', () => null), /index\.faiss: must lie beside metadata\.json/],
  ['broken metadata.json', () => changed('metadata.json', (text) => text.slice(9)), /metadata\.json: must be JSON/],
  ['broken index.faiss', () => changed('index.faiss', () => 'IxMp'), /index\.faiss: .* must/],
  [
    'another embedder',
    () => metadata((v) => ({ ...v, embedder: { id: 'e5', dim: 64 } })),
    /must be of-a-script, got e5/,
  ],
  [
    'an embedder file that is not named',
    () => metadata((v) => ({ ...v, embedder: { id: 'of-a-script', dim: 64 } })),
    /embedder\.sha256 must be that of onnx\/model_quantized\.onnx \(abab.*got nothing/,
  ],
  [
    'another embedder file',
    () => metadata((v) => ({ ...v, embedder: { id: 'of-a-script', dim: 64, sha256: 'cd' } })),
    /embedder\.sha256 must be abab.*got cd/,
  ],
  [
    'an id that metadata.json does not know',
    () => metadata((v) => ({ ...v, chunks: (v.chunks as object[]).slice(1) })),
    /every id must be the id of a chunk in metadata\.json, got 1000/,
  ],
])('documents come without vectors, and it is said why: %s', async (_, files, reason) => {
  const came = await take(await files());
  expect(came.documents.map(({ name }) => name).sort()).toEqual(['notes.md', 'plain.txt']);
  expect([came.rows, came.reason]).toEqual([0, expect.stringMatching(reason)]);
  expect(came.reason).toMatch(/, got .*\. [A-Z].*\.$/);
  expect(await db.count('chunks')).toBe(0);
});

test('chunks that are not of their text are left out, with the vectors of that document alone', async () => {
  const came = await take(await changed('notes.md', (text) => text.replace('1931', '1932')));
  expect(came).toMatchObject({ rows: 2, reason: expect.stringMatching(/other texts in 1 documents \(notes\.md\)/) });
  expect((await stored('p')).map(({ plan }) => plan?.chunks.length ?? 0)).toEqual([0, 2]);
});

test('a document that cannot be read, or is not there, is told; the others come', async () => {
  const files = await metadata((v) => ({ ...v, documents: [...(v.documents as object[]), { file: 'gone.pdf' }] }));
  files.push({ path: 'corpus/documents/empty.md', file: new File([''], 'empty.md') });
  files.push({ path: 'corpus/documents/.DS_Store', file: new File(['x'], '.DS_Store') });
  expect(await take(files)).toMatchObject({
    rows: 6,
    problems: [
      { name: 'gone.pdf', problem: 'broken', detail: 'named in metadata.json, but not among the files' },
      { name: 'empty.md', problem: 'empty' },
    ],
  });
});

test('an empty project takes over how the chunks were cut; one with documents does not', async () => {
  const chunking = { max_tokens: 64, overlap_tokens: 8, max_sentences: 1 };
  const files = await metadata((v) => ({ ...v, chunking }));
  const adopted = { maxTokens: 64, overlapTokens: 8, maxSentences: 1 };
  expect(await take(files)).toMatchObject({ rows: 6, reason: null, chunking: adopted });
  expect(await take(files, 'q', embedder, { ...settings, chunks: adopted })).toMatchObject({ rows: 6, chunking: null });

  await write(db, ['documents'], (tx) => tx.objectStore('documents').clear());
  await db.put('documents', {
    ...(await stored('p'))[0]?.document,
    id: 'other',
    projectId: 'p',
    sha256: 'x',
  } as Document);
  const refused = await take(files);
  expect(refused).toMatchObject({ rows: 0, chunking: null });
  expect(refused.reason).toMatch(
    /at most 120 tokens, 0 of overlap, 2 sentences\), got at most 64 tokens, 8 of overlap/,
  );
});

test('of a whole folder that holds a corpus, only its documents come', async () => {
  const others = ['report.html', 'corpus/readme.txt', 'corpus/runs/log.csv', 'corpus/documents/more.md'];
  const files = [...script, ...others.map((path) => ({ path, file: new File([path], path.slice(-5)) }))];
  const came = await take(files);
  expect(came.documents.map(({ name }) => name)).toEqual(['notes.md', 'plain.txt', 'more.md']);
  expect(came).toMatchObject({ rows: 6, problems: [], reason: null });
});

test('rows that cannot be read are left out of the zip, and the rest leaves', async () => {
  const { documents } = await take(script);
  async function* broken(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    yield new TextEncoder().encode('no rows');
  }
  await writeFile(rowsPath(documents[0]?.id ?? '', 0), broken());
  expect(await take(asFile(await leave()), 'q')).toMatchObject({ problems: [], rows: 2, reason: null });
  expect((await stored('q')).map(({ plan }) => plan?.chunks.length)).toEqual([4, 2]);
});

test('a cancel is heard between small documents', async () => {
  const files = Array.from({ length: 300 }, (_, i) => ({ path: `c/${i}.txt`, file: new File([`${i}`], `${i}.txt`) }));
  const taking = take(files);
  await expect.poll(() => db.count('documents'), { interval: 1 }).toBeGreaterThan(0);
  await data.api.cancel('job');
  expect(await taking).toMatchObject({ documents: [], rows: 0 });
  expect([await db.count('documents'), await paths()]).toEqual([0, []]);
});

test('a cancelled import leaves nothing', async () => {
  const long = new File([Array.from({ length: 400_000 }, (_, i) => `${i};value ${i}`).join('\n')], 'long.csv');
  const target = { projectId: 'p', createdAt: '2026-01-02T00:00:00.000Z' };
  const files = [...script, { path: 'corpus/documents/long.csv', file: long }];
  const came = await data.api.importCorpus('job', files, target, embedder, settings, document.baseURI, ({ done }) => {
    if (done > 178) data.api.cancel('job').catch(() => undefined); // the two small ones are kept by then
  });
  expect(came).toMatchObject({ documents: [], rows: 0 });
  expect([await db.count('documents'), await db.count('texts'), await db.count('chunks')]).toEqual([0, 0, 0]);
  await expect.poll(paths).toEqual([]);
});

test('a zip that is damaged anywhere is refused in words or gives whole documents', async () => {
  async function* parts(): AsyncGenerator<NewPart> {
    for (const { path, file } of script) yield { path, data: file, deflate: true };
  }
  const zip = await new Response(writeZip(parts(), new Date('2026-01-01'))).bytes();
  for (let at = 3; at < zip.length; at += Math.floor(zip.length / 25)) {
    const damaged = at % 2 === 0 ? zip.slice(0, at) : zip.with(at, (zip[at] ?? 0) ^ 0x55);
    await take(asFile(new Blob([damaged])), 'p').catch((error: unknown) => {
      expect(String(error)).toMatch(/Zip\w+: zip: .*must.*got/);
    });
    for (const { plan, text, rows } of await stored('p')) {
      expect(text).not.toBe('');
      for (const { end } of plan?.chunks ?? []) expect(end).toBeLessThanOrEqual(text.length);
      expect(rows.every(Number.isFinite)).toBe(true);
    }
    await write(db, ['documents', 'texts', 'chunks'], (tx) =>
      Promise.all((['documents', 'texts', 'chunks'] as const).map((store) => tx.objectStore(store).clear())),
    );
  }
});
