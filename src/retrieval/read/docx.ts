// DOCX → text. Only the parts that hold text are unpacked, through a counter, and read as a stream: mammoth builds the
// whole tree first, and a hostile file of 30 kB took 1.6 GB and 12 s in one piece.
import { openZip, ZipError, type OpenZip } from '../../formats/zip.ts';
import { Blocks } from './blocks.ts';
import { levelOf, localName, readStyles, valueOf, type Styles } from './docxStyles.ts';
import { decode } from './encoding.ts';
import { Unread, type Job } from './job.ts';
import { walk, type Visitor } from './markup.ts';
import { Outline } from './outline.ts';

/** What the parts of one file may unfold to: in bytes, and as a multiple of the file. */
const MAX_UNPACKED = 200_000_000;
const MAX_RATIO = 200;

export async function readDocx(file: Blob, job: Job): Promise<string> {
  await refuseOle(file);
  try {
    return await readParts(file, job);
  } catch (error) {
    if (!(error instanceof ZipError)) throw error;
    if (error.name === 'ZipBomb') throw new Unread('bomb');
    if (error.name === 'ZipEncrypted') throw new Unread('encrypted');
    throw new Unread('broken', error.message);
  }
}

/** Word before 2007, and Word with a password, write an OLE file: the latter holds a stream of that name. */
async function refuseOle(file: Blob): Promise<void> {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (![0xd0, 0xcf, 0x11, 0xe0].every((byte, i) => start[i] === byte)) return;
  const whole = new TextDecoder('latin1').decode(await file.arrayBuffer());
  throw new Unread(whole.includes([...'EncryptedPackage'].join('\0')) ? 'encrypted' : 'type');
}

async function readParts(file: Blob, job: Job): Promise<string> {
  const bytes = Math.min(MAX_UNPACKED, file.size * MAX_RATIO);
  const zip = await openZip(file, { partBytes: bytes, totalBytes: bytes });
  const main = await mainPart(zip, job);
  const folder = main.slice(0, main.lastIndexOf('/') + 1);
  const body = await part(zip, main, job);
  if (body === null) throw new Unread('type'); // a zip, but none of Word's
  const styles = await readStyles((await part(zip, `${folder}styles.xml`, job)) ?? '', job);
  const notes = new Map<string, string>();
  for (const kind of ['footnote', 'endnote'])
    await readNotes(kind, (await part(zip, `${folder}${kind}s.xml`, job)) ?? '', styles, notes, job);
  return write(body, styles, notes, job);
}

async function part(zip: OpenZip, path: string, job: Job): Promise<string | null> {
  const bytes = await zip.find(path)?.read(job.signal);
  return bytes ? decode(bytes) : null;
}

