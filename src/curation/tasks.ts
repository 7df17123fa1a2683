// Tasks on their way into the queue: when two are the same, and what a comparison is made of. Pure.
import { fnv1a } from '../formats/hash.ts';
import { COMPARISON_VERSION, type Comparison, type ComparisonSource, type Task } from '../records/comparison.ts';

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** Equal for the same question, passages and set of answers, in whatever order the answers come. */
export function taskKey({ question, passages, responses }: Task): string {
  const answers = responses.map(({ text }) => text.trim()).sort();
  return fnv1a(JSON.stringify([oneLine(question), passages.map(({ text }) => oneLine(text)), answers]));
}

/** The same parts always make the same id: what is added twice is there once. Fit for an address. */
export const comparisonId = (...parts: readonly string[]): string => fnv1a(JSON.stringify(parts));

/** What is judged, before it has its place; the seed follows from the id. */
export function comparisonOf(
  { question, passages, prompt, responses }: Task,
  made: Pick<Comparison, 'id' | 'projectId' | 'createdAt'> & { source: ComparisonSource },
): Omit<Comparison, 'position'> {
  const seed = Number.parseInt(fnv1a(made.id).slice(0, 8), 16);
  return { ...made, question, passages, prompt, responses, seed, version: COMPARISON_VERSION };
}

/** Answers that are alike are one answer, empty ones are none; null when fewer than two are left to compare. */
export function withoutAlike(task: Task): Task | null {
  const seen = new Set<string>();
  const responses = task.responses.filter(({ text }) => {
    const known = text.trim() === '' || seen.has(text.trim());
    seen.add(text.trim());
    return !known;
  });
  return responses.length < 2 ? null : { ...task, responses };
}
