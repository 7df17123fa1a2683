// HTML → text: what a reader of the page would see, as an outline. Markup never gets further than this file.
import { Blocks } from './blocks.ts';
import { decode } from './encoding.ts';
import type { Job } from './job.ts';
import { walk, type Visitor } from './markup.ts';
import { Outline } from './outline.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '));

/** Never seen by a reader of the page. */
const HIDDEN = words(
  'head script style template noscript iframe object svg math canvas audio video select datalist textarea',
);
const BLOCKS = words(
  'address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer ' +
    'form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary table tbody ' +
    'td tfoot th thead tr ul',
);

const LISTS = words('ul ol menu');
const HEADING = /^h[1-6]$/;

export async function readHtml(bytes: Uint8Array, job: Job): Promise<string> {
  const outline = new Outline();
  const page = new Page(outline);
  await walk(decode(bytes, declaredEncoding(bytes)), false, page, job);
  page.end();
  return outline.toString();
}

/** What <meta charset="…"> or the older <meta … content="…; charset=…"> says within the first 1024 bytes. */
function declaredEncoding(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1024));
  return /<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([\w-]+)/i.exec(start)?.[1];
}

class Page implements Visitor {
  readonly #blocks: Blocks;
  #inline = '';
  #heading = 0;
  #pre = 0;
  #lists = 0;
  /** The next block of the item carries its mark. */
  #itemStarts = false;
  readonly #items: number[] = [];
  /** For each open element, whether it hides what is inside. */
  readonly #hides: boolean[] = [];
  #hidden = 0;

  constructor(outline: Outline) {
    this.#blocks = new Blocks(outline);
  }

  open(name: string, attributes: Record<string, string>): void {
    const hides = HIDDEN.has(name) || 'hidden' in attributes || /display:\s*none/i.test(attributes.style ?? '');
    this.#hides.push(hides);
    if (hides) this.#hidden++;
    if (this.#hidden > 0) return;
    if (name === 'br') this.#inline += '\n';
    if (!BLOCKS.has(name)) return;
    this.#flush();
    if (HEADING.test(name)) this.#heading = Number(name[1]);
    else if (name === 'pre') this.#pre++;
    else if (LISTS.has(name)) this.#lists++;
    else if (name === 'li') {
      this.#items.push(Math.max(this.#lists - 1, 0));
      this.#itemStarts = true;
    } else if (name === 'table') this.#blocks.openTable();
    else if (name === 'td' || name === 'th') this.#blocks.openCell();
  }

  close(name: string): void {
    if (this.#hides.pop()) {
      this.#hidden--;
      return;
    }
    if (this.#hidden > 0 || !BLOCKS.has(name)) return;
    this.#flush();
    if (HEADING.test(name)) this.#heading = 0;
    else if (name === 'pre') this.#pre--;
    else if (LISTS.has(name)) this.#lists--;
    else if (name === 'li') {
      this.#items.pop();
      this.#itemStarts = false;
    } else if (name === 'tr') this.#blocks.closeRow();
    else if (name === 'table') this.#blocks.closeTable();
  }

  text(text: string): void {
    if (this.#hidden === 0) this.#inline += this.#pre > 0 ? text : text.replace(/\s+/g, ' ');
  }

  end(): void {
    this.#flush();
  }

  #flush(): void {
    const text = this.#inline;
    this.#inline = '';
    if (!text.trim()) return;
    const item = this.#items.at(-1) ?? null;
    this.#blocks.add({ text, heading: this.#heading, verbatim: this.#pre > 0, item, marked: this.#itemStarts });
    this.#itemStarts = false;
  }
}
