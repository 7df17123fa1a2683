// What merging tells a person before and after: the funnel from judgements to preferences, agreement, and bias.
import type { MergePolicy } from './preference.ts';

export const FEEDBACK_FILE_VERSION = 1;

/** Why a judgement or a pair of answers is no preference. */
export const LOSSES = [
  'duplicate', // the same judgement once more
  'superseded', // an earlier version of a judgement, or of a person's opinion on a pair; under `latest` of anybody's
  'skipped',
  'bad', // both bad
  'leftOut', // of a person whose weight is 0
  'tie', // ended tied
  'conflict', // as many for as against, or any disagreement under `drop`
  'disagreement', // fewer than minAgreement for the winner
  'few', // fewer than minAnnotators
] as const;
export type Loss = (typeof LOSSES)[number];

/** What is lost, and how to find it: losses of judgements count judgements, losses of pairs count pairs. */
export interface Lost {
  loss: Loss;
  of: 'judgements' | 'pairs';
  count: number;
  /** Judgements concerned, in order: duplicates keep the id of what they repeat. Empty in a report that has crossed to the
   *  page, where there may be a hundred thousand: DataApi.findJudgements serves them in windows. */
  feedbackIds: string[];
}

/** judgements → valid → agreed → preferences, each ≤ the one before it but for rankings, which make several pairs. */
export interface Funnel {
  /** Read from all sources. */
  judgements: number;
  /** Lines that could not be read. */
  invalid: number;
  /** Distinct judgements with a verdict that counts. */
  valid: number;
  /** Pairs of answers that these are about. */
  pairs: number;
  preferences: number;
  losses: Lost[];
}

/** A share with its 95 % Wilson interval: 0 … 1 where n = 0, for then nothing is known. */
export interface Share {
  count: number;
  n: number;
  share: number;
  low: number;
  high: number;
}

export interface AnnotatorStats {
  annotator: string;
  judgements: number;
  /** Agreement with each other person on the pairs both judged, pooled. */
  withOthers: Share;
  /** With themselves, on repeated comparisons. */
  withSelf: Share;
  /** Median seconds a judgement; null when unknown. */
  leadTime: number | null;
}

export interface PairStats {
  a: string;
  b: string;
  agreement: Share;
  /** Cohen's κ over left/right/tie/bad of the pairs both judged; null with fewer than two categories in use or no pair. */
  kappa: number | null;
}

export interface TagStats {
  tag: string;
  count: number;
  /** Agreement on the pairs of whose judgements one carries the tag. */
  agreement: Share;
}

export interface BiasStats {
  /** Of judgements with a winner and a known order: the one shown first (left) won. Chance is 0.5. */
  left: Share;
  /** Of judgements with a winner and answers of unequal length: the longer won. */
  longer: Share;
  /** The same by how much longer it is (ratio of characters): upper bounds 1.25, 1.5, 2, 3, ∞. */
  longerBy: { upTo: number; share: Share }[];
  /** Per annotator, left. */
  leftBy: { annotator: string; share: Share }[];
}

export interface Agreement {
  /** Of all pairs of judgements by different people on the same pair of answers. */
  percent: Share;
  /** Krippendorff's α, nominal; null when nothing is shared or nothing varies. */
  alpha: number | null;
  /** Pairs of answers that more than one person judged. */
  shared: number;
  annotators: AnnotatorStats[];
  /** Among the twenty who judged most. */
  pairs: PairStats[];
  tags: TagStats[];
}

/** Where judgements come from, for the list of sources. */
export interface SourceCount {
  /** '' is this project's own feedback. */
  fileId: string;
  name: string;
  format: FeedbackFormat | null;
  judgements: number;
  /** Judgements of this source that no earlier source has: what it adds. */
  added: number;
  duplicates: number;
  invalid: number;
}

export type FeedbackFormat = 'atelier' | 'trl' | 'argilla' | 'labelStudio' | 'tasks';

/** A line or entry that could not be read: the sentence says where, what rule, what came, what to do. */
export interface Invalid {
  fileId: string;
  /** From 1. */
  line: number;
  problem: string;
}

/** A dropped file; read again from its bytes whenever the code that reads it gets better. */
export interface FeedbackFile {
  id: string;
  projectId: string;
  name: string;
  sha256: string;
  bytes: Blob;
  addedAt: string;
  version: number;
}

export interface MergeReport {
  policy: MergePolicy;
  funnel: Funnel;
  sources: SourceCount[];
  /** The first thousand. */
  invalid: Invalid[];
  agreement: Agreement;
  bias: BiasStats;
  /** Against what is stored: what merging now would change. */
  change: {
    added: number;
    removed: number;
    /** The same answers preferred, by other votes, people or words. */
    changed: number;
    same: number;
  };
  /** When the stored preferences were merged; null when never. */
  mergedAt: string | null;
}
