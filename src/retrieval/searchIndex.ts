// The chunks of a project ready to be searched: their words, and the vectors of the documents that have all rows.
import type { ChunkPlan, RetrievalSettings } from '../records/corpus.ts';
import { pageAt, type Document, type DocumentText } from '../records/document.ts';
import { embedderKey, type Embedder } from '../records/embedder.ts';
import type { Passage } from '../records/generation.ts';
import type { KeptRows } from './keptRows.ts';
import { LexicalIndex } from './lexical.ts';
import { openVectorIndex, type VectorIndex } from './vectorIndex.ts';

export interface Part {
  document: Document;
  text: DocumentText | null;
  plan: ChunkPlan;
}

/** The vectors of some of the documents: their rows are counted apart from the chunks of all. */
export interface Vectors {
  index: VectorIndex;
  /** Chunk → vector, −1 where there is none; vector → chunk. */
  rowOf: Int32Array;
  chunkOf: Int32Array;
}

/** What vectors are built of. */
export interface Built {
  embedder: Embedder;
  wanted: RetrievalSettings['index'];
  kept: KeptRows;
}

const keyOf = ({ embedder, wanted }: Built): string => `${embedderKey(embedder)} ${wanted}`;

export class SearchIndex {
  readonly size: number;
  readonly lexical: LexicalIndex;
  /** Of each part. */
  readonly #first: Int32Array;
  /** Of each chunk. */
  readonly #part: Int32Array;
  #vectors: { key: string; documents: ReadonlySet<string>; open: Vectors } | null = null;

  constructor(
    readonly key: string,
    readonly parts: readonly Part[],
  ) {
    this.size = parts.reduce((sum, { plan }) => sum + plan.chunks.length, 0);
    this.#first = new Int32Array(parts.length);
    this.#part = new Int32Array(this.size);
    let at = 0;
    for (const [i, { plan }] of parts.entries()) {
      this.#first[i] = at;
      this.#part.fill(i, at, (at += plan.chunks.length));
    }
    this.lexical = new LexicalIndex(chunkTexts(parts));
  }

  documentOf(chunk: number): string {
    return this.#partOf(chunk).document.id;
  }

  /** Under the name that the document has now. */
  passage(chunk: number, names: ReadonlyMap<string, string>): Passage {
    const { document, text, plan } = this.#partOf(chunk);
    const cut = plan.chunks[chunk - (this.#first[this.#part[chunk] ?? 0] ?? 0)];
    if (!cut) throw new Error(`searchIndex: a chunk must be below ${this.size}, got ${chunk}. Search again.`);
    return {
      documentId: document.id,
      documentName: names.get(document.id) ?? document.name,
      start: cut.start,
      end: cut.end,
      text: text?.text.slice(cut.start, cut.end) ?? '',
      page: cut.page,
      headings: cut.headings,
    };
  }

  /** Whether vectors can serve: each of these documents has all of its rows. */
  async covers(documentIds: ReadonlySet<string>, how: Built): Promise<boolean> {
    if (this.#serving(documentIds, how)) return true;
    const plans = this.parts.map(({ plan }) => plan).filter(({ documentId }) => documentIds.has(documentId));
    return plans.some(({ chunks }) => chunks.length > 0) && how.kept.areWhole(plans, how.embedder);
  }

  /** The vectors of all documents that have all of their rows: built when those that there are do not serve. */
  async vectors(documentIds: ReadonlySet<string>, how: Built): Promise<Vectors> {
    const serving = this.#serving(documentIds, how);
    if (serving) return serving;
    const { embedder, wanted, kept } = how;
    const wholes = await kept.whole(
      this.parts.map(({ plan }) => plan),
      embedder,
    );
    const rows = await kept.load(wholes, embedder);
    this.dispose(); // before the next one: both would take the memory twice
    const index = await openVectorIndex(rows, embedder.dim, wanted);
    const documents = new Set(wholes.map(({ plan }) => plan.documentId));
    this.#vectors = { key: keyOf(how), documents, open: { index, ...this.#places(documents, index.size) } };
    return this.#vectors.open;
  }

  #serving(documentIds: ReadonlySet<string>, how: Built): Vectors | null {
    const now = this.#vectors;
    return now?.key === keyOf(how) && [...documentIds].every((id) => now.documents.has(id)) ? now.open : null;
  }

  dispose(): void {
    this.#vectors?.open.index.dispose();
    this.#vectors = null;
  }

  #partOf(chunk: number): Part {
    return this.parts[this.#part[chunk] ?? 0] as Part;
  }

  #places(documents: ReadonlySet<string>, rows: number): Pick<Vectors, 'rowOf' | 'chunkOf'> {
    const rowOf = new Int32Array(this.size).fill(-1);
    const chunkOf = new Int32Array(rows);
    let row = 0;
    for (let chunk = 0; chunk < this.size; chunk++)
      if (documents.has(this.documentOf(chunk))) {
        rowOf[chunk] = row;
        chunkOf[row++] = chunk;
      }
    return { rowOf, chunkOf };
  }
}

/** With the headings above: what a section is about often stands there alone. Embedded, they find less (bench). */
function* chunkTexts(parts: readonly Part[]): Generator<string> {
  for (const { text, plan } of parts)
    for (const { start, end, headings } of plan.chunks) yield [...headings, text?.text.slice(start, end)].join(' ');
}

/** A sentence as a passage. */
export function sentencePassage(document: Document, text: DocumentText, start: number, end: number): Passage {
  const page = pageAt(text.pages, start);
  return { documentId: document.id, documentName: document.name, start, end, text: text.text.slice(start, end), page };
}
