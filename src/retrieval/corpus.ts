// The corpus of a project: cuts and embeds its documents, searches them, and says what is done. Storage is injected.
import type { Chunk, ChunkPlan, ChunkSettings, CorpusSettings, CorpusStatus } from '../records/corpus.ts';
import type { Document } from '../records/document.ts';
import { embedderKey, type Embedder } from '../records/embedder.ts';
import type { Passage } from '../records/generation.ts';
import type { IndexEvent, SearchOptions, SearchResult } from '../records/search.ts';
import { sentences } from './chunk.ts';
import type { CorpusStore } from './corpusStore.ts';
import { breathe, embedRows, RecentRows } from './embedRows.ts';
import { rootOf } from './embedderParts.ts';
import { isForeign, onceEach, SPARE } from './hits.ts';
import { KeptRows } from './keptRows.ts';
import { OpenEmbedders, type EmbedModule } from './openEmbedders.ts';
import { Plans } from './plans.ts';
import { LexicalIndex } from './lexical.ts';
import { closest, rank } from './retrieve.ts';
import { SearchIndex, sentencePassage, type Vectors } from './searchIndex.ts';
import { asOneLine } from './tokens.ts';

/** A failure of the whole indexing, not of one document. */
const STOPS = new Set(['StorageFull', 'StorageOutdated', 'StorageAbsent', 'AbortError']);
/** So long a search by words does not try again what failed: a person types on. */
const FAILED_MS = 30_000;
/** Fewer chunks are embedded before it is known which device is faster. */
const MANY_CHUNKS = 500;
const WORDS_ONLY: SearchResult['index'] = { kind: 'none', why: null, rows: 0 };
const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Vectors, and the one of the query. */
type Asked = Vectors & { query: Float32Array };

interface Sentences {
  all: Passage[];
  index: LexicalIndex;
}

export class Corpus {
  readonly #plans: Plans;
  readonly #rows: KeptRows;
  readonly #models: OpenEmbedders;
  readonly #jobs = new Map<string, AbortController>();
  #indexing: Promise<unknown> = Promise.resolve();
  #searching: Promise<unknown> = Promise.resolve();
  #index: SearchIndex | null = null;
  #sentences: { key: string; made: Promise<Sentences> } | null = null;
  /** Why vectors could not serve a search under these settings, and when. */
  #failed: { key: string; at: number; problem: string } | null = null;
  #project = '';

  constructor(
    private readonly store: CorpusStore,
    private readonly loadEmbed: () => Promise<EmbedModule>,
  ) {
    this.#plans = new Plans(store);
    this.#rows = new KeptRows(store);
    this.#models = new OpenEmbedders(loadEmbed);
  }

  async status(projectId: string, { embedderId, chunks }: CorpusSettings): Promise<CorpusStatus> {
    this.#turnTo(projectId);
    const embedder = await this.store.embedder(embedderId);
    const documents = await this.store.documents(projectId);
    const counted = await Promise.all(
      documents.map(async (document) => {
        const plan = await this.#plans.stored(document, chunks, embedder);
        const { embedded, stale } = await this.#rows.count(document.id, plan, embedder);
        const own = { documentId: document.id, cut: plan !== null, chunks: plan?.chunks.length ?? 0, embedded };
        return { own, stale };
      }),
    );
    return {
      documents: counted.map(({ own }) => own),
      stale: counted.some(({ stale }) => stale),
    };
  }

  async preview(documentId: string, chunks: ChunkSettings, embedderId: string, siteUrl: string): Promise<Chunk[]> {
    return this.#plans.preview(documentId, chunks, await this.store.embedder(embedderId), siteUrl);
  }

