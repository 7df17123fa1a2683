// Judgements of any number of people and files → preferences, with an account of every judgement that became none.
import type { Judgement } from '../records/feedback.ts';
import { LOSSES, type Funnel, type Loss, type Lost, type SourceCount } from '../records/merging.ts';
import { PREFERENCE_VERSION, type MergePolicy, type Preference } from '../records/preference.ts';
import { decide, weightOf, type Decided } from './decide.ts';
import { distinctOf, type Source } from './distinct.ts';
import { byTime, nameOf, order } from './identity.ts';
import { lastOfEach, pairsOf, type Opinion, type Pair } from './pairs.ts';

export type { Source } from './distinct.ts';

/** An answer as a person would have written it. */
export interface WrittenAnswer {
  prompt: string;
  completion: string;
  feedbackId: string;
}

export interface Merged {
  funnel: Funnel;
  sources: SourceCount[];
  /** By time, then id. */
  preferences: Omit<Preference, 'projectId'>[];
  /** One version of every judgement, whatever became of it, oldest first: what agreement and bias are measured on. */
  distinct: Judgement[];
  /** Those of them that are counted: `funnel.valid`. */
  counted: Judgement[];
  demonstrations: WrittenAnswer[];
}

/** The same sources and policy give the same result in any order of files and lines; a file given twice changes nothing. */
export function mergeFeedback(sources: readonly Source[], policy: MergePolicy): Merged {
  const { judgements: distinct, duplicates, superseded, ...read } = distinctOf(sources);
  const lost = new Ledger();
  for (const judgement of duplicates) lost.judgement('duplicate', judgement);
  for (const judgement of superseded) lost.judgement('superseded', judgement);

  const judged: Judgement[] = [];
  for (const judgement of distinct) {
    if (judgement.status === 'skipped') lost.judgement('skipped', judgement);
    else if (weightOf(judgement.annotator, policy) > 0) judged.push(judgement);
    else if (judgement.verdict === 'bad') lost.judgement('bad', judgement);
    else lost.judgement('leftOut', judgement);
  }

  const preferences: Omit<Preference, 'projectId'>[] = [];
  const standing = new Set<Judgement>();
  const outvoted = new Set<Judgement>();
  let pairs = 0;
  for (const pair of pairsOf(judged)) {
    // A person who finds neither any good has judged the pair and has no vote.
    const people = lastOfEach(pair.opinions);
    const votes = (policy.conflicts === 'latest' ? people.slice(-1) : people).filter(isVote);
    for (const { judgement } of pair.opinions) outvoted.add(judgement);
    for (const { judgement } of votes) standing.add(judgement);
    if (votes.length === 0) continue;
    pairs++;
    const against = policy.conflicts === 'drop' && votes.length < people.length;
    const decided = against ? 'conflict' : decide(votes, people.length, policy);
    if (typeof decided === 'string') lost.pair(decided, votes);
    else preferences.push(preferenceOf(pair, votes, decided, policy));
  }

  const counted: Judgement[] = [];
  for (const judgement of judged) {
    if (judgement.verdict === 'bad') lost.judgement('bad', judgement);
    else if (outvoted.has(judgement) && !standing.has(judgement)) lost.judgement('superseded', judgement);
    else counted.push(judgement);
  }
  preferences.sort((a, b) => order(a.timestamp, b.timestamp) || order(a.id, b.id));
  return {
    funnel: {
      judgements: read.read,
      invalid: read.invalid,
      valid: counted.length,
      pairs,
      preferences: preferences.length,
      losses: lost.entries(),
    },
    sources: read.sources,
    preferences,
    distinct,
    counted,
    demonstrations: demonstrationsOf(judged),
  };
}

const isVote = ({ category }: Opinion): boolean => category !== 'bad';

