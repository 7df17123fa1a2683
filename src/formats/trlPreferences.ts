// Preferences as TRL reads them: {prompt, chosen, rejected} as text or as talk, with or without a prompt, and our
// dataset_rlhf.jsonl, which says besides who judged when and why. Each row is one judgement.
import { STRENGTHS, type Judgement } from '../records/feedback.ts';
import type { Task } from '../records/comparison.ts';
import { fail } from '../records/validate.ts';
import {
  answers,
  asked,
  contentId,
  filled,
  isFilled,
  judgement,
  optionalText,
  stem,
  talkText,
  texts,
  timestamp,
  unscored,
  type Cells,
  type LineRead,
} from './taskParts.ts';

export const isPreference = (cells: Cells): boolean => 'chosen' in cells && 'rejected' in cells;

export function readPreference(cells: Cells, name: string): LineRead {
  const { prompt, chosen, rejected } = cells.prompt == null ? implicit(cells) : explicit(cells);
  // A completion brings the space that parts it from its prompt: that belongs to the seam, not to the answer, and the
  // same answer from another file comes without.
  const responses = answers([filled(chosen, 'chosen').trim(), filled(rejected, 'rejected').trim()], 'responses');
  const task: Task = { ...asked(prompt, cells.context), responses: responses.map(unscored) };
  const tied = cells.tie === true;
  const comment = optionalText(cells.annotator_comment, 'annotator_comment');
  const annotator = annotatorOf(cells) ?? stem(name);
  const time = timestamp(cells.timestamp, 'timestamp');
  const found = judgement(task, {
    // By its content: feedback_ids would not do, as a ranking makes several rows of one.
    id: contentId([task.prompt, ...responses, annotator, time, comment, tied ? 1 : 0]),
    verdict: tied ? 'tie' : 'better',
    ranks: tied ? [1, 1] : [1, 2],
    annotator,
    timestamp: time,
    comment,
    tags: tagsOf(cells.tags),
    strength: strengthOf(cells),
  });
  return { task, judgements: [found], problems: [] };
}

/** A list, or a text as dataset_rlhf.jsonl has it; whatever else others may call so is none of ours. */
function tagsOf(tags: unknown): string[] {
  if (Array.isArray(tags)) return texts(tags, 'tags');
  return typeof tags === 'string' ? tags.split('; ').filter(Boolean) : [];
}

interface Row {
  prompt: string;
  chosen: string;
  rejected: string;
}

const textOf = (value: unknown, where: string): string => talkText(value, where) ?? filled(value, where);

const explicit = (cells: Cells): Row => ({
  prompt: textOf(cells.prompt, 'prompt'),
  chosen: textOf(cells.chosen, 'chosen'),
  rejected: textOf(cells.rejected, 'rejected'),
});

/** What both begin with is the prompt: whole turns of talk, whole words of text. */
function implicit({ chosen, rejected }: Cells): Row {
  if (Array.isArray(chosen) && Array.isArray(rejected)) {
    const turns = Math.min(chosen.length, rejected.length);
    const told = [chosen, rejected].map((talk) => talk.map((turn, i) => talkText([turn], `[${i}]`)));
    let shared = 0;
    while (shared < turns - 1 && told[0]?.[shared] === told[1]?.[shared]) shared++;
    if (shared === 0) return unprompted();
    return {
      prompt: textOf(chosen.slice(0, shared), 'prompt'),
      chosen: textOf(chosen.slice(shared), 'chosen'),
      rejected: textOf(rejected.slice(shared), 'rejected'),
    };
  }
  const [a, b] = [filled(chosen, 'chosen'), filled(rejected, 'rejected')];
  // White space comes with the answers, as elsewhere, and something has to be left of both.
  const most = Math.min(a.trimEnd().length, b.trimEnd().length) - 1;
  let end = 0;
  while (end < most && a[end] === b[end]) end++;
  while (end > 0 && !(/\s/.test(a[end] ?? '') && /\s/.test(b[end] ?? ''))) end--;
  const prompt = a.slice(0, end);
  return isFilled(prompt) ? { prompt, chosen: a.slice(end), rejected: b.slice(end) } : unprompted();
}

const unprompted = (): never =>
  fail('chosen, rejected', 'must begin alike where there is no prompt', 'different beginnings', 'Add a prompt.');

function annotatorOf({ annotator, annotators }: Cells): string | null {
  if (isFilled(annotator)) return annotator;
  const only: unknown = Array.isArray(annotators) && annotators.length === 1 ? annotators[0] : null;
  return isFilled(only) ? only : null;
}

/** Only our own files give a margin in steps of strength. */
function strengthOf({ feedback_ids: ids, margin }: Cells): Judgement['strength'] {
  return Array.isArray(ids) ? (STRENGTHS.find((n) => n === margin) ?? null) : null;
}
