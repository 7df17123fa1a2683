// How long every row is for the model: measured by its tokenizer alone, in slices, once for each row.
import type { InspectedRow } from '../../workers/api.ts';
import type { Demonstration, DemonstrationRow } from '../records/demonstration.ts';
import { engine } from './engine.svelte.ts';

export interface RowLength {
  tokens: number;
  /** Of them, those that carry loss. */
  completion: number;
}

/** A first answer at once, then few enough messages for a hundred thousand rows. */
const FIRST = 200;
const SLICE = 4000;
/** No row is longer: nothing is cut where all is to be seen. */
const WHOLE = 10_000_000;

class RowLengths {
  #known = new WeakMap<DemonstrationRow, RowLength>();
  /** Grows with what is known: reading it makes a view follow. */
  #version = $state(0);
  #wanted = 0;
  #measuring = $state(false);

  get measuring(): boolean {
    return this.#measuring;
  }

  of(row: DemonstrationRow): RowLength | null {
    return this.#version < 0 ? null : (this.#known.get(row) ?? null);
  }

  /** A later call takes over from an earlier one. */
  async measure(list: readonly Demonstration[]): Promise<void> {
    const mine = ++this.#wanted;
    const rows = list.map(({ row }) => row).filter((row) => !this.#known.has(row));
    if (rows.length === 0) return;
    this.#measuring = true;
    try {
      for (let from = 0; from < rows.length && mine === this.#wanted;) {
        const slice = rows.slice(from, from + (from === 0 ? FIRST : SLICE));
        from += slice.length;
        const { tokens, completion } = await engine.api.lengths(engine.model, document.baseURI, slice);
        for (const [i, row] of slice.entries())
          this.#known.set(row, { tokens: tokens[i] ?? 0, completion: completion[i] ?? 0 });
        this.#version++;
      }
    } finally {
      if (mine === this.#wanted) this.#measuring = false;
    }
  }

  /** Every token of a row with whether it carries loss; where a length would cut it is the page's to draw. */
  inspect(row: DemonstrationRow): Promise<InspectedRow> {
    return engine.api.inspect(engine.model, document.baseURI, row, WHOLE);
  }
}

export const rowLengths = new RowLengths();
