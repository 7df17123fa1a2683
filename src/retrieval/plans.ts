// The chunks of documents under settings: cut once and kept, cut anew when text, settings or embedder change.
import { sha256Hex } from '../formats/sha256.ts';
import type { Chunk, ChunkPlan, ChunkSettings } from '../records/corpus.ts';
import type { Document } from '../records/document.ts';
import { embedderKey, type Embedder } from '../records/embedder.ts';
import { cutting, type Cut } from './chunk.ts';
import type { CorpusStore } from './corpusStore.ts';
import { breathe } from './embedRows.ts';
import { tokenCounter, type TokenCounter } from './tokens.ts';

/** Raise it when chunk() or the counting of tokens changes: plans and rows of another version are made anew. */
const CHUNKER_VERSION = 1;

/** What serves while no tokenizer can be read. */
const CHARACTERS_PER_TOKEN = 4;
const estimate = (text: string): number => Math.ceil(text.length / CHARACTERS_PER_TOKEN);

/** What chunks are a function of. */
function originOf(
  { sha256 }: Pick<Document, 'sha256'>,
  { maxTokens, overlapTokens, maxSentences }: ChunkSettings,
  embedder: Embedder | null,
): string {
  const key = embedder && embedderKey(embedder);
  return JSON.stringify([CHUNKER_VERSION, sha256, maxTokens, overlapTokens, maxSentences, key]);
}

/** Of what chunks are a function of: rows are kept with it and serve no other chunks. */
export const planHash = (...made: Parameters<typeof originOf>): Promise<string> => sha256Hex(originOf(...made));

/** Of chunks that came with their rows from elsewhere: the same settings may cut others, which those rows do not serve. */
export const importedHash = (hash: string): string => `imported ${hash}`;

/** Whether a kept plan is of these settings. */
export const isOf = (plan: ChunkPlan | null | undefined, hash: string): plan is ChunkPlan =>
  plan?.hash === hash || plan?.hash === importedHash(hash);

/** With pauses: a text of 20 MB takes a while, and messages must be heard. */
async function cut(
  text: Cut,
  settings: ChunkSettings,
  limit: number,
  count: (text: string) => number,
  signal?: AbortSignal,
): Promise<Chunk[]> {
  const steps = cutting(text, settings, limit, count);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value;
    await breathe();
    signal?.throwIfAborted();
  }
}

export class Plans {
  /** By document and when it came: content that comes back after a deletion may have other pages. */
  readonly #kept = new Map<string, ChunkPlan>();
  readonly #counters = new Map<string, Promise<TokenCounter>>();
  readonly #hashes = new Map<string, Promise<string>>();

  constructor(private readonly store: CorpusStore) {}

  /** Forgets what was read; what is kept in storage stays. */
  clear(): void {
    this.#kept.clear();
    this.#hashes.clear();
  }

  /** The plan of exactly these settings, if there is one. */
  async stored(document: Document, settings: ChunkSettings, embedder: Embedder | null): Promise<ChunkPlan | null> {
    const hash = await this.#hash(document, settings, embedder);
    const known = this.#kept.get(keyOf(document));
    if (isOf(known, hash)) return known;
    const plan = await this.store.plan(document.id);
    if (!isOf(plan, hash)) return null;
    this.#kept.set(keyOf(document), plan);
    return plan;
  }

  /** The plan of these settings, cut now and kept if there is none. Throws where the tokenizer cannot be read. */
  async made(
    document: Document,
    settings: ChunkSettings,
    embedder: Embedder,
    siteUrl: string,
    signal?: AbortSignal,
  ): Promise<ChunkPlan> {
    const stored = await this.stored(document, settings, embedder);
    if (stored) return stored;
    const { count } = await this.#counter(embedder, siteUrl);
    const hash = await this.#hash(document, settings, embedder);
    const plan = await this.#cut(document, hash, settings, embedder.maxTokens, count, signal);
    await this.store.putPlan(plan);
    return plan;
  }

