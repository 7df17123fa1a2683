// The corpus of the open project: its settings, what of it is indexed, and the verbs that index and search it.
import {
  CHUNK_RANGES,
  defaultCorpus,
  validateCorpus,
  type ChunkSettings,
  type CorpusSettings,
  type CorpusStatus,
  type Outline,
} from '../records/corpus.ts';
import type { BaseModel } from '../records/baseModel.ts';
import { USE_LITE, type Embedder } from '../records/embedder.ts';
import type { Passage } from '../records/generation.ts';
import type { SearchOptions, SearchResult } from '../../workers/api.ts';
import { corpusStatus, type CorpusNow } from './corpusStatus.svelte.ts';
import { documents } from './documents.svelte.ts';
import { embedders } from './embedders.svelte.ts';
import { engine } from './engine.svelte.ts';
import { advance, documentState, needOf, type DocumentState, type Need, type Progress } from './indexing.ts';
import { describe } from './indexingWords.ts';
import { sentence, t } from './language.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';
import { retrieval } from './retrieval.ts';
import { router } from './router.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { work } from './work.ts';

interface Job {
  id: string;
  projectId: string;
  progress: Progress | null;
  stopping: boolean;
  done: Promise<boolean>;
}
interface Draft {
  projectId: string;
  chunks: ChunkSettings;
}
interface Known {
  projectId: string;
  status: CorpusStatus;
}

const isDraft = (value: unknown): value is Draft | null => {
  if (value === null) return true;
  try {
    const { projectId, chunks } = value as Draft;
    validateCorpus({ ...defaultCorpus(engine.model, USE_LITE.id), chunks });
    return typeof projectId === 'string';
  } catch {
    return false;
  }
};
const same = (a: ChunkSettings, b: ChunkSettings): boolean =>
  a.maxTokens === b.maxTokens && a.overlapTokens === b.overlapTokens && a.maxSentences === b.maxSentences;

class Corpus {
  #known = $state.raw<Known | null>(null);
  #jobs = $state.raw<readonly Job[]>([]);
  #failed = $state('');
  #unknown = $state('');
  /** Moved sliders, not yet applied. */
  #draft = new Persisted<Draft | null>('chunks-draft', null, isDraft);
  #asking = false;
  #askAgain = false;

  /** As saved with the project, or what works best with the model in use. */
  get settings(): CorpusSettings {
    const settings = projects.current?.corpus ?? defaultCorpus(engine.model, USE_LITE.id);
    const embedder = embedders.find(settings.embedderId);
    const maxTokens = Math.min(settings.chunks.maxTokens, embedder.maxTokens);
    return { ...settings, embedderId: embedder.id, chunks: { ...settings.chunks, maxTokens } };
  }
  /** The model in use: what works best with it is offered. */
  get model(): BaseModel {
    return engine.model;
  }
  get embedder(): Embedder {
    return embedders.find(this.settings.embedderId);
  }
  /** The chunk settings that the page shows: moved sliders before saved ones. */
  get chunks(): ChunkSettings {
    const draft = this.#draft.value;
    return draft && draft.projectId === projects.current?.id ? draft.chunks : this.settings.chunks;
  }
  get chunksChanged(): boolean {
    return !same(this.chunks, this.settings.chunks);
  }
  get chunksUsual(): boolean {
    return same(this.chunks, this.#usual);
  }
  /** null while unknown. */
  get status(): CorpusStatus | null {
    return this.#known?.projectId === projects.current?.id ? (this.#known?.status ?? null) : null;
  }
  get need(): Need {
    const need: Need = this.status ? needOf(this.status) : { kind: 'none', documents: 0 };
    const some = this.status?.documents.some(({ embedded }) => embedded > 0) ?? false;
    return this.chunksChanged && some ? { kind: 'again', documents: documents.list.length } : need;
  }
  /** Of the indexing of the open project; null before it begins and when there is none. */
  get progress(): Progress | null {
    return this.#job?.progress ?? null;
  }
  get indexing(): boolean {
    return this.#job !== undefined;
  }
  get stopping(): boolean {
    return this.#job?.stopping ?? false;
  }
  /** Why the last indexing ended early, or why nothing is known; "" when all is well. */
  get problem(): string {
    return this.#failed || this.#unknown;
  }

  get #usual(): ChunkSettings {
    const { chunks } = defaultCorpus(engine.model, USE_LITE.id);
    return { ...chunks, maxTokens: Math.min(chunks.maxTokens, this.embedder.maxTokens) };
  }

