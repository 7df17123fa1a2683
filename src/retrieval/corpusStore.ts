// What a corpus needs of storage. workers/corpusStore.ts keeps it in the browser, a test in memory. Types only.
import type { ChunkPlan } from '../records/corpus.ts';
import type { Document, DocumentText } from '../records/document.ts';
import type { Embedder } from '../records/embedder.ts';
import type { RowsOrigin } from '../formats/rows.ts';
import type { EmbedderFiles } from './embed.ts';

/** A kept run of rows, without its values. */
export interface Segment extends RowsOrigin {
  count: number;
}

export interface CorpusStore {
  /** Of the project, always in the same order, deleted ones left out. */
  documents(projectId: string): Promise<Document[]>;
  /** Deleted ones, too, while that can be undone; null once it is gone. */
  document(documentId: string): Promise<Document | null>;
  text(documentId: string): Promise<DocumentText | null>;
  plan(documentId: string): Promise<ChunkPlan | null>;
  /** Keeps nothing for a document that is gone. */
  putPlan(plan: ChunkPlan): Promise<void>;

  /** The one that ships, or one that was brought; null when there is none. */
  embedder(id: string): Promise<Embedder | null>;
  embedderFiles(embedder: Embedder, siteUrl: string): EmbedderFiles;
  /** Returns the one that is kept: of a model that is there already only lost files are written again. */
  putEmbedder(embedder: Embedder, files: readonly { path: string; file: Blob }[]): Promise<Embedder>;
  removeEmbedder(id: string): Promise<void>;

  /** What can be read of it, whatever made it. */
  segments(documentId: string): Promise<Segment[]>;
  /** With its values [count, dim]; null when they are gone. */
  rows(documentId: string, first: number): Promise<(Segment & { rows: Float32Array }) | null>;
  putRows(documentId: string, rows: Float32Array, dim: number, origin: RowsOrigin): Promise<void>;
  /** One segment, or all of the document. */
  dropRows(documentId: string, first?: number): Promise<void>;

  /** One at a time over all tabs; waiting ends with an AbortError when the signal does. */
  alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}
