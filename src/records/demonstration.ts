// A demonstration: what the model should have said, written or edited by a person; rows of train.jsonl and test.jsonl.
import { fail, finite, object, text } from './validate.ts';

export const DEMONSTRATION_VERSION = 1;

export interface Turn {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

/** The three kinds of rows that TRL's SFTTrainer takes. */
export type DemonstrationRow =
  /** The prompt goes through the chat template; the loss is on the completion. */
  | { prompt: string; completion: string }
  /** As it is; the loss is on every token but the first. */
  | { text: string }
  /** A conversation; the loss is on what the assistant says. */
  | { messages: Turn[] };

export interface Demonstration {
  id: string;
  projectId: string;
  row: DemonstrationRow;
  /** null = where the seeded split by prompt puts it. */
  split: 'train' | 'test' | null;
  /** The file that it came from, or '' for one that was written here. */
  source: string;
  /** Order in the table: rows of a file keep theirs. */
  position: number;
  createdAt: string; // UTC, ISO 8601
  /** The last time that a person changed it; never where it is missing. */
  editedAt?: string;
  version: number;
}

/** What the split goes by: equal prompts are never on both sides. */
export function promptOf(row: DemonstrationRow): string {
  if ('prompt' in row) return row.prompt;
  if ('text' in row) return row.text;
  return row.messages.find((turn) => turn.role === 'user')?.content ?? '';
}

const ROLES = ['system', 'user', 'assistant'] as const;

/** Throws a sentence about the first thing that is wrong. */
export function validateRow(value: unknown, where = 'row'): DemonstrationRow {
  const v = object(value, where);
  const filled = (key: string): string => {
    const given = text(v[key], `${where}.${key}`);
    return given.trim() === ''
      ? fail(`${where}.${key}`, 'must not be empty', '""', 'Write it, or delete the row.')
      : given;
  };
  if (v.messages !== undefined) {
    if (!Array.isArray(v.messages) || v.messages.length === 0)
      fail(`${where}.messages`, 'must be a list of turns', v.messages, 'Give [{"role": …, "content": …}].');
    const messages = v.messages.map((turn: unknown, i): Turn => {
      const t = object(turn, `${where}.messages[${i}]`);
      const role = ROLES.find((name) => name === t.role);
      if (!role) fail(`${where}.messages[${i}].role`, `must be ${ROLES.join(', ')}`, t.role, 'Rename it.');
      return { role, content: text(t.content, `${where}.messages[${i}].content`) };
    });
    if (!messages.some((turn) => turn.role === 'assistant' && turn.content !== ''))
      fail(`${where}.messages`, 'the assistant must say something', 'no such turn', 'Add an assistant turn.');
    return { messages };
  }
  if (v.text !== undefined) return { text: filled('text') };
  return { prompt: filled('prompt'), completion: filled('completion') };
}

export function validateDemonstration(value: unknown, where = 'demonstration'): Demonstration {
  const v = object(value, where);
  const get = (key: string): string => text(v[key], `${where}.${key}`);
  return {
    id: get('id'),
    projectId: get('projectId'),
    row: validateRow(v.row, `${where}.row`),
    split: v.split === 'train' || v.split === 'test' ? v.split : null,
    source: get('source'),
    position: finite(v.position, `${where}.position`),
    createdAt: get('createdAt'),
    ...(v.editedAt === undefined ? {} : { editedAt: get('editedAt') }),
    version: finite(v.version, `${where}.version`, 1),
  };
}
