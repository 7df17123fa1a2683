// How the open project's judgements become preferences, and which of these test: kept with the project.
import type { SplitSettings } from '../curation/split.ts';
import type { MergePolicy } from '../records/preference.ts';
import { policyKey } from '../storage/preferences.ts';
import { connection } from './connection.svelte.ts';
import { chosenOf, INITIAL, type MergeChoices } from './mergeChoices.ts';
import { weigh } from './mergeWords.ts';
import { preferenceStatus } from './preferenceStatus.svelte.ts';

class MergeSettings {
  #projectId = '';
  #chosen = $state.raw(INITIAL);
  #ready = $state(false);
  #turn = 0;

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
    return this.#keep(({ policy, split }) => ({ policy: { ...policy, ...change }, split }));
  }

  setWeight(annotator: string, weight: number): Promise<void> {
    return this.#keep(({ policy, split }) => ({
      policy: { ...policy, weights: weigh(policy, annotator, weight) },
      split,
    }));
  }

  setSplit(change: Partial<SplitSettings>): Promise<void> {
    return this.#keep(({ policy, split }) => ({ policy, split: { ...split, ...change } }));
  }

  /** Shown at once, then stored over what another tab may have chosen meanwhile: only what is changed here changes. */
  async #keep(change: (chosen: MergeChoices) => MergeChoices): Promise<void> {
    const projectId = this.#projectId;
    const turn = ++this.#turn;
    this.#chosen = change(this.#chosen);
    this.#ready = true;
    let stored = this.#chosen;
    await connection.write(['projects', 'settings'], async (tx) => {
      if (!(await tx.objectStore('projects').getKey(projectId))) return; // deleted meanwhile: nothing to keep it with
      const settings = tx.objectStore('settings');
      stored = change(chosenOf(await settings.get(policyKey(projectId))));
      await settings.put(stored, policyKey(projectId));
    });
    if (projectId !== this.#projectId || turn !== this.#turn) return;
    this.#chosen = stored;
    await preferenceStatus.load(projectId);
  }
}

export const mergeSettings = new MergeSettings();
