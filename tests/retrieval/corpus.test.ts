// A corpus is embedded once: it goes on where it was left, is made anew when it must be, and loses nothing to one document.
import { beforeEach, describe, expect, it } from 'vitest';
import { embedderKey } from '../../src/records/embedder.ts';
import type { IndexEvent } from '../../src/records/search.ts';
import { Corpus } from '../../src/retrieval/corpus.ts';
import { chain } from '../../src/retrieval/keptRows.ts';
import { importedHash, planHash } from '../../src/retrieval/plans.ts';
import { DIM, embedderNamed, HashEmbedder, hashed, MemoryStore, sentencesAbout, settings } from './corpusMemory.ts';

const SITE = 'https://site.test/';
let store: MemoryStore;
let model: HashEmbedder;
let corpus: Corpus;
let events: IndexEvent[];

/** As after a reload: what was in memory is gone. */
function reload(): void {
  model = new HashEmbedder();
  corpus = new Corpus(store, model.load);
  events = [];
}
beforeEach(() => {
  store = new MemoryStore();
  reload();
});

const index = (how = settings(), jobId = 'job') =>
  corpus.index(jobId, 'p', how, SITE, (event) => {
    events.push(event);
  });

/** Texts of the kept plan's chunks, in order. */
function chunkTexts(id: string): string[] {
  const text = store.texts.get(id)?.text ?? '';
  return store.plans.get(id)?.chunks.map(({ start, end }) => text.slice(start, end)) ?? [];
}
const expected = (id: string): number[] => chunkTexts(id).flatMap((text) => [...hashed(text)]);

describe('indexing', () => {
  it('keeps one row for each chunk, in order, and says so before and after', async () => {
    store.add('a', sentencesAbout('harbour', 70));
    store.add('b', sentencesAbout('mountain', 3));
    expect(await corpus.status('p', settings())).toEqual({
      documents: [
        { documentId: 'a', cut: false, chunks: 0, embedded: 0 },
        { documentId: 'b', cut: false, chunks: 0, embedded: 0 },
      ],
      stale: false,
    });
    const status = await index();
    expect(status).toEqual({
      documents: [
        { documentId: 'a', cut: true, chunks: 70, embedded: 70 },
        { documentId: 'b', cut: true, chunks: 3, embedded: 3 },
      ],
      stale: false,
    });
    expect(await store.kept('a')).toEqual(expected('a'));
    expect(await store.kept('b')).toEqual(expected('b'));
    expect(model.passages).toEqual([...chunkTexts('a'), ...chunkTexts('b')]);
  });

  it('tells how far it is: characters, then bytes of the embedder, then chunks, each up to its total', async () => {
    store.add('a', sentencesAbout('harbour', 70));
    store.add('b', sentencesAbout('mountain', 3));
    await index();
    expect([...new Set(events.map(({ step }) => step))]).toEqual(['chunk', 'load', 'embed']);
    for (const step of ['chunk', 'load', 'embed'] as const) {
      const own = events.filter((event) => event.step === step);
      expect(own.map(({ done }) => done)).toEqual(own.map(({ done }) => done).sort((a, b) => a - b));
      expect(own.at(-1)?.done).toBe(own.at(-1)?.total);
    }
    expect(events.at(-1)).toEqual({ step: 'embed', done: 73, total: 73 });
  });

  it('does nothing when all is done, and opens no embedder for it, also after a reload', async () => {
    store.add('a', sentencesAbout('harbour', 40));
    const status = await index();
    reload();
    expect(await corpus.status('p', settings())).toEqual(status);
    expect(await index()).toEqual(status);
    expect([model.opened, model.passages.length]).toEqual([0, 0]);
  });

  it('embeds only a document that came since', async () => {
    store.add('a', sentencesAbout('harbour', 40));
    await index();
    store.add('b', 'One more line.');
    await index();
    expect(model.passages.slice(40)).toEqual(['One more line.']);
  });

  it('gives the embedder texts without line breaks, as their tokens are counted', async () => {
    store.add('a', 'A line that\nis broken\n  twice.');
    await index();
    expect(model.passages).toEqual(['A line that is broken twice.']);
  });

  it('embeds equal texts once, within a document and over documents', async () => {
    store.add('a', Array(50).fill('The same line. Another line.').join(' '));
    store.add('b', 'The same line. A third line.');
    await index();
    expect([...model.passages].sort()).toEqual(['A third line.', 'Another line.', 'The same line.']);
    expect(await store.kept('a')).toEqual(expected('a'));
    expect(await store.kept('b')).toEqual(expected('b'));
    expect((await store.kept('a')).length).toBe(100 * DIM);
  });
});

