// Which reader a file gets, what is too large, how a reading is cancelled; and no bytes make a reader throw or hang.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { read, readerOf } from '../../../src/retrieval/read/index.ts';
import { fixture, named, reading, serveSite, textOf } from './reading.ts';
import { makePdf } from './manyPages.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

describe('readerOf', () => {
  it.each([
    ['a.TXT', '', 'text/plain'],
    ['notes.v2.markdown', '', 'text/markdown'],
    ['a.htm', 'text/plain', 'text/html'],
    ['a.docx', '', DOCX],
    ['a.tsv', '', 'text/csv'],
    ['a.ndjson', '', 'application/jsonl'],
    ['page', 'text/html; charset=utf-8', 'text/html'],
    ['a.doc', DOCX, null],
    ['a.constructor', '', null],
    ['a.png', 'image/png', null],
  ])('%s (%s) → %s', (name, type, media) => expect(readerOf(name, type)).toBe(media));
});

it('a file without a telling name is known by its first bytes', async () => {
  expect((await textOf(named('report', fixture('report.pdf')))).mediaType).toBe('application/pdf');
  expect((await textOf(named('report', fixture('report.docx')))).mediaType).toBe(DOCX);
  expect(await reading(named('report', 'words'))).toEqual({ problem: 'type', detail: '' });
});

it('Markdown keeps its headings, plain text has none', async () => {
  expect(await textOf(named('a.md', '# A\r\n\r\nb'))).toMatchObject({ text: '# A\n\nb', markdown: true, pages: null });
  expect(await textOf(named('a.txt', '# A'))).toMatchObject({ text: '# A', markdown: false, mediaType: 'text/plain' });
});

it('an empty file, or one of spaces, is empty', async () => {
  for (const name of ['a.txt', 'a.md', 'a.html', 'a.pdf', 'a.docx', 'a.csv', 'a.json', 'a.jsonl'])
    expect(await reading(named(name, '')), name).toEqual({ problem: 'empty', detail: '' });
  expect(await reading(named('a.txt', ' \n\t'))).toEqual({ problem: 'empty', detail: '' });
});

it('a file that is too large is refused before a byte of it is read', async () => {
  const large = (name: string, size: number): File => {
    const file = named(name, 'x');
    Object.defineProperties(file, {
      size: { value: size },
      arrayBuffer: { value: () => Promise.reject(new Error('read')) },
    });
    return file;
  };
  expect(await reading(large('a.txt', 20_000_001))).toEqual({ problem: 'tooLarge', detail: '20' });
  expect(await reading(large('a.docx', 200_000_000))).toEqual({ problem: 'tooLarge', detail: '20' });
  expect(await reading(large('a.pdf', 200_000_000))).toEqual({ problem: 'tooLarge', detail: '100' });
});

it('an unreadable file is a problem, not an error', async () => {
  const gone = named('a.txt', 'x');
  Object.defineProperty(gone, 'arrayBuffer', {
    value: () => Promise.reject(new DOMException('gone', 'NotFoundError')),
  });
  expect(await reading(gone)).toEqual({ problem: 'broken', detail: 'gone' });
});

describe('cancelling', () => {
  it('before: nothing is read', async () => {
    const options = { siteUrl: 'http://127.0.0.1:9/', signal: AbortSignal.abort(), onProgress: () => undefined };
    expect(await read(named('a.txt', 'x'), options)).toEqual({ problem: 'cancelled', detail: '' });
  });

  it('in the middle of a PDF: heard within a few pages, as progress tells', async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const outcome = await read(named('a.pdf', makePdf(400)), {
      siteUrl: 'http://127.0.0.1:9/',
      signal: abort.signal,
      onProgress: ({ done, total, unit }) => {
        seen.push(done);
        expect([total, unit]).toEqual([400, 'pages']);
        setTimeout(() => abort.abort()); // as a message of another thread would
      },
    });
    expect(outcome).toEqual({ problem: 'cancelled', detail: '' });
    expect(seen.length).toBeLessThanOrEqual(2);
  });
});

describe('any bytes end in a text or in a problem', () => {
  const PROBLEMS = ['empty', 'binary', 'tooLarge', 'encrypted', 'scanned', 'broken', 'bomb', 'type'];
  let siteUrl: string;
  let close: () => void;
  beforeAll(async () => ({ siteUrl, close } = await serveSite()));
  afterAll(() => close());

  async function holds(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const start = performance.now();
    const outcome = await reading(named(name, bytes), siteUrl);
    expect(performance.now() - start).toBeLessThan(5000);
    if ('problem' in outcome) expect(PROBLEMS).toContain(outcome.problem);
    else {
      const { text, pages } = outcome;
      expect(text.normalize('NFC')).toBe(text);
      expect(text).not.toMatch(/\r|\0|\p{Surrogate}/u);
      if (pages)
        expect([0, ...pages, text.length].every((at, i, all) => i === 0 || at >= (all[i - 1] ?? 0))).toBe(true);
    }
  }

  const SEEDS: Record<string, Uint8Array<ArrayBuffer>> = {
    'a.html': new TextEncoder().encode(
      '<h1>A</h1><table><tr><td>1<td>&eacute;</table><ul><li>x<pre> y</pre></ul><!-- z',
    ),
    'a.csv': new TextEncoder().encode('a;"b\nc";d\n1;2;3\n"4";"";é\n'),
    'a.json': new TextEncoder().encode('[{"text": "é\\ud800", "b": [1, {"c": null}]}, 2]'),
    'a.jsonl': new TextEncoder().encode('{"a": "\\u0000x"}\n{"b": 2}\n'),
    'a.txt': new TextEncoder().encode('# é \ud83d\ude00 text\r\nnext'),
    'a.docx': fixture('report.docx'),
    'a.pdf': fixture('report.pdf'),
    'b.pdf': fixture('columns.pdf'),
    'c.pdf': fixture('printed.pdf'),
  };

  it.each(Object.entries(SEEDS))(
    '%s, cut and changed',
    async (name, seed) => {
      const place = fc.nat({ max: seed.length - 1 });
      const changes = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { maxLength: 20 });
      const cut = fc.option(place, { nil: seed.length });
      await fc.assert(
        fc.asyncProperty(changes, cut, async (flips, length) => {
          const bytes = seed.slice(0, length);
          for (const [at, value] of flips) if (at < bytes.length) bytes[at] = value;
          await holds(name, bytes);
        }),
        { numRuns: 40 },
      );
    },
    60_000,
  );

  it('random bytes, under every name', async () => {
    const names = fc.constantFrom(...Object.keys(SEEDS), 'unknown');
    await fc.assert(
      fc.asyncProperty(names, fc.uint8Array({ minLength: 1, maxLength: 400 }), (name, bytes) =>
        holds(name, bytes.slice()),
      ),
      { numRuns: 200 },
    );
  });
});