async function mainPart(zip: OpenZip, job: Job): Promise<string> {
  let target = 'word/document.xml';
  const relations = await part(zip, '_rels/.rels', job);
  const open = (name: string, { Type = '', Target = '' }: Record<string, string>): void => {
    if (localName(name) === 'Relationship' && Type.endsWith('/officeDocument')) target = Target.replace(/^\//, '');
  };
  await walk(relations ?? '', true, { open, close: () => undefined, text: () => undefined }, job);
  return target;
}

async function write(xml: string, styles: Styles, notes: ReadonlyMap<string, string>, job: Job): Promise<string> {
  const outline = new Outline();
  await walk(xml, true, new Body(outline, styles, notes), job);
  return outline.toString();
}

/** The text of each note, by kind and number. */
async function readNotes(
  kind: string,
  xml: string,
  styles: Styles,
  into: Map<string, string>,
  job: Job,
): Promise<void> {
  let outline = new Outline();
  let body = new Body(outline, styles, new Map());
  let id = '';
  const visitor: Visitor = {
    open(name, attributes) {
      if (localName(name) === kind) {
        id = Object.entries(attributes).find(([key]) => localName(key) === 'id')?.[1] ?? '';
        outline = new Outline();
        body = new Body(outline, styles, new Map());
      } else body.open(name, attributes);
    },
    close(name) {
      if (localName(name) === kind) into.set(`${kind}${id}`, outline.toString());
      else body.close(name);
    },
    text: (text) => body.text(text),
  };
  await walk(xml, true, visitor, job);
}

/** Deleted text, its place before it was moved, older properties, field codes, and the copy of a text box for old Word. */
const SKIPPED: ReadonlySet<string> = new Set(
  'del moveFrom delText delInstrText instrText fldData rPrChange pPrChange Fallback rt sectPr'.split(' '),
);

interface Paragraph {
  text: string;
  style: string;
  /** Outline level of its own; null = as its style says. */
  outline: number | null;
  /** Level in a list; null = as its style says, −1 = in none. */
  item: number | null;
  level: number;
  /** Its end was deleted: what follows belongs to it. */
  joined: boolean;
}

class Body implements Visitor {
  readonly #blocks: Blocks;
  readonly #styles: Styles;
  readonly #notes: ReadonlyMap<string, string>;
  readonly #names: string[] = [];
  /** A text box stands inside the paragraph to which it is anchored. */
  readonly #paragraphs: Paragraph[] = [];
  /** Notes of the paragraph or table that is being read: they follow it. */
  #pending: string[] = [];
  #carried = '';
  #skipped = 0;
  #rowDeleted = false;
  #hidden = false;

  constructor(outline: Outline, styles: Styles, notes: ReadonlyMap<string, string>) {
    this.#blocks = new Blocks(outline);
    this.#styles = styles;
    this.#notes = notes;
  }

  open(qualified: string, attributes: Record<string, string>): void {
    const name = localName(qualified);
    const parent = this.#names.at(-1);
    const paragraph = this.#paragraphs.at(-1);
    this.#names.push(name);
    if (name === 'del' && parent === 'rPr' && this.#names.at(-3) === 'pPr' && paragraph) paragraph.joined = true;
    if (name === 'del' && parent === 'trPr') this.#rowDeleted = true;
    if (SKIPPED.has(name)) this.#skipped++;
    if (this.#skipped > 0) return;
    if (name === 'p')
      this.#paragraphs.push({ text: '', style: '', outline: null, item: null, level: 0, joined: false });
    else if (name === 'tbl') this.#blocks.openTable();
    else if (name === 'tc') this.#blocks.openCell();
    else if (name === 'r') this.#hidden = false;
    else if (paragraph && parent === 'r') this.#openInRun(name, attributes, paragraph);
    else if (paragraph) this.#openProperty(name, parent, attributes, paragraph);
  }

  #openInRun(name: string, attributes: Record<string, string>, paragraph: Paragraph): void {
    if (name === 'tab' || name === 'ptab') paragraph.text += ' ';
    else if (name === 'br' || name === 'cr') paragraph.text += '\n';
    else if (name === 'noBreakHyphen') paragraph.text += '-';
    else if (name === 'footnoteReference' || name === 'endnoteReference') {
      const id = Object.entries(attributes).find(([key]) => localName(key) === 'id')?.[1] ?? '';
      const note = this.#notes.get(name.replace('Reference', id));
      if (note) this.#pending.push(note);
    }
  }

  #openProperty(name: string, parent: string | undefined, attributes: Record<string, string>, into: Paragraph): void {
    const value = valueOf(attributes) ?? '';
    if (name === 'pStyle') into.style = value;
    else if (name === 'outlineLvl') into.outline = Number(value);
    else if (name === 'ilvl') into.level = Number(value) || 0;
    else if (name === 'numId') into.item = value === '0' ? -1 : 0;
    else if (name === 'vanish' && parent === 'rPr' && this.#names.at(-3) === 'r')
      this.#hidden = value !== '0' && value !== 'false';
  }

  close(qualified: string): void {
    const name = localName(qualified);
    this.#names.pop();
    if (SKIPPED.has(name)) this.#skipped--;
    if (this.#skipped > 0) return;
    if (name === 'p') this.#closeParagraph();
    else if (name === 'tr') {
      if (this.#rowDeleted) this.#blocks.dropRow();
      else this.#blocks.closeRow();
      this.#rowDeleted = false;
    } else if (name === 'tbl') {
      this.#blocks.closeTable();
      this.#writeNotes();
    }
  }

  text(text: string): void {
    const paragraph = this.#paragraphs.at(-1);
    if (paragraph && this.#skipped === 0 && !this.#hidden && this.#names.at(-1) === 't')
      paragraph.text += text.replace(/\s+/g, ' ');
  }

  #closeParagraph(): void {
    const paragraph = this.#paragraphs.pop();
    if (!paragraph) return;
    const text = this.#carried + paragraph.text;
    this.#carried = paragraph.joined ? text : '';
    if (paragraph.joined) return;
    const style = this.#styles(paragraph.style);
    const heading = paragraph.outline === null ? style.heading : levelOf(paragraph.outline);
    const listed = paragraph.item === null ? style.list : paragraph.item === 0;
    if (text.trim())
      this.#blocks.add({ text, heading, verbatim: false, item: listed ? paragraph.level : null, marked: true });
    this.#writeNotes();
  }

  #writeNotes(): void {
    if (this.#blocks.inTable) return;
    const notes = this.#pending;
    this.#pending = [];
    for (const text of notes) this.#blocks.add({ text, heading: 0, verbatim: false, item: null, marked: false });
  }
}
