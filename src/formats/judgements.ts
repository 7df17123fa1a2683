// Any file of judgements or tasks: our feedback.jsonl and tasks, TRL preferences, Argilla, Label Studio.
import type { Task, TaskHead } from '../records/comparison.ts';
import type { Judgement } from '../records/feedback.ts';
import type { FeedbackFormat } from '../records/merging.ts';

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
  /** Sentences; a bad line never aborts a file. */
  problems: { line: number; problem: string }[];
}
