// The words in which two texts differ, as parts of each: the door to the package that compares.
import { diffArrays } from 'diff';

export interface DiffPart {
  text: string;
  /** Only this text has it there. */
  own: boolean;
}

/** Longer texts are not compared: what a person waits for must come at once. */
export const LONGEST = 8_000;
/** Steps between two texts; more than that, and they are just two texts. */
export const MOST_EDITS = 120;
/** Below this share of common words a tint on nearly everything says nothing. */
const LEAST_COMMON = 0.15;

/** Made when it is first needed; null where the browser has none: then nothing is tinted. */
let segmenter: Intl.Segmenter | null | undefined;
function wordsOf(text: string): string[] | null {
  segmenter ??= 'Segmenter' in Intl ? new Intl.Segmenter(undefined, { granularity: 'word' }) : null;
  return segmenter && Array.from(segmenter.segment(text), ({ segment }) => segment);
}
const isWord = (segment: string): boolean => /[\p{L}\p{N}]/u.test(segment);
const weight = (words: readonly string[]): number => words.filter(isWord).length;

/** Null when they are too long or too different to be told apart by words. The parts joined are the texts. */
export function wordDiff(left: string, right: string): { left: DiffPart[]; right: DiffPart[] } | null {
  if (left.length > LONGEST || right.length > LONGEST) return null;
  const [before, after] = [wordsOf(left), wordsOf(right)];
  const changes = before && after && diffArrays(before, after, { maxEditLength: MOST_EDITS });
  if (!changes) return null;
  const parts = (leave: 'added' | 'removed'): DiffPart[] =>
    changes.flatMap((change) =>
      change[leave] ? [] : [{ text: change.value.join(''), own: change.added || change.removed }],
    );
  const common = changes.filter((change) => !change.added && !change.removed);
  const shared = weight(common.flatMap((change) => change.value));
  const most = Math.max(weight(before), weight(after));
  return shared < LEAST_COMMON * most ? null : { left: parts('added'), right: parts('removed') };
}
