// Which rows train and which test, as the page shows it: drawn in slices, so that it stays quick with many rows.
import { splitting, type SplitSettings } from '../curation/split.ts';
import type { Demonstration } from '../records/demonstration.ts';

export interface Sides {
  /** Ids of the rows that test; all others train. */
  test: ReadonlySet<string>;
  /** Prompts that their files put on both. */
  shared: number;
}

/** Half of what is felt as a wait between two frames. */
const SLICE_MS = 30;

class RowSides {
  #now = $state.raw<Sides>({ test: new Set(), shared: 0 });
  #last = 0;

  /** As last drawn. */
  get now(): Sides {
    return this.#now;
  }

  /** Few rows are drawn when it returns; a later call takes over from an earlier one. */
  async draw(list: readonly Demonstration[], settings: SplitSettings): Promise<void> {
    const mine = ++this.#last;
    const run = splitting(list, settings);
    let since = performance.now();
    for (let { done, value } = run.next(); ; { done, value } = run.next()) {
      if (done && value) {
        this.#now = { test: new Set(value.test.map(({ id }) => id)), shared: value.shared };
        return;
      }
      if (performance.now() - since < SLICE_MS) continue;
      await new Promise((resolve) => setTimeout(resolve));
      if (mine !== this.#last) return;
      since = performance.now();
    }
  }
}

export const rowSides = new RowSides();
