// Which rows of a document are kept, as a chain of segments, and all rows of some documents as one array.
import type { ChunkPlan } from '../records/corpus.ts';
import { embedderKey, type Embedder } from '../records/embedder.ts';
import type { CorpusStore, Segment } from './corpusStore.ts';

/** The segments of this embedder and plan that follow one another from row 0. */
export function chain(segments: readonly Segment[], embedder: string, plan: string): Segment[] {
  const own = new Map(segments.filter((s) => s.embedder === embedder && s.plan === plan).map((s) => [s.first, s]));
  const found: Segment[] = [];
  for (let at = 0, next = own.get(0); next; next = own.get(at)) {
    found.push(next);
    at += next.count;
  }
  return found;
}

const rowsOf = (segments: readonly Segment[]): number => segments.reduce((sum, { count }) => sum + count, 0);

export class KeptRows {
  /** Plans whose rows are all there, by document, plan and embedder: they need not be looked for again. */
  readonly #whole = new Set<string>();

  constructor(private readonly store: CorpusStore) {}

  /** How many chunks of the plan have rows; `stale`: rows lie there that serve no plan of today. */
  async count(
    documentId: string,
    plan: ChunkPlan | null,
    embedder: Embedder | null,
  ): Promise<{ embedded: number; stale: boolean }> {
    if (plan && embedder && this.#whole.has(keyOf(plan, embedder)))
      return { embedded: plan.chunks.length, stale: false };
    const segments = await this.store.segments(documentId);
    const own = plan && embedder ? chain(segments, embedderKey(embedder), plan.hash) : [];
    const embedded = Math.min(rowsOf(own), plan?.chunks.length ?? 0);
    const stale = own.length < segments.length;
    if (plan && embedder && embedded === plan.chunks.length && !stale) this.#whole.add(keyOf(plan, embedder));
    return { embedded, stale };
  }

  /** Removes what serves no longer. Returns how many rows of the plan there are. */
  async clean(plan: ChunkPlan, embedder: Embedder): Promise<number> {
    const { documentId } = plan;
    const segments = await this.store.segments(documentId);
    const own = chain(segments, embedderKey(embedder), plan.hash);
    if (own.length === 0 && segments.length > 0) await this.store.dropRows(documentId);
    else for (const one of segments) if (!own.includes(one)) await this.store.dropRows(documentId, one.first);
    return rowsOf(own);
  }

  /** The plans, in order, that have all of their rows. */
  async whole(plans: readonly ChunkPlan[], embedder: Embedder): Promise<ChunkPlan[]> {
    const counts = await Promise.all(plans.map((plan) => this.count(plan.documentId, plan, embedder)));
    return plans.filter((plan, i) => counts[i]?.embedded === plan.chunks.length);
  }

  /** True when each of the plans has all of its rows; asks no further than the first that has not. */
  async areWhole(plans: readonly ChunkPlan[], embedder: Embedder): Promise<boolean> {
    for (const plan of plans)
      if ((await this.count(plan.documentId, plan, embedder)).embedded < plan.chunks.length) return false;
    return true;
  }

  /** The rows of whole plans one after another: [chunks, dim]. */
  async load(plans: readonly ChunkPlan[], embedder: Embedder): Promise<Float32Array> {
    const { dim } = embedder;
    const all = new Float32Array(plans.reduce((sum, { chunks }) => sum + chunks.length, 0) * dim);
    let at = 0;
    for (const plan of plans) {
      const end = at + plan.chunks.length * dim;
      if (at === end) continue;
      for (const { first } of chain(await this.store.segments(plan.documentId), embedderKey(embedder), plan.hash)) {
        const rows = await this.store.rows(plan.documentId, first);
        if (!rows) break;
        all.set(rows.subarray(0, end - at), at);
        at += Math.min(rows.length, end - at);
      }
      if (at < end) {
        this.#whole.delete(keyOf(plan, embedder)); // another tab has cut the document anew
        throw new Error(`corpus: ${plan.chunks.length} rows must be kept, got fewer. Index the documents again.`);
      }
    }
    return all;
  }

  /** Forgets what was seen. */
  clear(): void {
    this.#whole.clear();
  }
}

const keyOf = ({ documentId, hash }: ChunkPlan, embedder: Embedder): string =>
  `${documentId} ${hash} ${embedderKey(embedder)}`;
