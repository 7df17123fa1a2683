// What a reward model would learn from: the merged preferences, on which side each falls, and whether length gives them away.
import { shareOf } from '../curation/interval.ts';
import { shownPreferences } from '../curation/shownPreferences.ts';
import type { Share } from '../records/merging.ts';
import type { ShownPreference } from '../records/preference.ts';
import { readPreferenceEdits, readPreferences } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';
import { sentence } from './language.svelte.ts';
import { preferenceStatus } from './preferenceStatus.svelte.ts';
import { projects } from './projects.svelte.ts';
import { rewardSettings } from './rewardSettings.svelte.ts';

export interface RewardRows {
  /** Left out by a person. */
  excluded: number;
  train: number;
  test: number;
  questions: number;
  /** Of those with answers of unequal length: the longer was chosen. */
  longer: Share;
}

type Sides = Pick<ShownPreference, 'question' | 'chosen' | 'rejected' | 'excluded' | 'split'>;

/** Pure: of rows as they are shown. */
export function countRows(rows: readonly Sides[]): RewardRows {
  const used = rows.filter(({ excluded }) => !excluded);
  const lengths = used.map(({ chosen, rejected }) => chosen.trim().length - rejected.trim().length);
  const unequal = lengths.filter((difference) => difference !== 0);
  return {
    excluded: rows.length - used.length,
    train: used.filter(({ split }) => split === 'train').length,
    test: used.filter(({ split }) => split === 'test').length,
    questions: new Set(used.map(({ question }) => question)).size,
    longer: shareOf(unequal.filter((difference) => difference > 0).length, unequal.length),
  };
}

/** Above it, "the longer one" is an answer that a lazy model may learn instead of quality. */
const TELLING = 0.6;
export const lengthTells = ({ longer }: Pick<RewardRows, 'longer'>): boolean =>
  longer.n > 0 && longer.low > 0.5 && longer.share >= TELLING;

class RewardRowsState {
  #answer = $state.raw<{ projectId: string; rows: RewardRows | null; problem: string } | null>(null);
  #turn = 0;

  /** Of the open project; null before they have been read. */
  get now(): RewardRows | null {
    return this.#shown?.rows ?? null;
  }
  get problem(): string {
    return this.#shown?.problem ?? '';
  }

  /** Use while they are shown, in an effect: it reads what they depend on. */
  follow(): void {
    const projectId = projects.current?.id ?? '';
    const { seed, testShare } = rewardSettings.config;
    const { count, mergedAt } = preferenceStatus.now;
    if (projectId && count > 0) void this.#read(projectId, { seed, testShare }, mergedAt);
  }

  async #read(projectId: string, split: { seed: number; testShare: number }, _of: string): Promise<void> {
    const turn = ++this.#turn;
    try {
      const db = await connection.open();
      const [{ preferences }, edits] = [await readPreferences(db, projectId), await readPreferenceEdits(db, projectId)];
      const rows = countRows(shownPreferences(preferences, edits, split));
      if (turn === this.#turn) this.#answer = { projectId, rows, problem: '' };
    } catch (error) {
      if (turn === this.#turn) this.#answer = { projectId, rows: null, problem: sentence(error) };
    }
  }

  get #shown(): { rows: RewardRows | null; problem: string } | null {
    const none = preferenceStatus.now.count === 0;
    return !none && this.#answer?.projectId === projects.current?.id ? this.#answer : null;
  }
}

export const rewardRows = new RewardRowsState();
