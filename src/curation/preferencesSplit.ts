// Which preferences train and which test: a seeded draw over their question, unless a person has said where one belongs.
import { drawing, type SplitSettings } from './split.ts';

/** The same question always falls on the same side, whatever else is in the table. */
export function preferencesSplit({
  seed,
  testShare,
}: SplitSettings): (question: string, said?: 'train' | 'test' | null) => 'train' | 'test' {
  const draw = drawing(seed);
  return (question, said) => said ?? (draw(question) < testShare ? 'test' : 'train');
}
