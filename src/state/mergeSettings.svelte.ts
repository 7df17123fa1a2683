// How the open project's judgements become preferences, and which of these test: kept with the project.
import type { SplitSettings } from '../curation/split.ts';
import { CONFLICTS, DEFAULT_POLICY, TIES, type MergePolicy } from '../records/preference.ts';
import { policyKey } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';

interface Chosen {
  policy: MergePolicy;
  split: SplitSettings;
}

const INITIAL: Chosen = { policy: DEFAULT_POLICY, split: { seed: 1, testShare: 0.1 } };

class MergeSettings {
  #projectId = '';
  #chosen = $state.raw(INITIAL);
  #ready = $state(false);

  get policy(): MergePolicy {
    return this.#chosen.policy;
  }
  get split(): SplitSettings {
    return this.#chosen.split;
  }
  /** What is stored has been read: nothing is asked under a policy that the person has left behind. */
  get ready(): boolean {
    return this.#ready;
  }

  async load(projectId: string): Promise<void> {
    if (projectId !== this.#projectId) [this.#projectId, this.#chosen, this.#ready] = [projectId, INITIAL, false];
    const kept = projectId ? await (await connection.open()).get('settings', policyKey(projectId)) : null;
    if (projectId !== this.#projectId || this.#ready) return;
    [this.#chosen, this.#ready] = [chosenOf(kept), true];
  }

  setPolicy(change: Partial<MergePolicy>): Promise<void> {
    return this.#keep({ ...this.#chosen, policy: { ...this.policy, ...change } });
  }

  setSplit(change: Partial<SplitSettings>): Promise<void> {
    return this.#keep({ ...this.#chosen, split: { ...this.split, ...change } });
  }

  /** Shown at once, then stored. */
  async #keep(chosen: Chosen): Promise<void> {
    const projectId = this.#projectId;
    this.#chosen = chosen;
    this.#ready = true;
    await connection.write(['settings'], (tx) => tx.objectStore('settings').put(chosen, policyKey(projectId)));
  }
}

/** What another version stored counts as far as it still means something. */
export function chosenOf(value: unknown): Chosen {
  const { policy = {}, split = {} } = (value ?? {}) as {
    policy?: Partial<MergePolicy>;
    split?: Partial<SplitSettings>;
  };
  const number = (given: unknown, low: number, high: number, otherwise: number): number =>
    typeof given === 'number' && given >= low && given <= high ? given : otherwise;
  const weights = Object.entries(policy.weights ?? {}).filter(([, weight]) => Number.isFinite(weight) && weight >= 0);
  return {
    policy: {
      conflicts: CONFLICTS.find((name) => name === policy.conflicts) ?? DEFAULT_POLICY.conflicts,
      ties: TIES.find((name) => name === policy.ties) ?? DEFAULT_POLICY.ties,
      minAgreement: number(policy.minAgreement, 0.5, 1, DEFAULT_POLICY.minAgreement),
      minAnnotators: Math.round(number(policy.minAnnotators, 1, 100, DEFAULT_POLICY.minAnnotators)),
      edits: policy.edits === 'chosen' ? 'chosen' : 'apart',
      weights: Object.fromEntries(weights),
    },
    split: {
      seed: Math.round(number(split.seed, 0, 2 ** 32 - 1, INITIAL.split.seed)),
      testShare: number(split.testShare, 0, 0.9, INITIAL.split.testShare),
    },
  };
}

export const mergeSettings = new MergeSettings();
