// The files of a corpus, from documents with their chunks and rows: data/documents/, metadata.json, index.faiss. Pure.
import { fileName, writeMetadata, type CorpusChunk, type CorpusDocument } from '../src/formats/corpusFiles.ts';
import { writeFaiss } from '../src/formats/faiss.ts';
import type { NewPart } from '../src/formats/zip.ts';
import type { Chunk, ChunkSettings } from '../src/records/corpus.ts';
import type { Document, MediaType } from '../src/records/document.ts';
import type { Embedder } from '../src/records/embedder.ts';
import { readerOf } from '../src/retrieval/read/index.ts';

export interface Leaving {
  document: Document;
  /** Its bytes as they came, or its text. */
  data: Blob;
  /** Of `data`. */
  mediaType: MediaType;
  text: string;
  chunks: readonly Chunk[];
  /** Of the first chunks: [n, dim] in pieces. */
  rows: readonly Float32Array[];
}

/** Of what was pasted, renamed, or kept without its bytes. */
const EXTENSIONS: Record<MediaType, string> = {
  'text/plain': '.txt',
  'text/markdown': '.md',
  'text/html': '.html',
  'application/pdf': '.pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
  'text/csv': '.csv',
  'application/json': '.json',
  'application/jsonl': '.jsonl',
};
/** Compressed already. */
const PACKED = /\.(pdf|docx)$/i;

/** One document after the other; then what was gathered on the way. The ids of chunks are their positions. */
export async function* corpusParts(
  leaving: AsyncIterable<Leaving>,
  embedder: Embedder,
  chunking: ChunkSettings,
): AsyncGenerator<NewPart> {
  const taken = new Set<string>();
  const documents: CorpusDocument[] = [];
  const chunks: CorpusChunk[] = [];
  const vectors: { id: number; rows: Float32Array }[] = [];
  for await (const { document, data, mediaType, text, chunks: cut, rows } of leaving) {
    const { name, sha256, pages } = document;
    const file = fileName(name, readerOf(name, '') === mediaType ? null : EXTENSIONS[mediaType], taken);
    let id = chunks.length;
    for (const piece of rows) {
      vectors.push({ id, rows: piece });
      id += piece.length / embedder.dim;
    }
    for (const chunk of cut)
      chunks.push({
        ...chunk,
        id: chunks.length,
        document: documents.length,
        text: text.slice(chunk.start, chunk.end),
      });
    documents.push({ file, name, sha256, mediaType, pages });
    yield { path: `data/documents/${file}`, data, deflate: !PACKED.test(file) };
  }
  const metadata = new Blob([...writeMetadata(embedder, chunking, documents, chunks)]);
  yield { path: 'data/metadata.json', data: metadata, deflate: true };
  yield { path: 'data/index.faiss', data: new Blob(faissOf(vectors, embedder.dim)), deflate: false };
}

/** A document that is embedded in part leaves a gap in the ids. */
function faissOf(vectors: readonly { id: number; rows: Float32Array }[], dim: number): Uint8Array<ArrayBuffer>[] {
  const count = vectors.reduce((sum, { rows }) => sum + rows.length / dim, 0);
  const ids = new BigInt64Array(count);
  const all = new Float32Array(count * dim);
  let row = 0;
  for (const { id, rows } of vectors) {
    all.set(rows, row * dim);
    for (let i = 0; i < rows.length / dim; i++) ids[row++] = BigInt(id + i);
  }
  return writeFaiss({ dim, ids, rows: all, metric: 'ip' });
}
