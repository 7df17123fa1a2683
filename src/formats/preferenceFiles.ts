// Merged preferences as the files that TRL reads: dataset_rlhf.jsonl, its conversational twin, KTO's rows, demonstrations.
import { writeJsonLines } from './jsonl.ts';
import { cellJson, provenance, rlhfColumns, type PreferenceRow } from './preferenceColumns.ts';

/** A rewritten answer is one to learn from. */
export interface EditedAnswer {
  prompt: string;
  completion: string;
}

/** prompt, chosen, rejected, annotator_comment, timestamp, in this order; provenance after them. One row a line. */
export function* writeRlhf(rows: readonly PreferenceRow[]): Generator<string> {
  const columns = rlhfColumns(rows);
  const names = columns.map((column) => JSON.stringify(column.name));
  for (const row of rows) yield `{${columns.map((column, i) => `${names[i]}: ${cellJson(column, row)}`).join(', ')}}\n`;
}

/** The same as turns. The passages stay in the user's turn: it holds exactly what the model reads. */
export function* writeConversational(rows: readonly PreferenceRow[]): Generator<string> {
  const turns = (role: 'user' | 'assistant', content: string): string => JSON.stringify([{ role, content }]);
  const columns = provenance(rows);
  for (const row of rows) {
    const cells = [
      `"prompt": ${turns('user', row.prompt)}`,
      `"chosen": ${turns('assistant', row.chosen)}`,
      `"rejected": ${turns('assistant', row.rejected)}`,
      ...columns.map((column) => `${JSON.stringify(column.name)}: ${cellJson(column, row)}`),
    ];
    yield `{${cells.join(', ')}}\n`;
  }
}

/** Two rows a preference, one to learn and one to avoid. Of a tie neither could be said: it has none. */
export function* writeKto(rows: readonly PreferenceRow[]): Generator<string> {
  for (const { prompt, chosen, rejected, tie } of rows)
    if (!tie)
      yield* writeJsonLines([
        { prompt, completion: chosen, label: true },
        { prompt, completion: rejected, label: false },
      ]);
}

/** As TRL's SFTTrainer loads them; the same answer to the same prompt once. */
export function* writeDemonstrations(edits: Iterable<EditedAnswer>): Generator<string> {
  const seen = new Set<string>();
  for (const { prompt, completion } of edits) {
    const line = `${JSON.stringify({ prompt, completion })}\n`;
    if (!seen.has(line)) yield line;
    seen.add(line);
  }
}
