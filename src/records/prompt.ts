// A prompt that the policy practises on or is looked at with: a question with its passages, and what is known of its answer.
import { drawing } from './draw.ts';
import { finite, object, text } from './validate.ts';

export const PROMPT_VERSION = 1;

export interface ProjectPrompt {
  projectId: string;
  /** Made of the prompt: the same one comes in once. */
  id: string;
  /** Question + "\n\nContext:\n" + passages, exactly what the model reads. */
  prompt: string;
  /** What a right answer contains; null where nobody has said. */
  answer: string | null;
  /** File name, or 'preferences' | 'demonstrations' | 'asked'. */
  source: string;
  /** Order of arrival. */
  position: number;
  createdAt: string; // UTC, ISO 8601
  version: number;
}

export function validateProjectPrompt(value: unknown, where = 'prompt'): ProjectPrompt {
  const v = object(value, where);
  const get = (key: string): string => text(v[key], `${where}.${key}`);
  return {
    projectId: get('projectId'),
    id: get('id'),
    prompt: get('prompt'),
    answer: v.answer === null || v.answer === undefined ? null : get('answer'),
    source: get('source'),
    position: finite(v.position, `${where}.position`, 0),
    createdAt: get('createdAt'),
    version: finite(v.version, `${where}.version`, 1),
  };
}

/** Places of those that are kept for looking, at most half of them: by prompt and seed alone, so that a prompt that comes
 *  or goes moves few others, and what the split of demonstrations under the same seed keeps for the test is kept first. */
export function keptForLooking(
  prompts: readonly Pick<ProjectPrompt, 'prompt'>[],
  { seed, testPrompts }: { seed: number; testPrompts: number },
): Set<number> {
  const draw = drawing(seed);
  const drawn = prompts.map(({ prompt }, place) => ({ place, at: draw(prompt) }));
  drawn.sort((a, b) => a.at - b.at || a.place - b.place);
  const count = Math.min(testPrompts, Math.floor(prompts.length / 2));
  return new Set(drawn.slice(0, count).map(({ place }) => place));
}
