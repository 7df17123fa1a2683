// Whether the chosen reward model has passed its test, and whether the person knows that it has not.
import { alignSettings } from './alignSettings.svelte.ts';

class AlignGate {
  /** A warning that nobody has accepted stands before the start. */
  get warns(): boolean {
    const { rewardAdapterId } = alignSettings.effective;
    return rewardAdapterId !== null && !alignSettings.accepted(rewardAdapterId);
  }
}

export const alignGate = new AlignGate();
