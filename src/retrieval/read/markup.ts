// The htmlparser2 door: walks through HTML or XML piece by piece, so that a long file neither fills the memory nor
// keeps the thread from hearing a cancel. Nothing is kept of what was passed: no tree.
import { Parser } from 'htmlparser2';
import { Unread, type Job } from './job.ts';

export interface Visitor {
  open(name: string, attributes: Record<string, string>): void;
  close(name: string): void;
  text(text: string): void;
}

const PIECE = 65_536;
/** Elements inside each other; every end tag is looked for in the list of those that are open. */
const MAX_DEPTH = 4000;

export async function walk(source: string, xml: boolean, visitor: Visitor, job: Job): Promise<void> {
  let depth = 0;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (++depth > MAX_DEPTH) throw new Unread('broken', `more than ${MAX_DEPTH} elements inside each other`);
        visitor.open(name, attributes);
      },
      onclosetag(name) {
        depth--;
        visitor.close(name);
      },
      ontext: (text) => visitor.text(text),
    },
    { xmlMode: xml, decodeEntities: true },
  );
  for (let at = 0; at < source.length; at += PIECE) {
    parser.write(source.slice(at, at + PIECE));
    await job.step(Math.min(at + PIECE, source.length), source.length, 'bytes');
  }
  parser.end();
}
