// The reward models of the open project, how well each agrees with people, and the one that scores.
import { shareOf } from '../curation/interval.ts';
import { qualityOf, type Quality } from '../curation/rewardQuality.ts';
import type { Adapter } from '../records/adapter.ts';
import type { RewardQuality } from '../records/rewardQuality.ts';
import { adapters } from './adapters.svelte.ts';
import { scores } from './alignSettings.svelte.ts';
import { connection } from './connection.svelte.ts';
import { engine } from './engine.svelte.ts';
import { Persisted } from './persisted.svelte.ts';
import { projects } from './projects.svelte.ts';

/** Draws the resamples of the intervals: the same figures whenever one looks. */
const SEED = 1;

export type Judged = Quality;

/** Of so many pairs that share, with how sure that is. */
export const sureOf = (share: number, n: number): { share: number; low: number; high: number } => shareOf(share * n, n);

export interface RewardModel {
  adapter: Adapter;
  /** What it gave the pairs that were kept for the test; null for one that was not measured here. */
  quality: RewardQuality | null;
}

const isIdOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

class RewardModels {
  #projectId = '';
  #qualities = $state.raw<ReadonlyMap<string, RewardQuality>>(new Map());
  readonly #byProject = new Map<string, Persisted<string | null>>();
  /** Chosen since the page was opened, by project: state that is made while it is first read is not tracked. */
  #changed = $state.raw<Readonly<Record<string, string>>>({});
  #judged = new WeakMap<RewardQuality, Judged>();
  #list = $derived(
    adapters.list
      .filter((adapter) => scores(adapter, engine.model))
      .map((adapter): RewardModel => ({ adapter, quality: this.#qualities.get(adapter.id) ?? null })),
  );

  /** Newest first; what is being deleted, or scores another base, is not among them. */
  get list(): readonly RewardModel[] {
    return this.#list;
  }
  /** The one in use: the newest until another is chosen. */
  get chosen(): RewardModel | null {
    return this.find(this.#changed[projects.current?.id ?? ''] ?? this.#choice.value) ?? this.#list[0] ?? null;
  }

  find(id: string | null): RewardModel | null {
    return this.#list.find(({ adapter }) => adapter.id === id) ?? null;
  }

  choose(id: string): void {
    this.#choice.value = id;
    this.#changed = { ...this.#changed, [projects.current?.id ?? '']: id };
  }

  /** Figures and the verdict on them; null where nothing was measured. */
  judged(id: string | null): Judged | null {
    const quality = this.find(id)?.quality;
    if (!quality || quality.pairs.length === 0) return null;
    let judged = this.#judged.get(quality);
    if (!judged) {
      judged = qualityOf(quality.pairs, SEED);
      this.#judged.set(quality, judged);
    }
    return judged;
  }

  /** Use while they are shown, in an effect: a run that ends brings another one. */
  follow(): void {
    const ids = adapters.list.map(({ id }) => id).join(' ');
    void this.load(projects.current?.id ?? '', ids).catch(() => undefined); // read again with the next change
  }

  async load(projectId: string, _of = ''): Promise<void> {
    this.#projectId = projectId;
    const rows = projectId
      ? await (await connection.open()).getAllFromIndex('rewardQualities', 'byProject', projectId)
      : [];
    if (this.#projectId !== projectId) return;
    this.#qualities = new Map(rows.map((row) => [row.id, this.#known(row)]));
  }

  /** The same object for what has not changed: its figures are not drawn anew. */
  #known(row: RewardQuality): RewardQuality {
    const before = this.#qualities.get(row.id);
    return before?.createdAt === row.createdAt && before.pairs.length === row.pairs.length ? before : row;
  }

  get #choice(): Persisted<string | null> {
    const id = projects.current?.id ?? '';
    let kept = this.#byProject.get(id);
    if (!kept) {
      kept = new Persisted<string | null>(`reward model ${id}`, null, isIdOrNull);
      this.#byProject.set(id, kept);
    }
    return kept;
  }
}

export const rewardModels = new RewardModels();