  get #job(): Job | undefined {
    return this.#jobs.find((job) => job.projectId === projects.current?.id);
  }

  /** Chunks of a document and how far it is; null while unknown. */
  of(documentId: string): { state: DocumentState; chunks: number; embedded: number } | null {
    const one = this.status?.documents.find((document) => document.documentId === documentId);
    return one ? { ...one, state: documentState(one, this.status?.stale ?? false) } : null;
  }

  /** Asks the worker what is indexed; calls while it answers become one more question. */
  async refresh(): Promise<void> {
    this.#askAgain = true;
    if (this.#asking) return;
    this.#asking = true;
    try {
      await embedders.load();
      while (this.#askAgain) {
        this.#askAgain = false;
        const projectId = projects.current?.id;
        if (projectId) this.#known = { projectId, status: await retrieval.status(projectId, this.settings) };
        this.#unknown = '';
      }
    } catch (error) {
      this.#unknown = sentence(error);
    } finally {
      this.#asking = false;
    }
  }

  async save(change: Partial<CorpusSettings>): Promise<void> {
    if (projects.current) await projects.setCorpus(projects.current.id, { ...this.settings, ...change });
  }

  /** Moves a slider: the page previews it, the next indexing applies it. */
  draft(change: Partial<ChunkSettings>): void {
    const chunks = { ...this.chunks, ...change };
    for (const key of Object.keys(CHUNK_RANGES) as (keyof ChunkSettings)[])
      chunks[key] = Math.min(Math.max(chunks[key], CHUNK_RANGES[key].min), CHUNK_RANGES[key].max);
    chunks.maxTokens = Math.min(chunks.maxTokens, this.embedder.maxTokens);
    chunks.overlapTokens = Math.min(chunks.overlapTokens, Math.floor(chunks.maxTokens / 2));
    const projectId = projects.current?.id ?? '';
    this.#draft.value = same(chunks, this.settings.chunks) ? null : { projectId, chunks };
  }

  dropDraft(): void {
    this.#draft.value = null;
  }

  /** Back to what works best with the model in use. */
  draftUsual(): void {
    this.draft(this.#usual);
  }

  /** Applies moved sliders, then cuts and embeds what is not yet. True when everything is indexed at its end. */
  async index(): Promise<boolean> {
    if (this.#job) return this.#job.done;
    if (this.chunksChanged) await this.save({ chunks: this.chunks });
    this.dropDraft();
    return this.#start();
  }

  /** Ends the indexing after the batch under way; what is done stays. */
  stop(job = this.#job): void {
    if (!job) return;
    this.#change(job.id, { stopping: true });
    void retrieval.cancel(job.id).catch(() => undefined); // the indexing itself says what went wrong
  }

  /**
   * True when vectors serve these documents, indexed first where they are not: then `progress` tells how far it is.
   * An aborted signal ends the waiting with false; the indexing goes on.
   */
  async ensureIndexed(documentIds: string[], signal: AbortSignal): Promise<boolean> {
    if (!this.status) await this.refresh();
    const serves = (): boolean => documentIds.every((id) => this.of(id)?.state === 'done');
    if (serves()) return true;
    if (signal.aborted) return false;
    const skipped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([this.#job?.done ?? this.#start(), skipped]);
    return serves();
  }

  async search(query: string, options: Partial<SearchOptions> = {}): Promise<SearchResult> {
    const { documentIds = documents.list.map(({ id }) => id), count = 10, wordsOnly = false } = options;
    await embedders.load();
    const projectId = projects.current?.id ?? '';
    return retrieval.search(projectId, this.settings, document.baseURI, query, { documentIds, count, wordsOnly });
  }

  evidence(documentIds: string[], question: string, answer: string): Promise<Passage | null> {
    return retrieval.evidence(projects.current?.id ?? '', documentIds, question, answer);
  }

  /** The chunks that these settings would cut of a document. */
  preview(documentId: string, chunks: ChunkSettings, embedderId = this.settings.embedderId): Promise<Outline> {
    return retrieval.preview(documentId, chunks, embedderId, document.baseURI);
  }

  #start(): Promise<boolean> {
    const [id, projectId] = [crypto.randomUUID(), projects.current?.id ?? ''];
    const done = work.during(() => this.#run(id, projectId));
    this.#jobs = [...this.#jobs, { id, projectId, progress: null, stopping: false, done }];
    return done;
  }

  async #run(id: string, projectId: string): Promise<boolean> {
    this.#failed = '';
    try {
      await embedders.load();
      const onEvent = (event: Parameters<typeof advance>[1]): void => {
        const job = this.#jobs.find((one) => one.id === id);
        if (job) this.#change(id, { progress: advance(job.progress, event, performance.now()) });
      };
      const status = await retrieval.index(id, projectId, this.settings, document.baseURI, onEvent);
      this.#known = { projectId, status };
      const whole = needOf(status).kind === 'none';
      if (whole) this.#tell(projectId, status);
      return whole;
    } catch (error) {
      this.#failed = sentence(error);
      if (router.name !== 'documents') toasts.show(this.#failed, { tone: 'error' }); // the page says it in place
      return false;
    } finally {
      this.#jobs = this.#jobs.filter((job) => job.id !== id);
      void this.refresh(); // documents may have come meanwhile
    }
  }

  #change(id: string, change: Partial<Job>): void {
    this.#jobs = this.#jobs.map((job) => (job.id === id ? { ...job, ...change } : job));
  }

  /** The page may have been left: the message leads back. */
  #tell(projectId: string, { documents: all }: CorpusStatus): void {
    const chunks = all.reduce((sum, one) => sum + one.chunks, 0);
    const away = router.name !== 'documents' && projects.current?.id === projectId;
    const action = { label: t().common.open, run: (): void => router.go('/documents') };
    toasts.show(t().documents.indexed(all.length, chunks), away ? { action } : {});
  }

  /** For the rail. */
  get stage(): CorpusNow['stage'] {
    if (this.indexing) return 'working';
    const { kind } = this.need;
    return this.status === null ? 'unknown' : kind === 'none' ? 'done' : kind === 'first' ? 'waiting' : 'stale';
  }

  /** For the top bar: an indexing goes on when another project is opened. */
  get under(): CorpusNow['under'] {
    const job = this.#job ?? this.#jobs[0];
    return job ? { ...describe(job.progress), stop: () => this.stop(job) } : null;
  }
}

export const corpus = new Corpus();
corpusStatus.attach(corpus);

/** The worker is asked anew whenever what its answer depends on has changed. */
$effect.root(() => {
  $effect(() => {
    void [projects.current?.id, documents.list, corpus.settings];
    void corpus.refresh();
  });
});
