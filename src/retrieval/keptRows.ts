// Which rows of a document are kept, as a chain of segments, and all rows of some documents as one array.
import type { ChunkPlan } from '../records/corpus.ts';
import { embedderKey, type Embedder } from '../records/embedder.ts';
import type { CorpusStore, Segment } from './corpusStore.ts';

/** Storage answers several questions at once faster than one after another. */
const AT_ONCE = 16;

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

interface Seen {
  /** Of the plan; [] where plan or embedder are unknown. */
  own: readonly Segment[];
  /** Other rows lie there. */
  stale: boolean;
}

/** A plan with all of its rows. */
export interface Whole {
  plan: ChunkPlan;
  segments: readonly Segment[];
}

export class KeptRows {
  /** Plans whose rows are all there, by document, plan and embedder: they need not be looked for again. */
  readonly #whole = new Map<string, Seen>();

  constructor(private readonly store: CorpusStore) {}

  /** How many chunks of the plan have rows; `stale`: rows lie there that do not serve it. */
  async count(
    documentId: string,
    plan: ChunkPlan | null,
    embedder: Embedder | null,
  ): Promise<{ embedded: number; stale: boolean }> {
    const { own, stale } = await this.#look(documentId, plan, embedder);
    return { embedded: rowsOf(own), stale };
  }

  /** Removes what does not serve the plan. Returns how many of its rows there are. */
  async clean(plan: ChunkPlan, embedder: Embedder): Promise<number> {
    const { documentId } = plan;
    const { own, stale } = await this.#look(documentId, plan, embedder);
    if (stale) this.#forget(documentId); // what served another plan goes now
    if (stale && own.length === 0) await this.store.dropRows(documentId);
    else if (stale) {
      const firsts = new Set(own.map(({ first }) => first));
      for (const { first } of await this.store.segments(documentId))
        if (!firsts.has(first)) await this.store.dropRows(documentId, first);
    }
    return rowsOf(own);
  }

  /** Those of the plans, in order, that have all of their rows. */
  async whole(plans: readonly ChunkPlan[], embedder: Embedder): Promise<Whole[]> {
    const found: Whole[] = [];
    for await (const one of this.#each(plans, embedder)) if (one) found.push(one);
    return found;
  }

  /** True when each of the plans has all of its rows; looks little further than the first that has not. */
  async areWhole(plans: readonly ChunkPlan[], embedder: Embedder): Promise<boolean> {
    for await (const one of this.#each(plans, embedder)) if (!one) return false;
    return true;
  }

  /** The rows of the plans one after another: [chunks, dim]. */
  async load(wholes: readonly Whole[], embedder: Embedder): Promise<Float32Array> {
    const { dim } = embedder;
    const all = new Float32Array(wholes.reduce((sum, { plan }) => sum + plan.chunks.length, 0) * dim);
    const parts: { plan: ChunkPlan; segment: Segment; at: number }[] = [];
    let start = 0;
    for (const { plan, segments } of wholes) {
      for (const segment of segments) parts.push({ plan, segment, at: start + segment.first * dim });
      start += plan.chunks.length * dim;
    }
    for (let from = 0; from < parts.length; from += AT_ONCE)
      await Promise.all(
        parts.slice(from, from + AT_ONCE).map(async ({ plan, segment: { first, count }, at }) => {
          const found = await this.store.rows(plan.documentId, first);
          const own = found?.embedder === embedderKey(embedder) && found.plan === plan.hash && found.first === first;
          if (own && found.rows.length === count * dim) return all.set(found.rows, at);
          this.clear(); // another tab has embedded the document anew
          const got = own ? found.count : 'none or others';
          throw new Error(`corpus: ${count} rows of these chunks must be kept, got ${got}. Index again.`);
        }),
      );
    return all;
  }

  /** Forgets what was seen. */
  clear(): void {
    this.#whole.clear();
  }

  #forget(documentId: string): void {
    for (const key of this.#whole.keys()) if (key.startsWith(`${documentId} `)) this.#whole.delete(key);
  }

  async #look(documentId: string, plan: ChunkPlan | null, embedder: Embedder | null): Promise<Seen> {
    const known = plan && embedder && this.#whole.get(keyOf(plan, embedder));
    if (known) return known;
    const segments = await this.store.segments(documentId);
    const chained = plan && embedder ? chain(segments, embedderKey(embedder), plan.hash) : [];
    const own = rowsOf(chained) <= (plan?.chunks.length ?? 0) ? chained : []; // rows of other chunks, whatever they say
    const seen = { own, stale: own.length < segments.length };
    if (plan && embedder && rowsOf(own) === plan.chunks.length) this.#whole.set(keyOf(plan, embedder), seen);
    return seen;
  }

  async *#each(plans: readonly ChunkPlan[], embedder: Embedder): AsyncGenerator<Whole | null> {
    for (let from = 0; from < plans.length; from += AT_ONCE)
      yield* await Promise.all(
        plans.slice(from, from + AT_ONCE).map(async (plan): Promise<Whole | null> => {
          const { own } = await this.#look(plan.documentId, plan, embedder);
          return rowsOf(own) === plan.chunks.length ? { plan, segments: own } : null;
        }),
      );
  }
}

const keyOf = ({ documentId, hash }: ChunkPlan, embedder: Embedder): string =>
  `${documentId} ${hash} ${embedderKey(embedder)}`;
