// A corpus in memory: documents, plans and rows in maps, and an embedder that hashes words instead of a model.
import type { ChunkPlan, CorpusSettings } from '../../src/records/corpus.ts';
import { DOCUMENT_VERSION, type Document, type DocumentText } from '../../src/records/document.ts';
import type { Embedder } from '../../src/records/embedder.ts';
import { readRows, writeRows } from '../../src/formats/rows.ts';
import type { CorpusStore } from '../../src/retrieval/corpusStore.ts';
import type { EmbedModule } from '../../src/retrieval/openEmbedders.ts';

export const DIM = 64;

export const embedderNamed = (id: string): Embedder => ({
  ...{ id, name: id, url: `models/${id}/`, file: 'onnx/model.onnx', sha256: `${id}-hash`, bytes: 10, dim: DIM },
  ...{ maxTokens: 64, pooling: 'mean', queryPrefix: '', passagePrefix: '', languages: [], license: 'none' },
});

/** Every word is one token. */
const TOKENIZER = {
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: null,
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[UNK]': 0 },
  },
};

export const settings = (change: Partial<CorpusSettings> = {}): CorpusSettings => ({
  embedderId: 'first',
  chunks: { maxTokens: 32, overlapTokens: 0, maxSentences: 1 },
  retrieval: { method: 'weighted', weight: 0.5, diversity: 0, index: 'exact' },
  ...change,
});

/** Sentences of their own that share words with each other. */
export const sentencesAbout = (topic: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `Line ${i} of the ${topic} tells about item${(i * 7) % count}.`).join(' ');

export class MemoryStore implements CorpusStore {
  readonly all = new Map<string, Document>();
  readonly texts = new Map<string, DocumentText>();
  readonly plans = new Map<string, ChunkPlan>();
  /** Whole files, by document and first chunk. */
  readonly files = new Map<string, Map<number, Uint8Array<ArrayBuffer>>>();
  readonly embedders = new Map(['first', 'second'].map((id) => [id, embedderNamed(id)]));
  readonly brought = new Map<string, string[]>();
  tokenizerMissing = false;
  onPutRows: (documentId: string) => void = () => undefined;
  #came = 0;

  add(id: string, text: string, projectId = 'p', markdown = false): Document {
    const pages = null;
    const document: Document = {
      ...{ id, projectId, name: `${id}.txt`, mediaType: 'text/plain', sha256: `hash of ${text}`, bytes: text.length },
      ...{ characters: text.length, words: 1, pages, emptyPages: [], version: DOCUMENT_VERSION },
      createdAt: `2030-01-01T00:00:${String(this.#came++).padStart(2, '0')}Z`,
    };
    this.all.set(id, document);
    this.texts.set(id, { documentId: id, projectId, text, markdown, pages });
    return document;
  }
  change(id: string, change: Partial<Document>): void {
    this.all.set(id, { ...(this.all.get(id) as Document), ...change });
  }
  /** All kept rows of a document whatever made them, in the order of their chunks. */
  async kept(id: string): Promise<number[]> {
    const segments = (await this.segments(id)).sort((a, b) => a.first - b.first);
    const rows = await Promise.all(segments.map(({ first }) => this.rows(id, first)));
    return rows.flatMap((segment) => [...(segment?.rows ?? [])]);
  }

  async documents(projectId: string) {
    return [...this.all.values()].filter((one) => one.projectId === projectId && !one.deletedAt);
  }
  async document(id: string) {
    return this.all.get(id) ?? null;
  }
  async text(id: string) {
    return this.texts.get(id) ?? null;
  }
  async plan(id: string) {
    return structuredClone(this.plans.get(id) ?? null);
  }
  async putPlan(plan: ChunkPlan) {
    if (this.all.has(plan.documentId)) this.plans.set(plan.documentId, structuredClone(plan));
  }
  async embedder(id: string) {
    return this.embedders.get(id) ?? null;
  }
  embedderFiles() {
    return {
      read: async (path: string) =>
        this.tokenizerMissing || !path.startsWith('tokenizer')
          ? null
          : new TextEncoder().encode(path === 'tokenizer.json' ? JSON.stringify(TOKENIZER) : '{}'),
    };
  }
  async putEmbedder(embedder: Embedder, files: readonly { path: string }[]) {
    this.embedders.set(embedder.id, embedder);
    this.brought.set(
      embedder.id,
      files.map(({ path }) => path),
    );
    return embedder;
  }
  async removeEmbedder(id: string) {
    this.embedders.delete(id);
    this.brought.delete(id);
  }
  async segments(id: string) {
    return [...(this.files.get(id) ?? [])].map(([, bytes]) => readRows(bytes, id));
  }
  async rows(id: string, first: number) {
    const bytes = this.files.get(id)?.get(first);
    return bytes ? readRows(bytes, id) : null;
  }
  async putRows(...[id, rows, dim, origin]: Parameters<CorpusStore['putRows']>) {
    this.onPutRows(id);
    const own = this.files.get(id) ?? new Map<number, Uint8Array<ArrayBuffer>>();
    this.files.set(id, own.set(origin.first, writeRows(rows, dim, origin)));
  }
  async dropRows(id: string, first?: number) {
    if (first === undefined) this.files.delete(id);
    else this.files.get(id)?.delete(first);
  }
  alone<T>(_: AbortSignal, work: () => Promise<T>) {
    return work();
  }
}

/** Unit vectors of word counts, hashed into DIM places: texts that share words are near each other. */
export function hashed(text: string): Float32Array {
  const row = new Float32Array(DIM);
  for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
    let hash = 2166136261;
    for (const letter of word) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
    row[(hash >>> 0) % DIM] = (row[(hash >>> 0) % DIM] ?? 0) + 1;
  }
  const length = Math.hypot(...row) || 1;
  return row.map((value) => value / length);
}

/** Stands in for the module that runs models: what it was asked, and what happens at its next embedding. */
export class HashEmbedder {
  readonly passages: string[] = [];
  readonly queries: string[] = [];
  batches = 0;
  tried = 0;
  opened = 0;
  closed = 0;
  cannotOpen = false;
  /** What is found to be faster, how often that was asked, and what embedded something. */
  faster: 'wasm' | 'webgpu' = 'wasm';
  timed = 0;
  readonly devices = new Set<string>();
  /** Called before each batch of passages, with its number from 1. */
  onBatch: (batch: number) => void | Promise<void> = () => undefined;

  readonly load = async (): Promise<EmbedModule> => ({
    fasterDevice: async () => {
      this.timed++;
      return this.faster;
    },
    openEmbedder: async (embedder, _files, onProgress, device = 'wasm') => {
      this.tried++;
      if (this.cannotOpen) throw new Error('no model here');
      this.opened++;
      onProgress?.(embedder.bytes, embedder.bytes);
      return {
        embedder,
        device,
        embed: async (texts, as) => {
          this.devices.add(device);
          if (as === 'query') this.queries.push(...texts);
          else {
            await this.onBatch(++this.batches);
            this.passages.push(...texts);
          }
          const rows = new Float32Array(texts.length * DIM);
          for (const [i, text] of texts.entries()) rows.set(hashed(text), i * DIM);
          return rows;
        },
        dispose: async () => {
          this.closed++;
        },
      };
    },
    inspectFolder: async (files, paths, name) => {
      if (!(await files.read('tokenizer.json'))) throw new Error('no tokenizer');
      const file = paths.find((path) => path.endsWith('.onnx')) ?? '';
      return { ...embedderNamed('brought'), name, url: null, file };
    },
  });
}
