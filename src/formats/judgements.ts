// Any file of judgements or tasks: our feedback.jsonl and tasks, TRL preferences, Argilla, Label Studio.
import { NO_HEAD, type Task, type TaskHead } from '../records/comparison.ts';
import type { Judgement } from '../records/feedback.ts';
import type { FeedbackFormat } from '../records/merging.ts';
import { fail, RecordError } from '../records/validate.ts';
import { isArgilla, readArgilla } from './argilla.ts';
import { isFeedback, readFeedback } from './feedbackFile.ts';
import { eachJsonLine, type JsonLine } from './jsonl.ts';
import { isLabelStudio, readLabelStudio } from './labelStudio.ts';
import { isCells, type Cells, type LineRead } from './taskParts.ts';
import { isTask, isTaskHead, readTask, readTaskHead } from './taskFile.ts';
import { isPreference, readPreference } from './trlPreferences.ts';

/** One line or entry: what is to be judged, and what was made of it, by however many people. */
export interface ReadItem {
  line: number;
  task: Task;
  judgements: Judgement[];
}

export interface ItemsRead {
  unit: 'line' | 'entry';
  /** Of the first readable line; null when none is. */
  format: FeedbackFormat | null;
  head: TaskHead;
  items: ReadItem[];
  /** Sentences; a bad line never aborts a file. A line may be read and still have one: of a judgement among several. */
  problems: { line: number; problem: string }[];
}

interface Reader {
  format: FeedbackFormat;
  is: (cells: Cells) => boolean;
  read: (cells: Cells, name: string) => LineRead;
}

/** The first that knows the shape of a line reads it: lines of one file may differ. */
const READERS: readonly Reader[] = [
  { format: 'atelier', is: isFeedback, read: readFeedback },
  { format: 'argilla', is: isArgilla, read: readArgilla },
  { format: 'trl', is: isPreference, read: readPreference }, // before tasks: other tools leave all responses in the row
  { format: 'tasks', is: isTask, read: readTask },
  { format: 'labelStudio', is: isLabelStudio, read: readLabelStudio },
];

/** Never throws for what the bytes are. `name` is the file's: it stands for the annotator where a line names none. */
export async function readItems(pieces: AsyncIterable<Uint8Array>, { name }: { name: string }): Promise<ItemsRead> {
  const found: ItemsRead = { unit: 'line', format: null, head: NO_HEAD, items: [], problems: [] };
  found.unit = await eachJsonLine(pieces, (line) => {
    try {
      readLine(cellsOf(line), line.line, name, found);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      found.problems.push({ line: line.line, problem: error.message });
    }
  });
  return found;
}

function cellsOf(line: JsonLine): Cells {
  if ('value' in line)
    return isCells(line.value)
      ? line.value
      : fail('line', 'must be an object', line.value, 'Write one judgement or task between braces.');
  if (line.problem === 'long')
    return fail('line', 'must be shorter', `${line.detail} characters`, 'Break the file into one object a line.');
  return fail('line', 'must be JSON', line.detail, 'Correct it, or leave it out.');
}

function readLine(cells: Cells, line: number, name: string, found: ItemsRead): void {
  if (isTaskHead(cells)) {
    // Of files that were joined, the first head speaks for all.
    const head = readTaskHead(cells);
    if (found.head === NO_HEAD) found.head = head;
    found.format ??= 'tasks';
    return;
  }
  const reader =
    READERS.find(({ is }) => is(cells)) ??
    fail('line', 'must be feedback, a task or a preference', keysOf(cells), 'Give it a prompt and its answers.');
  const { task, judgements, problems } = reader.read(cells, name);
  found.format ??= reader.format;
  found.items.push({ line, task, judgements });
  for (const problem of problems) found.problems.push({ line, problem });
}

const keysOf = (cells: Cells): string => Object.keys(cells).slice(0, 8).join(', ') || 'nothing';