  /**
   * The plans of all documents; where the tokenizer cannot be read, by estimated tokens and not kept. A document that
   * cannot be cut has no chunks: the others are searched all the same, and the next indexing says what is wrong.
   */
  async all(
    documents: readonly Document[],
    settings: ChunkSettings,
    embedder: Embedder | null,
    siteUrl: string,
  ): Promise<ChunkPlan[]> {
    const stored = await Promise.all(documents.map((document) => this.stored(document, settings, embedder)));
    if (stored.every((plan) => plan !== null)) return stored;
    const readable = embedder && (await this.#counter(embedder, siteUrl).catch(() => null));
    const plans: ChunkPlan[] = [];
    for (const [i, document] of documents.entries()) {
      const make = (): Promise<ChunkPlan> =>
        embedder && readable
          ? this.made(document, settings, embedder, siteUrl)
          : this.#estimated(document, settings, embedder);
      const { id: documentId, projectId } = document;
      plans.push(stored[i] ?? (await make().catch(() => ({ documentId, projectId, hash: 'none', chunks: [] }))));
    }
    return plans;
  }

  /** The chunks of other settings; nothing is kept. */
  async preview(
    documentId: string,
    settings: ChunkSettings,
    embedder: Embedder | null,
    siteUrl: string,
  ): Promise<Chunk[]> {
    const counter = embedder && (await this.#counter(embedder, siteUrl).catch(() => null));
    const text = await this.store.text(documentId);
    return text ? cut(text, settings, embedder?.maxTokens ?? settings.maxTokens, counter?.count ?? estimate) : [];
  }

  async #estimated(document: Document, settings: ChunkSettings, embedder: Embedder | null): Promise<ChunkPlan> {
    const hash = `estimated ${await this.#hash(document, settings, embedder)}`;
    const known = this.#kept.get(keyOf(document));
    if (known?.hash === hash) return known;
    return this.#cut(document, hash, settings, embedder?.maxTokens ?? settings.maxTokens, estimate);
  }

  async #cut(
    document: Document,
    hash: string,
    settings: ChunkSettings,
    limit: number,
    count: (text: string) => number,
    signal?: AbortSignal,
  ): Promise<ChunkPlan> {
    const { id: documentId, projectId } = document;
    const text = await this.store.text(documentId);
    if (!text)
      throw new Error(`corpus: the text of "${document.name}" must be stored, got none. Remove it and add it again.`);
    const plan = { documentId, projectId, hash, chunks: await cut(text, settings, limit, count, signal) };
    this.#kept.set(keyOf(document), plan);
    return plan;
  }

  #hash(document: Document, settings: ChunkSettings, embedder: Embedder | null): Promise<string> {
    const key = originOf(document, settings, embedder);
    const known = this.#hashes.get(key) ?? planHash(document, settings, embedder);
    this.#hashes.set(key, known);
    return known;
  }

  #counter(embedder: Embedder, siteUrl: string): Promise<TokenCounter> {
    const key = embedderKey(embedder);
    const known = this.#counters.get(key) ?? this.#readCounter(embedder, siteUrl);
    this.#counters.set(key, known);
    known.catch(() => this.#counters.delete(key)); // it may be in reach the next time
    return known;
  }

  async #readCounter(embedder: Embedder, siteUrl: string): Promise<TokenCounter> {
    const files = this.store.embedderFiles(embedder, siteUrl);
    const [tokenizer, config] = await Promise.all(
      ['tokenizer.json', 'tokenizer_config.json'].map((path) => files.read(path)),
    );
    if (!tokenizer)
      throw new Error(
        `${embedder.name}: its folder must hold tokenizer.json, got none. Choose another embedder or add it again.`,
      );
    const decoder = new TextDecoder();
    const configuration = config ? decoder.decode(config) : '{}';
    return tokenCounter(decoder.decode(tokenizer), configuration, embedder.passagePrefix);
  }
}

const keyOf = ({ id, createdAt }: Document): string => `${id} ${createdAt}`;
