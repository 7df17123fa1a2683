// Scoring the queue: every answer of the project's comparisons by the reward model in use, kept slice by slice, so that what
// teaches most can come first in Annotate.
import type { Comparison } from '../records/comparison.ts';
import { scoredKey, type ScoredBy } from '../storage/comparisons.ts';
import { comparisons } from './comparisons.svelte.ts';
import { connection } from './connection.svelte.ts';
import { engine } from './engine.svelte.ts';
import { projects } from './projects.svelte.ts';
import { work } from './work.ts';

/** Comparisons in one write; what a closed tab loses at most. */
const SLICE = 32;

interface Live {
  projectId: string;
  done: number;
  total: number;
  /** Asked for: it ends after the slice under way. */
  stopping: boolean;
}

/** Whether this model still has to read it. */
const open = ({ id, responses }: Comparison, tooLong: ReadonlySet<string>): boolean =>
  !tooLong.has(id) && responses.some(({ score }) => score === null);

class Scoring {
  #live = $state.raw<Live | null>(null);
  /** Who scored what is stored, as it was last read. */
  #by = $state.raw<{ projectId: string; by: ScoredBy | null }>({ projectId: '', by: null });

  /** Null while nothing is scored. */
  get live(): Live | null {
    return this.#live;
  }
  /** Of the open project; null where nobody did, or scores came with a file. */
  get by(): ScoredBy | null {
    return this.#by.projectId === projects.current?.id ? this.#by.by : null;
  }

  /** What a model would read: all where another one scored them, else what has come since. */
  left(adapterId: string): Comparison[] {
    const mine = this.by?.adapterId === adapterId;
    const tooLong = new Set(mine ? this.by?.tooLong : []);
    return comparisons.list.filter((comparison) => !mine || open(comparison, tooLong));
  }

  /** Use while it is shown, in an effect. */
  follow(): void {
    const projectId = projects.current?.id ?? '';
    const { list } = comparisons;
    if (this.#live === null && list.length >= 0) void this.#read(projectId).catch(() => undefined);
  }

  /** Of the open project, in slices; resolves with how many answers have a score now. */
  async run(adapter: { id: string; name: string }): Promise<number> {
    const projectId = projects.current?.id ?? '';
    if (this.#live || !projectId) return 0;
    await this.#read(projectId);
    const rows = this.left(adapter.id);
    this.#live = { projectId, done: 0, total: rows.length, stopping: false };
    try {
      return await work.during(() => this.#score(projectId, rows, adapter));
    } finally {
      this.#live = null;
    }
  }

  stop(): void {
    if (this.#live) this.#live = { ...this.#live, stopping: true };
  }

  async #score(projectId: string, rows: readonly Comparison[], adapter: { id: string; name: string }): Promise<number> {
    let scored = 0;
    await engine.ensureLoaded();
    for (let from = 0; from < rows.length && !this.#live?.stopping; from += SLICE) {
      const slice = rows.slice(from, from + SLICE);
      const texts = slice.flatMap(({ prompt, responses }) =>
        responses.map(({ text }) => ({ prompt, completion: text })),
      );
      const values = await engine.api.score(adapter.id, $state.snapshot(texts), (share) =>
        this.#tell(from + share * slice.length),
      );
      let at = 0;
      const scores = new Map(slice.map(({ id, responses }) => [id, responses.map(() => values[at++] ?? null)]));
      const mark = { adapterId: adapter.id, name: adapter.name, at: new Date().toISOString() };
      this.#by = { projectId, by: await comparisons.score(projectId, scores, mark) };
      scored += values.filter((value) => value !== null).length;
      this.#tell(from + slice.length);
    }
    return scored;
  }

  #tell(done: number): void {
    if (this.#live) this.#live = { ...this.#live, done: Math.min(done, this.#live.total) };
  }

  async #read(projectId: string): Promise<void> {
    const by = projectId ? await (await connection.open()).get('settings', scoredKey(projectId)) : null;
    this.#by = { projectId, by: (by as ScoredBy | undefined) ?? null };
  }
}

export const scoring = new Scoring();