describe('an indexing that is cut', () => {
  it.each([1, 2, 8, 9, 10, 17, 19])('at batch %i goes on there after a reload, to the same rows', async (cut) => {
    store.add('a', sentencesAbout('harbour', 600));
    store.add('b', sentencesAbout('mountain', 5));
    let reached = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (reached = resolve));
    model.onBatch = (batch) => (batch === cut ? (reached(), new Promise<void>(() => undefined)) : undefined);
    void index(); // never ends: the tab is closed in the middle of this batch
    await arrived;

    reload();
    const { documents } = await corpus.status('p', settings());
    const kept = documents[0]?.embedded ?? 0;
    expect(kept).toBe(Math.floor((cut - 1) / 8) * 256); // whole segments of eight batches
    await index();
    expect(model.passages.length).toBe(605 - kept); // and none again of what was kept
    expect(events.find(({ step }) => step === 'embed')?.done).toBe(kept);
    expect(await store.kept('a')).toEqual(expected('a'));
    expect(await store.kept('b')).toEqual(expected('b'));
  });

  it('by a stop ends after the batch under way and keeps all of it', async () => {
    store.add('a', sentencesAbout('harbour', 600));
    model.onBatch = (batch) => (batch === 3 ? corpus.cancel('job') : undefined);
    expect((await index()).documents[0]).toMatchObject({ chunks: 600, embedded: 96 });
    expect(await store.kept('a')).toEqual(expected('a').slice(0, 96 * DIM));
    model.onBatch = () => undefined;
    await index();
    expect(model.passages).toEqual(chunkTexts('a')); // each once
    expect(await store.kept('a')).toEqual(expected('a'));
  });

  it('by an error of the embedder keeps what was done, and opens the embedder anew', async () => {
    store.add('a', sentencesAbout('harbour', 600));
    model.onBatch = (batch) => {
      if (batch === 5) throw new Error('out of memory');
    };
    await expect(index()).rejects.toThrow(/got 1 of 1 that could not be: "a.txt": out of memory/);
    expect((await corpus.status('p', settings())).documents[0]).toMatchObject({ embedded: 128 });
    await index();
    expect([model.opened, model.closed]).toEqual([2, 1]);
    expect(await store.kept('a')).toEqual(expected('a'));
  });

  it('while a long text is cut keeps nothing of it, and others are heard meanwhile', async () => {
    store.add('long', sentencesAbout('harbour', 40_000));
    const cutting = index();
    let heard = 0;
    const timer = setInterval(() => {
      if (++heard === 2) corpus.cancel('job');
    });
    expect((await cutting).documents).toMatchObject([{ chunks: 0 }]);
    clearInterval(timer);
    expect([heard >= 2, store.plans.size, model.opened]).toEqual([true, 0, 0]);
  });

  it('in the queue resolves at once and does nothing', async () => {
    store.add('a', sentencesAbout('harbour', 64));
    let go = (): void => undefined;
    model.onBatch = (batch) => (batch === 1 ? new Promise<void>((resolve) => (go = resolve)) : undefined);
    const first = index(settings(), 'first');
    const second = index(settings({ embedderId: 'second' }), 'second');
    await expect.poll(() => model.batches).toBe(1);
    corpus.cancel('second');
    expect((await second).documents).toEqual([{ documentId: 'a', cut: false, chunks: 0, embedded: 0 }]);
    go();
    expect((await first).documents).toEqual([{ documentId: 'a', cut: true, chunks: 64, embedded: 64 }]);
    expect(model.opened).toBe(1);
  });
});

describe('the faster device', () => {
  it.each([500, 501])('is looked for when more than 500 of the chunks wait: %i', async (count) => {
    store.add('a', sentencesAbout('harbour', count));
    model.faster = 'webgpu';
    await index();
    await index();
    store.add('b', sentencesAbout('mountain', 600));
    if (count > 500) await index();
    expect(model.timed).toBe(count > 500 ? 1 : 0); // and only once
    expect([...model.devices]).toEqual([count > 500 ? 'webgpu' : 'wasm']);
    expect(await store.kept('a')).toEqual(expected('a'));
  });

  it('serves no longer once it has failed', async () => {
    store.add('a', sentencesAbout('harbour', 600));
    model.faster = 'webgpu';
    model.onBatch = (batch) => {
      if (batch === 3) throw new Error('the device is lost');
    };
    await expect(index()).rejects.toThrow('the device is lost');
    await index();
    expect([...model.devices]).toEqual(['webgpu', 'wasm']);
    expect([model.timed, model.passages.length]).toEqual([1, 600]);
  });
});

