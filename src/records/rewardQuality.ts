// How well a reward model agrees with people on pairs that it was not trained on: the scores; figures are derived from them.
export const REWARD_QUALITY_VERSION = 1;

/** A preference that was kept for the test, with what the reward model gives both answers. */
export interface ScoredPair {
  /** Id of the preference. */
  id: string;
  prompt: string;
  chosen: string;
  rejected: string;
  chosenScore: number;
  rejectedScore: number;
  /** Tokens of the completions, the end token left out. */
  chosenTokens: number;
  rejectedTokens: number;
}

export interface RewardQuality {
  /** Of the adapter that scores. */
  id: string;
  projectId: string;
  /** Held-out pairs, in the order of the dataset. */
  pairs: ScoredPair[];
  /** Mean and standard deviation of the scores of train completions: what a score is held against. */
  mean: number;
  std: number;
  /** Pairs that it was trained on. */
  trained: number;
  /** Pairs in which the longer answer was chosen, of those that it was trained on and whose lengths differ. */
  longerChosen: { longer: number; of: number };
  createdAt: string; // UTC, ISO 8601
  version: number;
}
