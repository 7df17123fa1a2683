// The fixed prompts of a run: a few test rows, answered before, during and after, each time the same.
import { splitOf } from '../curation/split.ts';
import type { SftConfig } from '../records/config.ts';
import { promptOf, type Demonstration, type DemonstrationRow } from '../records/demonstration.ts';
import type { SamplePrompt } from '../records/run.ts';

const COUNT = 4;
/** Small words that one language has and the other has not. */
const FRENCH = /(^|\s)(quel|quelle|comment|est|le|la|les|du|des|une|dans|niveau|pourquoi|combien)(\s|$)/i;

/** What the row says after the prompt; null for plain text, which has no answer. */
export function expectedOf(row: DemonstrationRow): string | null {
  if ('prompt' in row) return row.completion;
  if ('text' in row) return null;
  return row.messages.find(({ role }) => role === 'assistant')?.content ?? null;
}

/** The first test rows, as many of them French as not where both are there; training rows where none tests. */
export function samplePrompts(
  demonstrations: readonly Demonstration[],
  settings: Pick<SftConfig, 'seed' | 'testShare'>,
): SamplePrompt[] {
  const { train, test } = splitOf(demonstrations, settings);
  const prompts = (test.length > 0 ? test : train).flatMap(({ row }): SamplePrompt[] =>
    'text' in row ? [] : [{ prompt: promptOf(row), expected: expectedOf(row) }],
  );
  return someOf(prompts);
}

/** The first ones, as many of them French as not where both are there. */
export function someOf(prompts: readonly SamplePrompt[]): SamplePrompt[] {
  const french = prompts.filter(({ prompt }) => FRENCH.test(questionOf(prompt)));
  const others = prompts.filter(({ prompt }) => !FRENCH.test(questionOf(prompt)));
  const half = Math.max(COUNT / 2, COUNT - others.length);
  const some = french.slice(0, half);
  return [...others.slice(0, COUNT - some.length), ...some];
}

/** The question of a prompt, without the passages under it. */
export const questionOf = (prompt: string): string => prompt.split('\n\nContext:')[0] ?? prompt;
/** The passages under the question; "" without any. */
export const contextOf = (prompt: string): string => prompt.split('\n\nContext:\n')[1] ?? '';
