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
import { imports } from './imports.svelte.ts';
import { advance, documentState, needOf, type DocumentState, type Need, type Progress } from './indexing.ts';
import { describe } from './indexingWords.ts';
import { sentence, t } from './language.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';
import { cancelIndexing, retrieval } from './retrieval.ts';
import { router } from './router.svelte.ts';
import { toasts } from './toasts.svelte.ts';
import { work } from './work.ts';

/** part: documents came while it ran. */
type End = 'whole' | 'part' | 'stopped' | 'failed';

interface Job {
  id: string;
  projectId: string;
  progress: Progress | null;
  stopping: boolean;
  done: Promise<End>;
}
interface Draft {
  projectId: string;
  chunks: ChunkSettings;
}
interface Known {
  projectId: string;
  status: CorpusStatus;
}

const SOON_MS = 2000;

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

/** Settings as the embedder allows them. */
function possible(settings: CorpusSettings): CorpusSettings {
  const embedder = embedders.find(settings.embedderId);
  const maxTokens = Math.min(settings.chunks.maxTokens, embedder.maxTokens);
  return { ...settings, embedderId: embedder.id, chunks: { ...settings.chunks, maxTokens } };
}

class Corpus {
  #known = $state.raw<Known | null>(null);
  #jobs = $state.raw<readonly Job[]>([]);
  #failed = $state('');
  #unknown = $state('');
  /** Moved sliders, not yet applied. */
  #draft = new Persisted<Draft | null>('chunks-draft', null, isDraft);
  #asking = false;
  #askAgain = false;
  #soon: ReturnType<typeof setTimeout> | undefined;

  /** As saved with the project, or what works best with the model in use. */
  get settings(): CorpusSettings {
    return possible(this.#saved);
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

  get #saved(): CorpusSettings {
    return projects.current?.corpus ?? defaultCorpus(engine.model, USE_LITE.id);
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

  /** While many files come one after another: at most so often. */
  refreshSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.refresh();
    }, SOON_MS);
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
    if (projects.current) await projects.setCorpus(projects.current.id, { ...this.#saved, ...change });
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

  /** Applies moved sliders, then cuts and embeds what is not yet. */
  async index(): Promise<void> {
    await (this.#job?.done ?? this.#start(this.chunksChanged ? this.chunks : null));
  }

  /** Ends the indexing after the batch under way; what is done stays. */
  stop(job = this.#job): void {
    if (!job) return;
    this.#change(job.id, { stopping: true });
    void cancelIndexing(job.id);
  }

  /**
   * True when vectors serve these documents, indexed first where they are not: then `progress` tells how far it is.
   * An aborted signal ends the waiting with false; the indexing goes on.
   */
  async ensureIndexed(documentIds: string[], signal: AbortSignal): Promise<boolean> {
    const projectId = projects.current?.id;
    if (!this.status) await this.refresh();
    const serves = (): boolean => documentIds.every((id) => this.of(id)?.state === 'done');
    if (serves()) return true;
    if (signal.aborted) return false;
    if (!(await embedders.has(this.#saved.embedderId))) return this.#fail(t().documents.embedder.gone);
    const skipped = new Promise<null>((resolve) =>
      signal.addEventListener('abort', () => resolve(null), { once: true }),
    );
    const under = this.#job;
    const end = under ? await Promise.race([under.done, skipped]) : 'part';
    // What is under way may have begun before the newest documents came.
    const more = end === 'part' && !serves() && projects.current?.id === projectId;
    if (more) await Promise.race([this.#job?.done ?? this.#start(), skipped]);
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

  /** What it works on is taken at once: the person may open another project while it begins. */
  #start(applied: ChunkSettings | null = null): Promise<End> {
    const [id, projectId] = [crypto.randomUUID(), projects.current?.id ?? ''];
    const done = work.during(() => this.#run(id, projectId, this.#saved, applied));
    this.#jobs = [...this.#jobs, { id, projectId, progress: null, stopping: false, done }];
    return done;
  }

  async #run(id: string, projectId: string, saved: CorpusSettings, applied: ChunkSettings | null): Promise<End> {
    const stopped = (): boolean => this.#jobs.find((job) => job.id === id)?.stopping ?? true;
    this.#failed = '';
    try {
      await embedders.has(saved.embedderId); // known or not: a person's click indexes
      const settings = possible(applied ? { ...saved, chunks: applied } : saved);
      if (applied) await this.#apply(projectId, settings);
      if (stopped()) return 'stopped';
      const onEvent = (event: Parameters<typeof advance>[1]): void => {
        const job = this.#jobs.find((one) => one.id === id);
        if (job) this.#change(id, { progress: advance(job.progress, event, performance.now()) });
      };
      const status = await retrieval.index(id, projectId, settings, document.baseURI, onEvent);
      this.#known = { projectId, status };
      const whole = needOf(status).kind === 'none';
      if (whole) this.#tell(projectId, status);
      return whole ? 'whole' : stopped() ? 'stopped' : 'part';
    } catch (error) {
      if (stopped()) return 'stopped';
      this.#fail(sentence(error));
      return 'failed';
    } finally {
      this.#jobs = this.#jobs.filter((job) => job.id !== id);
      void this.refresh(); // documents may have come meanwhile
    }
  }

  /** Sliders that were moved on meanwhile stay as a draft. */
  async #apply(projectId: string, settings: CorpusSettings): Promise<void> {
    await projects.setCorpus(projectId, settings);
    const draft = this.#draft.value;
    if (draft?.projectId === projectId && same(draft.chunks, settings.chunks)) this.dropDraft();
  }

  #fail(said: string): false {
    this.#failed = said;
    if (router.name !== 'documents') toasts.show(said, { tone: 'error' }); // the page says it in place
    return false;
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
  const reading = $derived(imports.items.some(({ state }) => state === 'waiting' || state === 'reading'));
  $effect(() => {
    void [projects.current?.id, corpus.settings];
    void corpus.refresh();
  });
  $effect(() => {
    void documents.list;
    if (reading) corpus.refreshSoon();
    else void corpus.refresh();
  });
});
