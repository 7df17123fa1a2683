// feedback.jsonl: one judgement a line with all that it is about, so that it can be read where nothing else is known.
//   {"id": "c1/0/Anna", "prompt": "Who leads?\n\nContext:\n[1] Anna leads.", "question": "Who leads?",
//    "passages": ["Anna leads."], "responses": ["Anna.", "Bob."],
//    "origins": [{"name": "base", "generation_id": null, "adapter_id": null, "seed": 1}, …],
//    "status": "judged", "verdict": "better", "ranks": [1, 2], "strength": 2, "annotator_comment": "It is said there.",
//    "tags": ["faithful"], "edit": {"response": 0, "text": "Anna does."}, "flagged": false, "annotator": "Anna",
//    "round": 0, "shown": [1, 0], "lead_time": 12.5, "timestamp": "2025-10-29T18:45:02"}
// status: judged, skipped. verdict: better, tie, bad. ranks: per response, 1 = best, equal = as good. shown: responses from
// left to right. Only prompt, responses, status or verdict, and ranks of a "better" must be there; more keys are let be.
import { splitPrompt, UNKNOWN_ORIGIN, type Origin } from '../records/comparison.ts';
import { STRENGTHS, validateRanks, VERDICTS, type Edit, type Judgement } from '../records/feedback.ts';
import { fail, finite, object } from '../records/validate.ts';
import { writeJsonLines } from './jsonl.ts';
import {
  answers,
  contentId,
  filled,
  list,
  optionalText,
  stem,
  texts,
  timestamp,
  type Cells,
  type LineRead,
} from './taskParts.ts';

export const isFeedback = (cells: Cells): boolean =>
  Array.isArray(cells.responses) && ('verdict' in cells || 'status' in cells);

export function* writeFeedback(judgements: Iterable<Judgement>): Generator<string> {
  for (const judgement of judgements) yield* writeJsonLines([lineOf(judgement)]);
}

function lineOf(j: Judgement): Cells {
  return {
    id: j.id,
    prompt: j.prompt,
    question: j.question,
    passages: j.passages,
    responses: j.responses,
    origins: j.origins.map(({ name, generationId, adapterId, seed }) => ({
      name,
      generation_id: generationId,
      adapter_id: adapterId,
      seed,
    })),
    status: j.status,
    verdict: j.verdict,
    ranks: j.ranks,
    strength: j.strength,
    annotator_comment: j.comment,
    tags: j.tags,
    edit: j.edit,
    flagged: j.flagged,
    annotator: j.annotator,
    round: j.round,
    shown: j.shown,
    lead_time: j.leadTime,
    timestamp: j.timestamp,
  };
}

/** Throws a sentence about the first thing that is wrong. */
export function readFeedback(cells: Cells, name: string): LineRead {
  const prompt = filled(cells.prompt, 'prompt');
  const responses = answers(texts(cells.responses, 'responses'), 'responses');
  const n = responses.length;
  const split = cells.question == null || cells.passages == null ? splitPrompt(prompt) : null;
  const question = filled(cells.question ?? split?.question, 'question');
  const passages = texts(cells.passages ?? split?.passages.map(({ text }) => text), 'passages');
  const origins = originsOf(cells.origins, n);
  const judgement: Judgement = {
    id: '',
    question,
    passages,
    prompt,
    responses,
    origins,
    ...decided(cells, n),
    strength: strengthOf(cells.strength),
    comment: optionalText(cells.annotator_comment, 'annotator_comment'),
    tags: cells.tags == null ? [] : texts(cells.tags, 'tags'),
    edit: editOf(cells.edit, n),
    flagged: cells.flagged === true,
    annotator: cells.annotator == null ? stem(name) : optionalText(cells.annotator, 'annotator'),
    round: cells.round == null ? 0 : whole(cells.round, 'round'),
    shown: shownOf(cells.shown, n),
    leadTime: cells.lead_time == null ? null : finite(cells.lead_time, 'lead_time', 0),
    timestamp: timestamp(cells.timestamp, 'timestamp'),
  };
  judgement.id = typeof cells.id === 'string' && cells.id !== '' ? cells.id : idOf(judgement);
  const task = {
    question,
    passages: passages.map((text) => ({ text, name: '', place: null })),
    prompt,
    responses: responses.map((text, i) => ({ text, origin: origins[i] ?? UNKNOWN_ORIGIN, score: null })),
  };
  return { task, judgements: [judgement], problems: [] };
}

const idOf = ({ prompt, responses, annotator, round, timestamp: time }: Judgement): string =>
  contentId([prompt, ...responses, annotator, round, time]);

function decided(cells: Cells, n: number): Pick<Judgement, 'status' | 'verdict' | 'ranks'> {
  const status = cells.status ?? (cells.verdict == null ? 'skipped' : 'judged');
  if (status === 'skipped') return { status, verdict: null, ranks: null };
  if (status !== 'judged')
    return fail('status', 'must be judged or skipped', status, 'Decide it, or leave the line out.');
  const verdict =
    VERDICTS.find((one) => one === cells.verdict) ??
    fail('verdict', `must be ${VERDICTS.join(', ')}`, cells.verdict, 'Judge it again, or leave the line out.');
  if (cells.ranks == null && verdict !== 'better')
    return { status, verdict, ranks: Array.from({ length: n }, () => 1) };
  const ranks = list(cells.ranks, 'ranks').map((rank, i) => whole(rank, `ranks[${i}]`));
  validateRanks(verdict, ranks, n);
  return { status, verdict, ranks };
}

function whole(value: unknown, where: string): number {
  return Number.isInteger(finite(value, where, 0))
    ? (value as number)
    : fail(where, 'must be a whole number', value, 'Round it.');
}

function originsOf(value: unknown, n: number): Origin[] {
  if (value == null) return Array.from({ length: n }, () => UNKNOWN_ORIGIN);
  const given = list(value, 'origins');
  if (given.length !== n)
    fail('origins', `must be one for each of the ${n} responses`, given.length, 'Give one for each, or none at all.');
  return given.map((one, i): Origin => {
    const { name, generation_id, adapter_id, seed } = object(one, `origins[${i}]`);
    return {
      name: typeof name === 'string' ? name : null,
      generationId: typeof generation_id === 'string' ? generation_id : null,
      adapterId: typeof adapter_id === 'string' ? adapter_id : null,
      seed: typeof seed === 'number' ? seed : null,
    };
  });
}

function strengthOf(value: unknown): Judgement['strength'] {
  if (value == null) return null;
  return STRENGTHS.find((n) => n === value) ?? fail('strength', 'must be 1, 2 or 3', value, 'Choose one, or none.');
}

function editOf(value: unknown, n: number): Edit | null {
  if (value == null) return null;
  const { response, text } = object(value, 'edit');
  const index = whole(response, 'edit.response');
  if (index >= n) fail('edit.response', `must be below ${n}`, index, 'Number the responses from 0.');
  return { response: index, text: optionalText(text, 'edit.text') };
}

function shownOf(value: unknown, n: number): number[] | null {
  if (value == null) return null;
  const order = list(value, 'shown').map((one, i) => whole(one, `shown[${i}]`));
  if (order.length !== n || new Set(order).size !== n || order.some((index) => index >= n))
    fail('shown', `must be the numbers 0 to ${n - 1} in some order`, order.join(', '), 'Leave it out if unknown.');
  return order;
}
