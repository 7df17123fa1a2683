// From answers on the Ask page to something that a person can judge: which askings can be compared, and as what. Pure.
import { comparisonId, withoutAlike } from '../curation/tasks.ts';
import type { Comparison, ComparisonPassage, ComparisonSource, Task } from '../records/comparison.ts';
import type { Generation, Passage } from '../records/generation.ts';

export interface AskTask {
  /** Made of the answers: adding them once more adds nothing. */
  id: string;
  task: Task;
  source: ComparisonSource;
}

/** A passage that belongs to no document comes without a place. */
export function passagesOf(passages: readonly Passage[]): ComparisonPassage[] {
  return passages.map(({ documentId, documentName, start, end, text }) => ({
    text,
    name: documentName,
    place: documentId === '' ? null : { documentId, start, end },
  }));
}

/** Null while there are not two different answers to one prompt. `nameOf` says who answered, for the files. */
export function taskOfAsk(kept: readonly Generation[], nameOf: (adapterId: string | null) => string): AskTask | null {
  const first = kept[0];
  if (!first) return null;
  const answers = kept.filter(({ prompt, finish }) => prompt === first.prompt && finish !== 'error');
  const task = withoutAlike({
    question: first.question,
    passages: passagesOf(first.passages),
    prompt: first.prompt,
    responses: answers.map(({ id, text, adapterId, sampling }) => ({
      text,
      origin: { name: nameOf(adapterId), generationId: id, adapterId, seed: sampling.seed },
      score: null,
    })),
  });
  if (!task) return null;
  const ids = task.responses.map(({ origin }) => origin.generationId ?? '').sort();
  return { id: comparisonId(first.askId, ...ids), task, source: { kind: 'ask', askId: first.askId } };
}

/** Askings whose answers are not in the queue yet, oldest first. One that got a further answer counts as new. */
export function asksToJudge(
  generations: readonly Generation[],
  comparisons: readonly Pick<Comparison, 'id'>[],
  nameOf: (adapterId: string | null) => string,
): AskTask[] {
  const known = new Set(comparisons.map(({ id }) => id));
  const byAsk = new Map<string, Generation[]>();
  for (const generation of generations)
    byAsk.set(generation.askId, [...(byAsk.get(generation.askId) ?? []), generation]);
  return [...byAsk.values()].flatMap((kept) => {
    const made = taskOfAsk(kept, nameOf);
    return made && !known.has(made.id) ? [made] : [];
  });
}
