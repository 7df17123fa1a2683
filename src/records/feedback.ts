// Feedback: what one person made of one comparison, kept at every keystroke; and the judgement that files and merging read.
import type { Comparison, Origin } from './comparison.ts';
import { fail, finite, object, text } from './validate.ts';

export const FEEDBACK_VERSION = 1;

export const VERDICTS = ['better', 'tie', 'bad'] as const;
/** better: the ranks differ. tie: all equally good. bad: none is any good. */
export type Verdict = (typeof VERDICTS)[number];

/** How much better: slightly, clearly, by far. */
export const STRENGTHS = [1, 2, 3] as const;
export type Strength = (typeof STRENGTHS)[number];

/** An answer as the person would have written it. */
export interface Edit {
  /** Index into the comparison's responses. */
  response: number;
  text: string;
}

/** What a person decides, all of it revisable. */
export interface Decision {
  status: 'open' | 'judged' | 'skipped';
  verdict: Verdict | null;
  /** Per response in the comparison's own order, 1 = best, equal = as good; null while open or skipped. */
  ranks: number[] | null;
  strength: Strength | null;
  comment: string;
  tags: string[];
  edit: Edit | null;
  /** Someone should look at this comparison. */
  flagged: boolean;
  /** A ranking under way: indices of the responses that were placed so far, best first. It leaves in no file. */
  choosing: number[];
}

export const OPEN: Decision = {
  status: 'open',
  verdict: null,
  ranks: null,
  strength: null,
  comment: '',
  tags: [],
  edit: null,
  flagged: false,
  choosing: [],
};

/** One person's feedback on one comparison, once per round: `round` 1 is the repetition that measures self-agreement. */
export interface Feedback extends Decision {
  /** `feedbackId` of the three below: a second tab cannot make a second one. */
  id: string;
  projectId: string;
  comparisonId: string;
  round: number;
  annotator: string;
  /** Indices of the responses from left to right, as they were shown. */
  shown: number[];
  /** Seconds of looking at it while the page was visible, before it was first decided. */
  leadTime: number;
  createdAt: string; // UTC, ISO 8601
  /** Of the last decision; createdAt while there is none. */
  decidedAt: string;
  /** Every other decision that ever stood, oldest first, with the words that it had when it was left. Words that were
   *  changed under one and the same decision are in the log of actions, as long as they can be taken back. */
  history: (Decision & { decidedAt: string })[];
  version: number;
}

export const feedbackId = (comparisonId: string, round: number, annotator: string): string =>
  `${comparisonId}/${round}/${annotator}`;

/** A step that can be undone: the fields it changed, before and after. Per project and annotator, in one line. */
export interface FeedbackAction {
  projectId: string;
  annotator: string;
  /** From 0; the number of those that stand is in `settings` under `undoKey`. */
  index: number;
  feedbackId: string;
  comparisonId: string;
  round: number;
  kind: 'judge' | 'skip' | 'flag' | 'comment' | 'tags' | 'strength' | 'edit' | 'rank' | 'clear';
  before: Partial<Decision>;
  after: Partial<Decision>;
  at: string;
}

/** One judgement with all that it is about: a line of feedback.jsonl, and what merging reads. */
export interface Judgement {
  /** Equal ids in two files are the same judgement; the later version counts. */
  id: string;
  question: string;
  passages: string[];
  prompt: string;
  responses: string[];
  /** As many as responses. */
  origins: Origin[];
  status: 'judged' | 'skipped';
  verdict: Verdict | null;
  ranks: number[] | null;
  strength: Strength | null;
  comment: string;
  tags: string[];
  edit: Edit | null;
  flagged: boolean;
  annotator: string;
  round: number;
  /** Null where the order is not known: it then says nothing of position bias. */
  shown: number[] | null;
  /** Seconds; null when unknown. */
  leadTime: number | null;
  /** UTC to the second, as in the files: "2025-10-29T18:45:02". */
  timestamp: string;
}