describe('rows are made anew', () => {
  it.each([
    ['chunks', settings({ chunks: { maxTokens: 32, overlapTokens: 0, maxSentences: 2 } })],
    ['embedder', settings({ embedderId: 'second' })],
  ])('when the %s changed: stale until then, nothing old is left behind', async (_, changed) => {
    store.add('a', sentencesAbout('harbour', 300));
    await index();
    expect(await corpus.status('p', changed)).toEqual({
      documents: [{ documentId: 'a', cut: false, chunks: 0, embedded: 0 }],
      stale: true,
    });
    const status = await index(changed);
    const count = chunkTexts('a').length;
    expect(status).toEqual({
      documents: [{ documentId: 'a', cut: true, chunks: count, embedded: count }],
      stale: false,
    });
    const made = new Set((await store.segments('a')).map(({ embedder }) => embedder));
    expect([...made]).toEqual([embedderKey(embedderNamed(changed.embedderId))]);
    expect(await store.kept('a')).toEqual(expected('a'));
    expect((await corpus.status('p', settings())).stale).toBe(true); // the old settings have lost theirs
  });

  it('only when the new embedder works: one that cannot be opened, or a stop before it, costs no rows', async () => {
    for (const id of ['a', 'b']) store.add(id, sentencesAbout(id, 300));
    await index();
    const before = await Promise.all(['a', 'b'].map((id) => store.kept(id)));
    const kept = () => Promise.all(['a', 'b'].map((id) => store.kept(id)));
    reload();
    model.cannotOpen = true;
    await expect(index(settings({ embedderId: 'second' }))).rejects.toThrow('no model here');
    expect(await kept()).toEqual(before);

    model.cannotOpen = false;
    model.onBatch = (batch) => (batch === 9 ? corpus.cancel('job') : undefined);
    await index(settings({ embedderId: 'second' }));
    expect((await store.segments('a')).map(({ embedder }) => embedder)).toEqual(
      Array(2).fill(embedderKey(embedderNamed('second'))),
    );
    expect((await kept())[1]).toEqual(before[1]);
    await index();
    expect(await kept()).toEqual(before);
    expect(model.passages.length).toBe(288 + 300); // of "b" none again
  });

  it('when another tab has made others meanwhile', async () => {
    store.add('a', sentencesAbout('harbour', 40));
    await index();
    await new Corpus(store, model.load).index('other', 'p', settings({ embedderId: 'second' }), SITE, () => undefined);
    expect(await index()).toMatchObject({ documents: [{ embedded: 40 }], stale: false });
    expect((await store.segments('a')).map(({ embedder }) => embedder)).toEqual([embedderKey(embedderNamed('first'))]);
  });

  it('again when settings come back after rows were made with others', async () => {
    store.add('a', sentencesAbout('harbour', 6));
    const others = settings({ chunks: { maxTokens: 32, overlapTokens: 0, maxSentences: 2 } });
    for (const how of [settings(), others, settings()]) {
      await index(how);
      expect(await store.kept('a')).toEqual(expected('a'));
    }
    const options = { documentIds: ['a'], count: 3, wordsOnly: false };
    expect((await corpus.search('p', settings(), SITE, 'harbour', options)).vectors).toBe(true);
  });

  it('but for those that still serve: only what lies beside them is removed', async () => {
    store.add('a', sentencesAbout('harbour', 600));
    model.onBatch = (batch) => (batch === 10 ? corpus.cancel('job') : undefined);
    await index();
    await store.putRows('a', new Float32Array(DIM), DIM, { embedder: 'old', plan: 'old', first: 999 });
    reload();
    expect(await corpus.status('p', settings())).toMatchObject({ documents: [{ embedded: 320 }], stale: true });
    expect((await index()).stale).toBe(false);
    expect(model.passages.length).toBe(280);
    expect((await store.segments('a')).map(({ first }) => first)).toEqual([0, 256, 320, 576]);
  });

  it('not when settings go there and back', async () => {
    store.add('a', sentencesAbout('harbour', 40));
    const before = await index();
    const other = settings({ chunks: { maxTokens: 32, overlapTokens: 0, maxSentences: 3 } });
    await corpus.search('p', other, SITE, 'line 3', { documentIds: ['a'], count: 3, wordsOnly: true });
    reload();
    expect((await corpus.status('p', settings())).stale).toBe(true); // the chunks of the other settings are kept now
    expect(await index()).toEqual(before);
    expect(model.passages).toEqual([]);
  });

  it('that came with chunks from elsewhere serve those alone, not what the same settings cut', async () => {
    const document = store.add('a', sentencesAbout('harbour', 40));
    const hash = importedHash(await planHash(document, settings().chunks, embedderNamed('first')));
    const chunks = [0, 10, 20].map((start) => ({ start, end: start + 10, tokens: 3, page: null, headings: [] }));
    await store.putPlan({ documentId: 'a', projectId: 'p', hash, chunks });
    const origin = { embedder: embedderKey(embedderNamed('first')), plan: hash, first: 0 };
    await store.putRows('a', new Float32Array(3 * DIM).fill(1 / 8), DIM, origin);
    expect(await corpus.status('p', settings())).toMatchObject({
      documents: [{ chunks: 3, embedded: 3 }],
      stale: false,
    });
    const other = settings({ chunks: { maxTokens: 32, overlapTokens: 0, maxSentences: 3 } });
    await corpus.search('p', other, SITE, 'line 3', { documentIds: ['a'], count: 3, wordsOnly: true });
    await corpus.search('p', settings(), SITE, 'line 3', { documentIds: ['a'], count: 3, wordsOnly: true });
    expect(await corpus.status('p', settings())).toMatchObject({
      documents: [{ chunks: 40, embedded: 0 }],
      stale: true,
    });
    await index();
    expect(await store.kept('a')).toEqual(expected('a'));
  });

  it('not for a document whose name changed', async () => {
    store.add('a', sentencesAbout('harbour', 4));
    await index();
    store.change('a', { name: 'renamed.txt' });
    reload();
    expect((await corpus.status('p', settings())).documents[0]).toMatchObject({ chunks: 4, embedded: 4 });
  });
});

