// Blocks on their way into an outline: those inside a table wait until their row is whole.
import type { Outline } from './outline.ts';

export interface Block {
  text: string;
  /** 1 to 6; 0 = none. */
  heading: number;
  verbatim: boolean;
  /** Level of the list item that it belongs to, from 0; null outside lists. */
  item: number | null;
  /** The first block of its item. */
  marked: boolean;
}

export class Blocks {
  readonly #outline: Outline;
  /** Open tables, each with the cells of the row that is being read. */
  readonly #tables: { cells: Block[][] }[] = [];

  constructor(outline: Outline) {
    this.#outline = outline;
  }

  get inTable(): boolean {
    return this.#tables.length > 0;
  }

  add(block: Block): void {
    const cell = this.#tables.at(-1)?.cells.at(-1);
    if (cell) cell.push(block);
    else this.#write(block);
  }

  openTable(): void {
    this.#tables.push({ cells: [] });
  }

  openCell(): void {
    this.#tables.at(-1)?.cells.push([]);
  }

  /** A row of values is one line; a cell with headings or several blocks shows that the table only lays out the page. */
  closeRow(): void {
    const table = this.#tables.at(-1);
    if (!table) return;
    const { cells } = table;
    table.cells = [];
    const outer = this.#tables.at(-2)?.cells.at(-1);
    if (outer) for (const block of cells.flat()) outer.push(block);
    else if (cells.some((blocks) => blocks.length > 1 || blocks.some(({ heading }) => heading > 0)))
      for (const block of cells.flat()) this.#write(block);
    else this.#outline.row(cells.map((blocks) => blocks[0]?.text ?? ''));
  }

  /** For a row that was deleted with its changes tracked. */
  dropRow(): void {
    const table = this.#tables.at(-1);
    if (table) table.cells = [];
  }

  closeTable(): void {
    this.closeRow();
    this.#tables.pop();
  }

  #write({ text, heading, verbatim, item, marked }: Block): void {
    if (heading > 0) this.#outline.heading(heading, text);
    else if (verbatim) this.#outline.verbatim(text);
    else if (item !== null) this.#outline.item(item, text, marked);
    else this.#outline.paragraph(text);
  }
}