/** "2025-10-29T18:45:02" from any ISO time. */
export const toSeconds = (iso: string): string => new Date(iso).toISOString().slice(0, 19);

/** Null while nothing is decided. */
export function judgementOf(comparison: Comparison, feedback: Feedback): Judgement | null {
  const { status, verdict, ranks, strength, comment, tags, edit, flagged, annotator, round, shown, leadTime } =
    feedback;
  if (status === 'open') return null;
  return {
    id: feedback.id,
    question: comparison.question,
    passages: comparison.passages.map((passage) => passage.text),
    prompt: comparison.prompt,
    responses: comparison.responses.map((response) => response.text),
    origins: comparison.responses.map((response) => response.origin),
    status,
    verdict,
    ranks,
    strength,
    comment,
    tags,
    edit,
    flagged,
    annotator,
    round,
    shown,
    leadTime,
    timestamp: toSeconds(feedback.decidedAt),
  };
}

/** The ranks of a verdict: `best` alone in front of all others, or all alike. */
export function ranksOf(responses: number, best: number | null): number[] {
  return Array.from({ length: responses }, (_, i) => (best === null || i === best ? 1 : 2));
}

/** Throws a sentence when verdict and ranks do not belong together. */
export function validateRanks(verdict: Verdict, ranks: readonly number[], responses: number, where = 'ranks'): void {
  if (ranks.length !== responses)
    fail(where, `must be one for each of the ${responses} answers`, ranks.length, 'Give one rank for each.');
  for (const rank of ranks)
    if (!Number.isInteger(rank) || rank < 1) fail(where, 'must be whole numbers from 1', rank, 'Number the best 1.');
  const alike = ranks.every((rank) => rank === ranks[0]);
  if (alike !== (verdict !== 'better'))
    fail(
      where,
      verdict === 'better' ? 'must differ' : 'must be equal',
      ranks.join(', '),
      'Correct the verdict or the ranks.',
    );
}

export function validateDecision(value: unknown, responses: number, where = 'feedback'): Decision {
  const v = object(value, where);
  const status = v.status === 'judged' || v.status === 'skipped' ? v.status : 'open';
  const verdict = VERDICTS.find((name) => name === v.verdict) ?? null;
  const ranks = Array.isArray(v.ranks) ? (v.ranks as number[]) : null;
  if (status === 'judged') {
    if (!verdict || !ranks) fail(`${where}.verdict`, `must be ${VERDICTS.join(', ')}`, v.verdict, 'Judge it again.');
    validateRanks(verdict, ranks, responses, `${where}.ranks`);
  }
  const alike = status === 'judged' && verdict !== 'better';
  const edit = v.edit === null || v.edit === undefined ? null : object(v.edit, `${where}.edit`);
  return {
    status,
    verdict: status === 'judged' ? verdict : null,
    ranks: status === 'judged' ? ranks : null,
    strength: (!alike && STRENGTHS.find((n) => n === v.strength)) || null, // how much better is said of a better one
    comment: text(v.comment, `${where}.comment`),
    tags: Array.isArray(v.tags) ? v.tags.filter((tag) => typeof tag === 'string') : [],
    edit: edit && {
      response: finite(edit.response, `${where}.edit.response`, 0, responses - 1),
      text: text(edit.text, `${where}.edit.text`),
    },
    flagged: v.flagged === true,
    choosing: validateChoosing(v.choosing ?? [], responses, `${where}.choosing`), // rows of earlier versions have none
  };
}

function validateChoosing(value: unknown, responses: number, where: string): number[] {
  if (!Array.isArray(value)) fail(where, 'must be a list', value, 'Rank the answers again.');
  const chosen = value.map((response, i) => finite(response, `${where}[${i}]`, 0, responses - 1));
  if (new Set(chosen).size < chosen.length)
    fail(where, 'must name each answer once', chosen.join(', '), 'Rank the answers again.');
  return chosen;
}