describe('documents that go wrong', () => {
  it('one without its text is named in the end; the others are done', async () => {
    store.add('a', sentencesAbout('harbour', 4));
    store.add('broken', 'Text. That is lost.');
    store.add('c', sentencesAbout('mountain', 4));
    store.texts.delete('broken');
    await expect(index()).rejects.toThrow(/got 1 of 3 that could not be: "broken.txt": corpus: the text of/);
    const { documents } = await corpus.status('p', settings());
    expect(documents.map(({ embedded }) => embedded)).toEqual([4, 0, 4]);
  });

  it('no room left ends the whole indexing: trying the others would be in vain', async () => {
    store.add('a', sentencesAbout('harbour', 4));
    store.add('b', sentencesAbout('mountain', 4));
    store.onPutRows = () => {
      throw Object.assign(new Error('storage: no room'), { name: 'StorageFull' });
    };
    await expect(index()).rejects.toThrow('storage: no room');
    expect(model.batches).toBe(1);
  });

  it('one that is gone meanwhile leaves no rows; one whose deletion can be undone keeps them', async () => {
    for (const id of ['gone', 'hidden', 'later', 'last']) store.add(id, sentencesAbout(id, 300));
    store.onPutRows = (id) => {
      if (id === 'gone') store.all.delete('gone');
      if (id === 'hidden') store.change('hidden', { deletedAt: '2030-01-02T00:00:00Z' });
      store.all.delete('later');
    };
    const status = await index();
    expect(status.documents).toEqual([{ documentId: 'last', cut: true, chunks: 300, embedded: 300 }]);
    expect([...store.files.keys()].sort()).toEqual(['hidden', 'last']);
    expect(model.passages.some((text) => text.includes('later'))).toBe(false);
    expect((await store.segments('hidden')).map(({ count }) => count)).toEqual([256]);
  });

  it('an embedder that cannot be opened or is not there is said by the indexing', async () => {
    store.add('a', 'One line.');
    model.cannotOpen = true;
    await expect(index()).rejects.toThrow('no model here');
    await expect(index(settings({ embedderId: 'unknown' }))).rejects.toThrow(/got none named "unknown"\. Choose/);
    store.tokenizerMissing = true;
    await expect(index(settings({ embedderId: 'second' }))).rejects.toThrow(/must hold tokenizer.json, got none/);
  });
});

describe('a chain of segments', () => {
  const segment = (first: number, count: number, embedder = 'e', plan = 'p') => ({ first, count, embedder, plan });
  it.each([
    ['follows from row 0 without gaps', [segment(256, 10), segment(0, 256)], [0, 256]],
    ['ends at a gap', [segment(0, 10), segment(11, 10)], [0]],
    ['is empty without row 0', [segment(10, 10)], []],
    ['leaves out what overlaps', [segment(0, 10), segment(5, 10), segment(10, 3)], [0, 10]],
    ['holds rows of one embedder alone', [segment(0, 10), segment(10, 10, 'other')], [0]],
    ['holds rows of one plan alone', [segment(0, 10), segment(10, 10, 'e', 'other')], [0]],
  ])('%s', (_, segments, firsts) => {
    expect(chain(segments, 'e', 'p').map(({ first }) => first)).toEqual(firsts);
  });

  it('of more rows than chunks stands for nothing', async () => {
    store.add('a', 'One line. Another line.');
    await index();
    const [origin] = await store.segments('a');
    if (origin) await store.putRows('a', new Float32Array(3 * DIM), DIM, origin);
    reload();
    expect(await corpus.status('p', settings())).toMatchObject({ documents: [{ embedded: 0 }], stale: true });
    expect(await index()).toMatchObject({ documents: [{ embedded: 2 }], stale: false });
    expect(await store.kept('a')).toEqual(expected('a'));
  });
});
