// Whether the chosen reward model has passed its test, and whether the person goes on knowing that it has not.
import { alignSettings } from './alignSettings.svelte.ts';
import { rewardModels } from './rewardModels.svelte.ts';

export type Gate = NonNullable<ReturnType<typeof rewardModels.judged>>['gate'] | 'unmeasured';

/** How its test ended; a model that was brought from elsewhere has none here. */
export const gateOf = (adapterId: string): Gate => rewardModels.judged(adapterId)?.gate ?? 'unmeasured';

class AlignGate {
  /** A warning that nobody has accepted stands before the start. */
  get warns(): boolean {
    const { rewardAdapterId: id } = alignSettings.effective;
    return id !== null && gateOf(id) !== 'passed' && !alignSettings.accepted(id);
  }
}

export const alignGate = new AlignGate();
