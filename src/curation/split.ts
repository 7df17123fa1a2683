// Which demonstrations train and which test: by file where a row came with one, else by a seeded draw over its prompt.
import { promptOf, type Demonstration } from '../records/demonstration.ts';
import { drawing } from '../records/draw.ts';

export { drawing };

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

/** Rows between two of its pauses. */
const SLICE = 1000;

/** The same prompt always falls on the same side, whatever else is in the table: rows may be added and deleted. */
export function splitOf(demonstrations: readonly Demonstration[], settings: SplitSettings): Split {
  const run = splitting(demonstrations, settings);
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
  }
}

/** The same in slices: a page that asks can do other things between them. */
export function* splitting(
  demonstrations: readonly Demonstration[],
  { seed, testShare }: SplitSettings,
): Generator<undefined, Split> {
  const fixed = { train: new Set<string>(), test: new Set<string>() };
  for (const [i, { row, split }] of demonstrations.entries()) {
    if (i % SLICE === 0) yield;
    if (split) fixed[split].add(promptOf(row));
  }
  const none = fixed.train.size + fixed.test.size === 0; // to look a long prompt up costs as much as to draw it
  const draw = drawing(seed);
  const train: Demonstration[] = [];
  const test: Demonstration[] = [];
  for (const [i, demonstration] of demonstrations.entries()) {
    if (i % SLICE === 0) yield;
    const prompt = promptOf(demonstration.row);
    const drawn = (!none && fixed.test.has(prompt)) || ((none || !fixed.train.has(prompt)) && draw(prompt) < testShare);
    const side = demonstration.split ?? (drawn ? 'test' : 'train');
    (side === 'test' ? test : train).push(demonstration);
  }
  const shared = [...fixed.test].filter((prompt) => fixed.train.has(prompt)).length;
  return { train, test, shared };
}
