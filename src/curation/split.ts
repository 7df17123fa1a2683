// Which demonstrations train and which test: by file where a row came with one, else by a seeded draw over its prompt.
import { promptOf, type Demonstration } from '../records/demonstration.ts';

export interface SplitSettings {
  seed: number;
  /** Of the prompts that belong to neither file, 0 … 1. */
  testShare: number;
}

export interface Split {
  train: Demonstration[];
  test: Demonstration[];
  /** Prompts that their files put on both sides: such a test asks what was taught. */
  shared: number;
}

/** The same prompt always falls on the same side, whatever else is in the table: rows may be added and deleted. */
export function splitOf(demonstrations: readonly Demonstration[], { seed, testShare }: SplitSettings): Split {
  const fixed = { train: new Set<string>(), test: new Set<string>() };
  for (const { row, split } of demonstrations) if (split) fixed[split].add(promptOf(row));
  const train: Demonstration[] = [];
  const test: Demonstration[] = [];
  for (const demonstration of demonstrations) {
    const prompt = promptOf(demonstration.row);
    const drawn = fixed.test.has(prompt) || (!fixed.train.has(prompt) && draw(prompt, seed) < testShare);
    const side = demonstration.split ?? (drawn ? 'test' : 'train');
    (side === 'test' ? test : train).push(demonstration);
  }
  const shared = [...fixed.test].filter((prompt) => fixed.train.has(prompt)).length;
  return { train, test, shared };
}

/** 0 … 1 from the text and the seed alone, by 32 bits of FNV-1a over UTF-16. The words at the end stir: it mixes its last
 *  letters badly. A hundred thousand rows are drawn in one go, so no bytes are made of them first. */
function draw(prompt: string, seed: number): number {
  const text = `${seed}\n${prompt}\nsplit by prompt`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
