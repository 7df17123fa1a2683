// prompts.jsonl: what PPO practises on, one prompt a line, with what a right answer contains where that is known.
//   {"prompt": "Who leads?\n\nContext:\n[1] Anna leads.", "answer": "Anna"}
//   {"question": "Who leads?", "context": ["Anna leads."], "answer": "Anna"}
import type { ProjectPrompt } from '../records/prompt.ts';
import { fail, RecordError } from '../records/validate.ts';
import { eachJsonLine, type JsonLine } from './jsonl.ts';
import { asked, firstOf, isCells, optionalText } from './taskParts.ts';

export type PromptLine = Pick<ProjectPrompt, 'prompt' | 'answer'>;

export interface PromptsRead {
  prompts: PromptLine[];
  problems: { line: number; problem: string }[];
}

/** Never throws for what the bytes are. */
export async function readPromptFile(pieces: AsyncIterable<Uint8Array>): Promise<PromptsRead> {
  const found: PromptsRead = { prompts: [], problems: [] };
  await eachJsonLine(pieces, (line) => {
    try {
      found.prompts.push(promptOf(line));
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      found.problems.push({ line: line.line, problem: error.message });
    }
  });
  return found;
}

function promptOf(line: JsonLine): PromptLine {
  if ('problem' in line)
    return line.problem === 'long'
      ? fail('line', 'must be shorter', `${line.detail} characters`, 'Break the file into one object a line.')
      : fail('line', 'must be JSON', line.detail, 'Correct it, or leave it out.');
  const { value } = line;
  if (!isCells(value)) return fail('line', 'must be an object', value, 'Write one prompt between braces.');
  const where = value.prompt == null && value.question != null ? 'question' : 'prompt';
  const { prompt } = asked(value[where], firstOf(value, ['context', 'passages', 'contexts']), where);
  const answer = optionalText(value.answer, 'answer').trim();
  return { prompt, answer: answer === '' ? null : answer };
}
