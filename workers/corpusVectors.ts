// Which vectors of a foreign index may serve here: those of the very embedder in use, whole and named by metadata.json.
import type { CorpusChunk, CorpusMetadata } from '../src/formats/corpusFiles.ts';
import { readFaiss } from '../src/formats/faiss.ts';
import type { Embedder } from '../src/records/embedder.ts';

/** Why vectors are left where they are; in words. */
export class Unfit extends Error {
  override name = 'Unfit';
  constructor(rule: string, got: unknown, remedy = 'Index the documents here instead.') {
    super(`${rule}, got ${String(got)}. ${remedy}`);
  }
}

/** Vectors whose length is off by more are scaled: rows here have the length 1. */
const LENGTH_TOLERANCE = 1e-4;

export class Vectors {
  readonly #rows: Float32Array;
  readonly #dim: number;
  readonly #rowOf: Map<number, number>;

  /** Throws an Unfit, or what the reader of the index says. */
  constructor(bytes: Uint8Array, { embedder, chunks }: CorpusMetadata, own: Embedder) {
    checkEmbedder(embedder, own);
    const { dim, ids, rows } = readFaiss(bytes);
    if (dim !== own.dim) throw new Unfit(`index.faiss: vectors must have ${own.dim} dimensions`, dim);
    this.#dim = dim;
    this.#rows = rows;
    this.#rowOf = new Map(Array.from(ids, (id, row) => [Number(id), row]));
    if (this.#rowOf.size !== ids.length) throw new Unfit('index.faiss: every id must be there once', 'one twice');
    const known = new Set(chunks.map(({ id }) => id));
    if (known.size !== chunks.length) throw new Unfit('metadata.json: every id must be there once', 'one twice');
    for (const id of this.#rowOf.keys())
      if (!known.has(id)) throw new Unfit('index.faiss: every id must be the id of a chunk in metadata.json', id);
    for (let row = 0; row < ids.length; row++)
      toUnitLength(rows.subarray(row * dim, (row + 1) * dim), Number(ids[row]));
  }

  /** Of the first chunks, up to the first that has none: [n, dim] */
  of(chunks: readonly CorpusChunk[]): Float32Array {
    const missing = chunks.findIndex(({ id }) => !this.#rowOf.has(id));
    const count = missing < 0 ? chunks.length : missing;
    const found = new Float32Array(count * this.#dim);
    for (const [i, { id }] of chunks.slice(0, count).entries()) {
      const at = (this.#rowOf.get(id) ?? 0) * this.#dim;
      found.set(this.#rows.subarray(at, at + this.#dim), i * this.#dim);
    }
    return found;
  }
}

function checkEmbedder(embedder: CorpusMetadata['embedder'], own: Embedder): void {
  const choose = 'Choose the embedder that made them and import again, or index the documents here.';
  if (!embedder) throw new Unfit('metadata.json: "embedder" must say what made the vectors', 'nothing');
  if (embedder.id !== own.id) throw new Unfit(`metadata.json: the embedder must be ${own.id}`, embedder.id, choose);
  if (embedder.sha256 === null)
    throw new Unfit(`metadata.json: embedder.sha256 must be that of ${own.file} (${own.sha256})`, 'nothing');
  if (embedder.sha256.toLowerCase() !== own.sha256)
    throw new Unfit(`metadata.json: embedder.sha256 must be ${own.sha256}`, embedder.sha256, choose);
  if (embedder.dim !== own.dim) throw new Unfit(`metadata.json: embedder.dim must be ${own.dim}`, embedder.dim);
}

function toUnitLength(row: Float32Array, id: number): void {
  const length = Math.hypot(...row);
  if (!(length > 0)) throw new Unfit(`index.faiss: vector ${id} must have a direction`, 'zeros');
  if (Math.abs(length - 1) <= LENGTH_TOLERANCE) return;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] ?? 0) / length;
}
