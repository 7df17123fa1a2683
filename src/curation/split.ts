// Which demonstrations train and which test: by file where a row came with one, else by a seeded draw over its prompt.
import { fnv1a } from '../formats/hash.ts';
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

/** 0 … 1 from the text and the seed alone. The words at the end stir: FNV-1a mixes its last bytes badly. */
function draw(prompt: string, seed: number): number {
  return Number.parseInt(fnv1a(`${seed}\n${prompt}\nsplit by prompt`).slice(-8), 16) / 2 ** 32;
}