function preferenceOf(
  pair: Pair,
  votes: readonly Opinion[],
  { winner, first, second, ties, agreement }: Decided,
  policy: MergePolicy,
): Omit<Preference, 'projectId'> {
  // Of a tie neither is chosen: which stands there must depend on neither length nor order.
  const side = winner ?? (nameOf(pair.first) < nameOf(pair.second) ? 'first' : 'second');
  const other = side === 'first' ? 'second' : 'first';
  const winning = votes.filter(({ category }) => category === (winner ?? 'tie'));
  const strengths = winning.flatMap(({ judgement: { strength } }) => (strength === null ? [] : [strength]));
  const edit = policy.edits === 'chosen' && winner ? rewritten(pair, votes, winner) : null;
  const last = votes.at(-1);
  const written = (at: 'first' | 'second'): string => last?.judgement.responses[last[at]] ?? pair[at];
  return {
    id: nameOf(pair.prompt, pair[side], pair[other], ...(edit === null ? [] : [edit])),
    pair: nameOf(pair.prompt, pair.first, pair.second),
    prompt: pair.prompt,
    question: last?.judgement.question ?? '',
    chosen: edit ?? written(side),
    rejected: written(other),
    comment: distinctIn(winning.map(({ judgement }) => judgement.comment.trim())).join('\n'),
    timestamp: last?.judgement.timestamp ?? '',
    feedbackIds: distinctIn(votes.map(({ judgement }) => judgement.id)),
    annotators: distinctIn(
      votes.map(({ judgement }) => judgement.annotator),
      true,
    ),
    tags: distinctIn(winning.flatMap(({ judgement }) => judgement.tags)),
    votes: side === 'first' ? { chosen: first, rejected: second, ties } : { chosen: second, rejected: first, ties },
    agreement,
    margin:
      winner === null ? 0 : strengths.length === 0 ? null : strengths.reduce((a, b) => a + b, 0) / strengths.length,
    tie: winner === null,
    edited: edit !== null,
    version: PREFERENCE_VERSION,
  };
}

/** The winner as the last person who touched it wrote it; null where that says nothing new, or says what lost. */
function rewritten(pair: Pair, votes: readonly Opinion[], winner: 'first' | 'second'): string | null {
  for (const vote of votes.toReversed()) {
    const { edit } = vote.judgement;
    if (edit?.response !== vote[winner]) continue;
    const text = edit.text.trim();
    return text === '' || text === pair.first || text === pair.second ? null : edit.text;
  }
  return null;
}

function demonstrationsOf(judged: readonly Judgement[]): WrittenAnswer[] {
  const found = new Map<string, WrittenAnswer>();
  for (const { id, prompt, edit, responses } of judged) {
    if (!edit || edit.text.trim() === '' || edit.text.trim() === responses[edit.response]?.trim()) continue;
    const key = JSON.stringify([prompt, edit.text]);
    if (!found.has(key)) found.set(key, { prompt, completion: edit.text, feedbackId: id });
  }
  return [...found.values()];
}

/** Each once, in the order given. */
function distinctIn(texts: readonly string[], empty = false): string[] {
  if (texts.length < 2) return texts[0] === '' && !empty ? [] : [...texts];
  return [...new Set(texts)].filter((text) => empty || text !== '');
}

/** What is lost and why, in the order of LOSSES. */
class Ledger {
  readonly #judgements = new Map<Loss, Judgement[]>();
  readonly #pairs = new Map<Loss, { count: number; judgements: Set<Judgement> }>();

  judgement(loss: Loss, judgement: Judgement): void {
    const list = this.#judgements.get(loss);
    if (list) list.push(judgement);
    else this.#judgements.set(loss, [judgement]);
  }

  pair(loss: Loss, votes: readonly Opinion[]): void {
    const entry = this.#pairs.get(loss) ?? { count: 0, judgements: new Set() };
    this.#pairs.set(loss, entry);
    entry.count++;
    for (const { judgement } of votes) entry.judgements.add(judgement);
  }

  entries(): Lost[] {
    const ids = (judgements: Iterable<Judgement>): string[] => [...judgements].sort(byTime).map(({ id }) => id);
    return LOSSES.flatMap((loss): Lost[] => {
      const judgements = this.#judgements.get(loss);
      const pairs = this.#pairs.get(loss);
      return [
        ...(judgements
          ? [{ loss, of: 'judgements' as const, count: judgements.length, feedbackIds: ids(judgements) }]
          : []),
        ...(pairs ? [{ loss, of: 'pairs' as const, count: pairs.count, feedbackIds: ids(pairs.judgements) }] : []),
      ];
    });
  }
}
