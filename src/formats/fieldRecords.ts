// What Argilla's and Label Studio's files share: records of named fields, some of them answers, and judgements that name one.
import { CONTEXT_LINE } from '../records/rowMapping.ts';
import { ranksOf, type Judgement } from '../records/feedback.ts';
import type { Task } from '../records/comparison.ts';
import { fail } from '../records/validate.ts';
import { answers, asked, filled, firstOf, isFilled, talkText, unscored, type Cells } from './taskParts.ts';

const PROMPTS = ['prompt', 'instruction', 'question', 'query', 'user_input', 'input', 'task'];
const CONTEXTS = ['context', 'contexts', 'passages', 'documents', 'background', 'retrieved_contexts'];
const ANSWER = /^(response|answer|completion|output|reply|candidate|option)/i;
/** response-1, answerB, "completion 2": these go before response_model and the like. */
const NUMBERED = /^(response|answer|completion|output|reply|candidate|option)s?[-_ .]?(\d{1,3}|[a-z])$/i;

export interface FieldTask {
  task: Task;
  /** Of the fields of its answers, in the order of the responses. */
  names: string[];
}

/** The fields that hold answers; a text or a talk each. */
export function answerNames(fields: Cells): string[] {
  const found = Object.keys(fields).filter((name) => ANSWER.test(name) && saying(fields[name], name) !== null);
  const numbered = found.filter((name) => NUMBERED.test(name));
  return numbered.length >= 2 ? numbered : found;
}

function saying(value: unknown, where: string): string | null {
  if (isFilled(value)) return value;
  return Array.isArray(value) ? talkText(value, where) : null;
}

export function fieldTask(fields: Cells, names: string[] = answerNames(fields)): FieldTask {
  const given = firstOf(fields, PROMPTS);
  const prompt = talkText(given, 'prompt') ?? filled(given, 'prompt');
  const texts = answers(
    names.map((name) => saying(fields[name], name) ?? filled(fields[name], name)),
    'answers',
  );
  return { task: { ...asked(prompt, firstOf(fields, CONTEXTS)), responses: texts.map(unscored) }, names };
}

export type Verdict = Pick<Judgement, 'verdict' | 'ranks'>;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
const TIE = /^(tie|tied|draw|equal|equallygood|same|bothgood|bothareequal|allgood|nopreference)$/;
const BAD = /^(bad|bothbad|allbad|bothareequallybad|equallybad|neither|none)$/;
const END = /(?:^|[^\p{L}])([a-z])$|(\d{1,3})$/iu;

/** A name among those of the answers: as it is written, but for its signs, or by the number or letter at its end. */
export function indexOfName(name: string, names: readonly string[]): number {
  const same = names.findIndex((one) => plain(one) === plain(name));
  if (same >= 0) return same;
  const end = endOf(name);
  return end === null ? -1 : names.findIndex((one) => endOf(one) === end);
}

function endOf(name: string): string | null {
  const [, letter, number] = END.exec(name.slice(-40)) ?? [];
  return letter?.toLowerCase() ?? (number === undefined ? null : String(Number(number)));
}

/** What a label says: the name of an answer, a tie, or that none is any good; null when it says something else. */
export function verdictOf(label: string, names: readonly string[]): Verdict | null {
  const word = plain(label);
  if (TIE.test(word)) return { verdict: 'tie', ranks: ranksOf(names.length, null) };
  if (BAD.test(word)) return { verdict: 'bad', ranks: ranksOf(names.length, null) };
  const best = indexOfName(label, names);
  return best < 0 ? null : { verdict: 'better', ranks: ranksOf(names.length, best) };
}

/** Names of questions that ask which answer is better. */
export const COMPARES = /prefer|verdict|choice|chosen|choose|better|best|compar|winner/i;

/** Another question's "none" or "level 2" says nothing of the answers: only one's name as it is written does, or a label
 *  that speaks of both. */
export function namedVerdict(label: string, names: readonly string[]): Verdict | null {
  if (/^both/.test(plain(label))) return verdictOf(label, names);
  const best = names.findIndex((name) => plain(name) === plain(label));
  return best < 0 ? null : { verdict: 'better', ranks: ranksOf(names.length, best) };
}

/** Ranks by name, all answers once each. */
export function rankedBy(given: { name: string; rank: unknown }[], names: readonly string[], where: string): Verdict {
  const ranks = names.map((): number => 0);
  for (const { name, rank } of given) {
    const index = indexOfName(name, names);
    if (index < 0) fail(where, `must name ${names.join(', ')}`, name, 'Correct the name.');
    if (ranks[index] !== 0) fail(where, 'must rank every answer once', `${name} twice`, 'Leave one out.');
    if (!Number.isInteger(rank) || (rank as number) < 1)
      fail(where, 'must have whole ranks from 1', rank, 'Number the best 1.');
    ranks[index] = rank as number;
  }
  const left = ranks.indexOf(0);
  if (left >= 0) fail(where, 'must rank every answer', `none for ${names[left] ?? ''}`, 'Rank it, too.');
  return ranks.every((rank) => rank === ranks[0]) ? { verdict: 'tie', ranks } : { verdict: 'better', ranks };
}

/** Names in their order, the best first. */
export const inOrder = (given: readonly string[], names: readonly string[], where: string): Verdict =>
  rankedBy(
    given.map((name, i) => ({ name, rank: i + 1 })),
    names,
    where,
  );

/** Two of a judgement's answers, and which of them it holds to be the better one. */
export interface JudgedPair {
  judgement: Judgement;
  /** Parted from its context, so that both can be shown. */
  prompt: string;
  context: string;
  pair: [string, string];
  winner: 0 | 1 | 'tie' | 'bad' | 'skipped';
}

/** These tools compare two at a time, and lists of names cannot say that two are alike: a ranking leaves as its pairs. */
export function* pairsOf(judgements: Iterable<Judgement>): Generator<JudgedPair> {
  for (const judgement of judgements) {
    const { question, prompt, responses, ranks, status, verdict } = judgement;
    const parted = prompt.startsWith(question + CONTEXT_LINE);
    const context = parted ? prompt.slice(question.length + CONTEXT_LINE.length) : '';
    for (const [i, a] of responses.entries())
      for (const [k, b] of responses.entries()) {
        if (k <= i) continue;
        const [left, right] = [ranks?.[i] ?? 0, ranks?.[k] ?? 0];
        const better = left === right ? ('tie' as const) : left < right ? (0 as const) : (1 as const);
        const winner = status === 'skipped' ? status : verdict === 'bad' ? verdict : better;
        yield { judgement, prompt: isFilled(context) ? question : prompt, context, pair: [a, b], winner };
      }
  }
}

/** One JSON list, an entry a line: no reader has to take a whole dataset as one line. */
export const jsonList = (entries: readonly unknown[]): string =>
  `[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`;
