// Files of demonstrations: TRL's three kinds of rows, Alpaca, ShareGPT, preferences, and any columns that a person maps.
import type { DemonstrationRow, Turn } from '../records/demonstration.ts';
import {
  CONTEXT_LINE,
  type RowColumn,
  type RowFormat,
  type RowMapping,
  type RowProblem,
  type RowsRead,
} from '../records/rowMapping.ts';
import { readJsonLines, writeJsonLines } from './jsonl.ts';

/** Rows that are looked at to learn what a column holds. */
const LOOKED_AT = 100;

type Cells = Record<string, unknown>;

class Refused extends Error {
  constructor(
    readonly problem: RowProblem,
    readonly detail: string,
  ) {
    super(problem);
  }
}

/** A bad line is an outcome, not an error. Without a mapping the columns suggest one. */
export async function readRows(pieces: AsyncIterable<Uint8Array>, wanted: RowMapping | null = null): Promise<RowsRead> {
  const { unit, lines } = await readJsonLines(pieces);
  const columns = columnsOf(lines.flatMap((line) => ('value' in line && isCells(line.value) ? [line.value] : [])));
  const { format, mapping: suggested } = suggestMapping(columns);
  const mapping = wanted ?? suggested;
  const found: RowsRead = { unit, columns, format, mapping, rows: [], problems: [] };
  for (const line of lines) {
    const at = { line: line.line };
    if ('problem' in line) found.problems.push({ ...at, problem: line.problem, detail: line.detail });
    else if (!isCells(line.value)) found.problems.push({ ...at, problem: 'object', detail: '' });
    else if (mapping) {
      const read = readRow(line.value, mapping);
      if ('row' in read) found.rows.push({ ...at, row: read.row });
      else found.problems.push({ ...at, ...read });
    }
  }
  return found;
}

/** As TRL's SFTTrainer loads them. */
export function* writeRows(rows: Iterable<DemonstrationRow>): Generator<string> {
  for (const row of rows)
    if ('prompt' in row) yield* writeJsonLines([{ prompt: row.prompt, completion: row.completion }]);
    else if ('text' in row) yield* writeJsonLines([{ text: row.text }]);
    else yield* writeJsonLines([{ messages: row.messages.map(({ role, content }) => ({ role, content })) }]);
}

/** In the order in which they first appear. */
function columnsOf(rows: readonly Cells[]): RowColumn[] {
  const columns = new Map<string, RowColumn>();
  for (const row of rows.slice(0, LOOKED_AT))
    for (const [name, cell] of Object.entries(row)) {
      const holds = isTurns(cell) ? 'turns' : asText(cell) === null ? 'other' : 'text';
      const known = columns.get(name);
      if (!known || (known.holds === 'other' && holds !== 'other')) columns.set(name, { name, holds });
    }
  return [...columns.values()];
}

/** Of TRL's unpaired preferences: whether the completion is one to learn or one to avoid. */
const LABEL = 'label';

const CONTEXTS = ['context', 'input', 'passages', 'contexts', 'retrieved_contexts', 'documents'];
const PROMPTS = ['prompt', 'instruction', 'question', 'query', 'user_input', 'input', 'user'];
const COMPLETIONS = ['completion', 'output', 'answer', 'response', 'chosen', 'reference', 'target', 'assistant'];

/** By names that others use; null when none of them is there. */
export function suggestMapping(columns: readonly RowColumn[]): { format: RowFormat; mapping: RowMapping | null } {
  const has = (name: string, ...holds: RowColumn['holds'][]): boolean =>
    columns.some((column) => column.name === name && (holds.length === 0 || holds.includes(column.holds)));
  const is = (format: RowFormat, mapping: RowMapping): { format: RowFormat; mapping: RowMapping } => ({
    format,
    mapping,
  });
  const fields = (prompt: string, completion: string, context: string | null = null): RowMapping => ({
    kind: 'prompt',
    prompt,
    context,
    completion,
  });
  if (has('prompt') && has('completion')) return is('trl', fields('prompt', 'completion'));
  if (has('messages', 'turns')) return is('trl', { kind: 'messages', messages: 'messages' });
  if (has('conversations', 'turns')) return is('shareGpt', { kind: 'messages', messages: 'conversations' });
  if (has('chosen') && has('rejected')) {
    if (has('prompt')) return is('preference', fields('prompt', 'chosen'));
    return has('chosen', 'turns')
      ? is('preference', { kind: 'messages', messages: 'chosen' })
      : is('preference', { kind: 'text', text: 'chosen' });
  }
  if (has('instruction') && has('output'))
    return is('alpaca', fields('instruction', 'output', has('input') ? 'input' : null));
  if (has('text', 'text')) return is('trl', { kind: 'text', text: 'text' });
  const prompt = PROMPTS.find((name) => has(name, 'text', 'turns'));
  const completion = COMPLETIONS.find((name) => has(name, 'text', 'turns'));
  if (prompt !== undefined && completion !== undefined) {
    const context = CONTEXTS.find((name) => name !== prompt && has(name)) ?? null;
    return is('other', fields(prompt, completion, context));
  }
  const turns = columns.find((column) => column.holds === 'turns');
  return { format: 'other', mapping: turns ? { kind: 'messages', messages: turns.name } : null };
}

