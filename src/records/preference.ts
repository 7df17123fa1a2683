// A preference: one row that reward models and DPO learn from, and the feedback that it was made of.
export const PREFERENCE_VERSION = 1;

export interface Preference {
  projectId: string;
  /** Made of prompt and answers: the same judgements always make the same one. */
  id: string;
  /** Of the prompt and the two answers in either order: stays where the winner changes or is rewritten. */
  pair: string;
  prompt: string;
  question: string;
  chosen: string;
  rejected: string;
  /** What was said with the winning judgements, oldest first. */
  comment: string;
  /** Of the latest judgement in it: UTC to the second, "2025-10-29T18:45:02". */
  timestamp: string;
  /** Ids of the judgements that were counted, whichever way they went. */
  feedbackIds: string[];
  annotators: string[];
  tags: string[];
  /** Weights for chosen, for rejected, and of ties. */
  votes: { chosen: number; rejected: number; ties: number };
  /** Share of the votes that went to chosen, 0.5 … 1. */
  agreement: number;
  /** Mean strength of the winning judgements (1 … 3); null when nobody said; 0 for a pair that is kept though it is tied. */
  margin: number | null;
  /** Nobody found one better: kept because the policy says so. */
  tie: boolean;
  /** `chosen` is an answer as a person rewrote it. */
  edited: boolean;
  version: number;
}

/** What a person changed in a merged row: kept apart, so that merging again does not undo it. */
export interface PreferenceEdit {
  projectId: string;
  /** The `pair` of the preference: who wins may change, what a person decided about the pair holds. */
  id: string;
  /** The id of the row that `chosen` and `rejected` were written for: another row of the pair stands as merged. */
  writtenFor?: string;
  excluded: boolean;
  chosen?: string;
  rejected?: string;
  comment?: string;
  /** null or absent = the seeded split by prompt says. */
  split?: 'train' | 'test' | null;
  editedAt: string;
}

/** The row with the person's changes. */
export interface ShownPreference extends Preference {
  excluded: boolean;
  changed: boolean;
  split: 'train' | 'test';
}

export const CONFLICTS = ['majority', 'weighted', 'latest', 'drop'] as const;
export const TIES = ['ignore', 'half', 'margin'] as const;

/** How judgements that differ become one preference. */
export interface MergePolicy {
  /** majority: one vote a person. weighted: strength × the person's weight. latest: the last judgement alone. drop: any
   *  disagreement drops the pair. */
  conflicts: (typeof CONFLICTS)[number];
  /** ignore: a tie says nothing. half: half a vote to each side. margin: as half, and a pair that ends tied is kept with margin 0. */
  ties: (typeof TIES)[number];
  /** Of the votes, for the winner: 0.5 … 1. */
  minAgreement: number;
  /** People who judged it, at least. */
  minAnnotators: number;
  /** apart: rewritten answers are demonstrations only. chosen: they also stand for the answer that they rewrite. */
  edits: 'apart' | 'chosen';
  /** By annotator; 1 where none is given; 0 leaves a person out. */
  weights: Record<string, number>;
}

export const DEFAULT_POLICY: MergePolicy = {
  conflicts: 'majority',
  ties: 'ignore',
  minAgreement: 0.5,
  minAnnotators: 1,
  edits: 'apart',
  weights: {},
};
