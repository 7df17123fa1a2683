// To try what a run has learned: one of its fixed questions is typed, and the texts that it can be answered from are there.
import type { Run, SamplePrompt } from '../records/run.ts';
import { adapters } from './adapters.svelte.ts';
import { askSettings } from './askSettings.svelte.ts';
import { documents } from './documents.svelte.ts';
import { contextOf, questionOf } from './samplePrompts.ts';

/** Passages without the numbers before them. */
const plain = (context: string): string => context.replace(/^\[\d+\] /gm, '');

const withPassages = (samples: readonly SamplePrompt[]): SamplePrompt[] =>
  samples.filter(({ prompt }) => contextOf(prompt) !== '');

/** Whether its questions bring passages of their own: Ask has nothing to find in without a text. */
export const canTry = ({ samples }: Run): boolean => withPassages(samples).length > 0;

/** The run's adapter answers; the passages of its questions become a text of this title, once. */
export async function tryOut({ samples, adapterId }: Run, title: string): Promise<void> {
  if (adapterId) adapters.choose(adapterId);
  const asked = withPassages(samples);
  if (!documents.list.some(({ name }) => name === title))
    await documents.addText(title, asked.map(({ prompt }) => plain(contextOf(prompt))).join('\n\n'));
  askSettings.question.value = questionOf(asked[0]?.prompt ?? '');
}