type Outcome = { row: DemonstrationRow } | { problem: RowProblem; detail: string };

function readRow(cells: Cells, mapping: RowMapping): Outcome {
  try {
    return { row: rowOf(cells, mapping) };
  } catch (error) {
    if (error instanceof Refused) return { problem: error.problem, detail: error.detail };
    throw error;
  }
}

function rowOf(cells: Cells, mapping: RowMapping): DemonstrationRow {
  if (mapping.kind === 'text') return { text: filled(cells, mapping.text) };
  if (mapping.kind === 'messages') return answered(turnsOf(present(cells, mapping.messages), mapping.messages));
  const { prompt, context, completion } = mapping;
  if (cells[LABEL] === false && ![prompt, context, completion].includes(LABEL)) throw new Refused('unwanted', LABEL);
  const joined = context === null ? '' : contextOf(cells[context], context);
  if (!isTurns(present(cells, prompt)) && !isTurns(present(cells, completion)))
    return { prompt: filled(cells, prompt) + joined, completion: filled(cells, completion) };
  const asked = turnsOrText(cells, prompt, 'user');
  const last = asked.at(-1);
  if (joined !== '' && last) asked[asked.length - 1] = { ...last, content: last.content + joined };
  const said = turnsOrText(cells, completion, 'assistant');
  const [question, answer] = [asked[0], said[0]];
  // One question and one answer are the plain kind of row; of a longer talk every answer is learned.
  if (asked.length === 1 && said.length === 1 && question?.role === 'user' && answer?.role === 'assistant')
    return { prompt: notEmpty(question.content, prompt), completion: notEmpty(answer.content, completion) };
  return answered([...asked, ...said]);
}

function turnsOrText(cells: Cells, column: string, role: Turn['role']): Turn[] {
  const cell = present(cells, column);
  return isTurns(cell) ? turnsOf(cell, column) : [{ role, content: filled(cells, column) }];
}

function answered(messages: Turn[]): DemonstrationRow {
  if (messages.some(({ role, content }) => role === 'assistant' && content !== '')) return { messages };
  throw new Refused('silent', '');
}

function present(cells: Cells, column: string): unknown {
  const cell = Object.hasOwn(cells, column) ? cells[column] : undefined;
  if (cell === undefined || cell === null) throw new Refused('missing', column);
  return cell;
}

function filled(cells: Cells, column: string): string {
  const text = asText(present(cells, column));
  if (text === null) throw new Refused('type', column);
  return notEmpty(text, column);
}

function notEmpty(text: string, column: string): string {
  if (text.trim() === '') throw new Refused('empty', column);
  return text;
}

/** Passages may come as a list; a row without any is asked without. */
function contextOf(cell: unknown, column: string): string {
  if (cell === undefined || cell === null) return '';
  const text = Array.isArray(cell) && cell.every((part) => typeof part === 'string') ? cell.join('\n') : asText(cell);
  if (text === null) throw new Refused('type', column);
  return text.trim() === '' ? '' : CONTEXT_LINE + text;
}

function asText(cell: unknown): string | null {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : null;
}

const isCells = (value: unknown): value is Cells =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTurns = (cell: unknown): cell is Cells[] =>
  Array.isArray(cell) && isCells(cell[0]) && (cell[0].role !== undefined || cell[0].from !== undefined);

const ROLES: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  model: 'assistant',
  chatgpt: 'assistant',
};

/** ShareGPT says from and value where TRL says role and content. */
function turnsOf(cell: unknown, column: string): Turn[] {
  if (!Array.isArray(cell) || cell.length === 0) throw new Refused('type', column);
  return cell.map((turn: unknown): Turn => {
    if (!isCells(turn)) throw new Refused('turns', column);
    const [name, content] = [turn.role ?? turn.from, turn.content ?? turn.value];
    const role = typeof name === 'string' && Object.hasOwn(ROLES, name) ? ROLES[name] : undefined;
    if (!role) throw new Refused('turns', typeof name === 'string' ? name.slice(0, 40) : column);
    if (typeof content !== 'string') throw new Refused('turns', column);
    return { role, content };
  });
}
