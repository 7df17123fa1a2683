// Files of tasks: a prompt and the answers to judge, one task a line, after an optional line that says what is asked.
//   {"atelier_tasks": 1, "title": "Handbook", "return_to": "anna@example.org", "guidelines": "…", "tags": ["faithful"]}
//   {"prompt": "Who leads?", "context": ["Anna leads."], "responses": ["Anna.", {"text": "Bob.", "model": "base"}]}
// `question` may stand for `prompt`; a context is one text, taken as it is, or a list; an answer may have a score and a seed.
import { NO_HEAD, UNKNOWN_ORIGIN, type Response, type Task, type TaskHead } from '../records/comparison.ts';
import { fail } from '../records/validate.ts';
import {
  answers,
  asked,
  filled,
  firstOf,
  isCells,
  list,
  optionalText,
  texts,
  type Cells,
  type LineRead,
} from './taskParts.ts';

export const TASKS_VERSION = 1;

export const isTaskHead = (cells: Cells): boolean => 'atelier_tasks' in cells;
export const isTask = (cells: Cells): boolean => 'responses' in cells;

export function readTaskHead(cells: Cells): TaskHead {
  if (cells.atelier_tasks !== TASKS_VERSION)
    fail('atelier_tasks', `must be ${TASKS_VERSION}`, cells.atelier_tasks, 'Open the file with a newer studio.');
  return {
    title: optionalText(cells.title, 'title'),
    returnTo: optionalText(cells.return_to, 'return_to'),
    guidelines: optionalText(cells.guidelines, 'guidelines'),
    tags: cells.tags == null ? NO_HEAD.tags : texts(cells.tags, 'tags'),
  };
}

export function readTask(cells: Cells): LineRead {
  const where = cells.prompt == null && cells.question != null ? 'question' : 'prompt';
  const task: Task = {
    ...asked(cells[where], firstOf(cells, ['context', 'passages', 'contexts']), where),
    responses: answers(list(cells.responses, 'responses').map(answer), 'responses'),
  };
  return { task, judgements: [], problems: [] };
}

function answer(value: unknown, i: number): Response {
  const where = `responses[${i}]`;
  if (typeof value === 'string') return { text: value, origin: UNKNOWN_ORIGIN, score: null };
  if (!isCells(value)) return fail(where, 'must be text', value, 'Write it between double quotes.');
  const { text, model, score, seed } = value;
  if (score != null && !(typeof score === 'number' && Number.isFinite(score)))
    fail(`${where}.score`, 'must be a number', score, 'Leave it out if unknown.');
  return {
    text: filled(text, `${where}.text`),
    origin: {
      ...UNKNOWN_ORIGIN,
      name: typeof model === 'string' ? model : null,
      seed: typeof seed === 'number' ? seed : null,
    },
    score: typeof score === 'number' ? score : null,
  };
}