  /** Jobs run one after another. A cancelled one resolves with what is done; a failed one throws after the others. */
  async index(
    jobId: string,
    projectId: string,
    settings: CorpusSettings,
    siteUrl: string,
    onEvent: (event: IndexEvent) => void,
  ): Promise<CorpusStatus> {
    const job = new AbortController();
    this.#jobs.set(jobId, job);
    const { signal } = job;
    let begun = false;
    const turn = this.#indexing.then(async () => {
      if (signal.aborted) return;
      begun = true;
      await this.store.alone(signal, () => this.#indexAll(projectId, settings, siteUrl, onEvent, signal));
    });
    this.#indexing = turn.catch(() => undefined);
    const left = new Promise<void>((resolve) => signal.addEventListener('abort', () => begun || resolve()));
    try {
      await Promise.race([turn, left]);
    } catch (error) {
      if (!(signal.aborted && isAbort(error))) throw error;
    } finally {
      this.#jobs.delete(jobId);
    }
    return this.status(projectId, settings);
  }

  cancel(jobId: string): void {
    this.#jobs.get(jobId)?.abort();
  }

  /** One at a time: the index that one builds serves the next. */
  search(
    projectId: string,
    settings: CorpusSettings,
    siteUrl: string,
    query: string,
    wanted: SearchOptions,
  ): Promise<SearchResult> {
    const found = this.#searching.then(() => this.#search(projectId, settings, siteUrl, query, wanted));
    this.#searching = found.catch(() => undefined);
    return found;
  }

  async evidence(projectId: string, documentIds: string[], question: string, answer: string): Promise<Passage | null> {
    const ids = new Set(documentIds);
    const documents = (await this.store.documents(projectId)).filter(({ id }) => ids.has(id));
    const key = JSON.stringify(documents.map(({ id, createdAt, name }) => [id, createdAt, name]));
    if (this.#sentences?.key !== key) this.#sentences = { key, made: this.#sentencesOf(documents) };
    const { made } = this.#sentences;
    const { all, index } = await made.catch((error: unknown) => {
      this.#sentences = null; // the next answer tries again
      throw error;
    });
    return all[closest(index, question, answer)] ?? null;
  }

  async #sentencesOf(documents: readonly Document[]): Promise<Sentences> {
    const all: Passage[] = [];
    for (const document of documents) {
      const text = await this.store.text(document.id);
      if (text) for (const { start, end } of sentences(text)) all.push(sentencePassage(document, text, start, end));
      await breathe();
    }
    return { all, index: new LexicalIndex(all.map(({ text }) => text)) };
  }

  /** Only what the embedder needs is copied: a folder of the hub holds it many times over, in other precisions. */
  async addEmbedder(files: readonly { path: string; file: Blob }[]): Promise<Embedder> {
    const { name, parts, needed } = rootOf(files);
    const read = async (path: string): Promise<Uint8Array<ArrayBuffer> | null> => {
      const file = parts.get(path);
      return file ? new Uint8Array(await file.arrayBuffer()) : null;
    };
    const { inspectFolder } = await this.loadEmbed();
    const embedder = await inspectFolder({ read }, [...parts.keys()], name);
    this.#failed = null;
    return this.store.putEmbedder(embedder, needed(embedder.file));
  }

  async removeEmbedder(id: string): Promise<void> {
    await this.store.removeEmbedder(id);
    this.#models.forget(id);
  }

  /** Memory holds one project at a time. */
  #turnTo(projectId: string): void {
    if (this.#project === projectId) return;
    this.#project = projectId;
    this.#plans.clear();
    this.#rows.clear();
    this.#sentences = null;
  }

  async #indexAll(
    projectId: string,
    settings: CorpusSettings,
    siteUrl: string,
    onEvent: (event: IndexEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const embedder = await this.store.embedder(settings.embedderId);
    if (!embedder)
      throw new Error(`corpus: the embedder must be there, got none named "${settings.embedderId}". Choose another.`);
    const documents = await this.store.documents(projectId);
    this.#rows.clear(); // another tab may have made others meanwhile
    this.#failed = null;
    const failures: string[] = [];
    /** What is wrong with one document keeps none of the others from being done. */
    const attempt = async (document: Document, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (error instanceof Error && STOPS.has(error.name)) throw error;
        failures.push(`"${document.name}": ${error instanceof Error ? error.message : String(error)}`);
      }
    };

    // 1. Cut, and count what has rows: a progress line wants the whole.
    const cut: { document: Document; plan: ChunkPlan; from: number }[] = [];
    const characters = documents.reduce((sum, document) => sum + document.characters, 0);
    let read = 0;
    for (const document of documents) {
      if (signal.aborted) return;
      await attempt(document, async () => {
        const plan = await this.#plans.made(document, settings.chunks, embedder, siteUrl, signal);
        const { embedded } = await this.#rows.count(document.id, plan, embedder);
        if (embedded === plan.chunks.length) await this.#rows.clean(plan, embedder);
        cut.push({ document, plan, from: embedded });
      });
      onEvent({ step: 'chunk', done: (read += document.characters), total: characters });
      await breathe();
    }

    // 2. Embed what has none. Rows of other settings go when the first new ones are there to take their place.
    const total = cut.reduce((sum, { plan }) => sum + plan.chunks.length, 0);
    let done = cut.reduce((sum, { from }) => sum + from, 0);
    const recent = new RecentRows();
    for (const { document, plan, from } of cut) {
      if (signal.aborted) return;
      if (from >= plan.chunks.length || !(await this.#isThere(document.id))) continue;
      const { model, release } = await this.#models.acquire(embedder, this.store.embedderFiles(embedder, siteUrl), {
        fastest: total - done > MANY_CHUNKS,
        onProgress: (loaded, all) => onEvent({ step: 'load', done: loaded, total: all }),
      });
      onEvent({ step: 'embed', done, total });
      let failed = true;
      await attempt(document, async () => {
        const text = (await this.store.text(document.id))?.text ?? '';
        await embedRows({
          texts: plan.chunks.map(({ start, end }) => asOneLine(text.slice(start, end))),
          from,
          dim: embedder.dim,
          recent,
          signal,
          embed: (texts) => model.embed(texts, 'passage'),
          keep: async (first, rows) => {
            if (first === from) await this.#rows.clean(plan, embedder);
            return this.#keep(plan, embedder, first, rows);
          },
          onRows: (count) => onEvent({ step: 'embed', done: (done += count), total }),
        });
        failed = false;
      }).finally(() => release(failed));
    }
    if (failures.length > 0)
      throw new Error(
        `corpus: every document must be cut and embedded, got ${failures.length} of ${documents.length} that could not be: ${failures[0]}`,
      );
  }

  /** False when the document has been deleted meanwhile: then nothing of it is left behind. */
  async #keep(plan: ChunkPlan, embedder: Embedder, first: number, rows: Float32Array): Promise<boolean> {
    const { documentId, hash } = plan;
    await this.store.putRows(documentId, rows, embedder.dim, { embedder: embedderKey(embedder), plan: hash, first });
    if (await this.#isThere(documentId)) return true;
    if (!(await this.store.document(documentId))) await this.store.dropRows(documentId);
    return false;
  }

  async #isThere(documentId: string): Promise<boolean> {
    const document = await this.store.document(documentId);
    return document !== null && document.deletedAt === undefined;
  }

  async #search(
    projectId: string,
    settings: CorpusSettings,
    siteUrl: string,
    query: string,
    { documentIds, count, wordsOnly }: SearchOptions,
  ): Promise<SearchResult> {
    const started = performance.now();
    const embedder = await this.store.embedder(settings.embedderId);
    const index = await this.#indexOf(projectId, settings.chunks, embedder, siteUrl);
    const names = new Map(index.documents.map(({ id, name }) => [id, name]));
    const wanted = new Set(documentIds.filter((id) => names.has(id)));
    const { method } = settings.retrieval;
    const foreign = method !== 'words' && method !== 'vectors' && isForeign(query, embedder);
    const { vectors, problem } =
      embedder && !wordsOnly && !foreign && method !== 'words' && query.trim() !== ''
        ? await this.#tryVectors(index.search, wanted, embedder, settings, siteUrl, query)
        : { vectors: null, problem: null };
    const { search } = index;
    const everything = wanted.size === names.size;
    const allowed = (chunk: number): boolean => everything || wanted.has(search.documentOf(chunk));
    const ranked = rank({
      lexical: search.lexical.scores(query),
      allowed,
      vectors: vectors && scoresOf(vectors, everything ? undefined : allowed),
      settings: settings.retrieval,
      count: count + SPARE,
    });
    const hits = ranked.map(({ row, ...scores }) => ({ passage: search.passage(row, names), ...scores }));
    return {
      hits: onceEach(hits).slice(0, count),
      vectors: vectors !== null,
      problem,
      foreign,
      index: vectors ? { kind: vectors.index.kind, why: vectors.index.why, rows: vectors.index.size } : WORDS_ONLY,
      milliseconds: performance.now() - started,
    };
  }

  async #indexOf(
    projectId: string,
    chunks: ChunkSettings,
    embedder: Embedder | null,
    siteUrl: string,
  ): Promise<{ search: SearchIndex; documents: Document[] }> {
    this.#turnTo(projectId);
    const documents = await this.store.documents(projectId);
    const plans = await this.#plans.all(documents, chunks, embedder, siteUrl);
    const key = JSON.stringify(documents.map(({ id, createdAt }, i) => [id, createdAt, plans[i]?.hash]));
    if (this.#index?.key === key) return { search: this.#index, documents };
    this.#index?.dispose();
    this.#index = null;
    const texts = await Promise.all(documents.map(({ id }) => this.store.text(id)));
    const parts = documents.flatMap((document, i) => {
      const plan = plans[i];
      return plan ? [{ document, text: texts[i] ?? null, plan }] : [];
    });
    this.#index = new SearchIndex(key, parts);
    return { search: this.#index, documents };
  }

  /** Words serve when vectors cannot. What failed is not tried again at every letter that is typed. */
  async #tryVectors(
    search: SearchIndex,
    wanted: ReadonlySet<string>,
    embedder: Embedder,
    settings: CorpusSettings,
    siteUrl: string,
    query: string,
  ): Promise<{ vectors: Asked | null; problem: string | null }> {
    const key = JSON.stringify([this.#project, settings]);
    const last = this.#failed;
    if (last?.key === key && performance.now() - last.at < FAILED_MS) return { vectors: null, problem: last.problem };
    try {
      return { vectors: await this.#vectorsFor(search, wanted, embedder, settings, siteUrl, query), problem: null };
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#failed = { key, at: performance.now(), problem };
      return { vectors: null, problem };
    }
  }

  /** Null when some documents are not embedded; throws when the embedder cannot be loaded or fails: words serve then. */
  async #vectorsFor(
    search: SearchIndex,
    wanted: ReadonlySet<string>,
    embedder: Embedder,
    settings: CorpusSettings,
    siteUrl: string,
    query: string,
  ): Promise<Asked | null> {
    const how = { embedder, wanted: settings.retrieval.index, kept: this.#rows };
    if (!(await search.covers(wanted, how))) return null;
    const opening = this.#models.acquire(embedder, this.store.embedderFiles(embedder, siteUrl));
    opening.catch(() => undefined); // it is awaited below, once the index is built
    const vectors = await search.vectors(wanted, how).catch(async (error: unknown) => {
      (await opening).release();
      throw error;
    });
    const { model, release } = await opening;
    let failed = true;
    try {
      const row = await model.embed([asOneLine(query)], 'query');
      failed = false;
      return { ...vectors, query: row };
    } finally {
      release(failed);
    }
  }
}

/** The vectors as rank() asks for them: by chunk. */
function scoresOf({ index, rowOf, chunkOf, query }: Asked, allowed: ((chunk: number) => boolean) | undefined) {
  const row = (chunk: number): number => rowOf[chunk] ?? -1;
  const chunk = (vector: number): number => chunkOf[vector] ?? -1;
  return {
    neighbours: (k: number) =>
      index
        .search(query, k, allowed && ((vector) => allowed(chunk(vector))))
        .map(({ row: vector, score }) => ({ row: chunk(vector), score })),
    score: (one: number) => index.score(query, row(one)),
    similarity: (a: number, b: number) => index.similarity(row(a), row(b)),
  };
}
