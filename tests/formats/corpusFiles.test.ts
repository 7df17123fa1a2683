// metadata.json: what is written is read back, what others write is understood, what is broken is said in words.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileName, parseMetadata, writeMetadata } from '../../src/formats/corpusFiles.ts';
import { USE_LITE } from '../../src/records/embedder.ts';

const chunking = { maxTokens: 120, overlapTokens: 16, maxSentences: 2 };
const names = fc.string({ unit: 'grapheme', minLength: 1 });

test('what is written is read back', () => {
  const document = fc.record({
    file: names,
    name: names.filter((name) => name.trim() !== ''),
    sha256: fc.constant('0'.repeat(64)),
    mediaType: fc.constantFrom('text/plain' as const, 'application/pdf' as const),
    pages: fc.option(fc.nat(500)),
  });
  const chunk = fc.record({
    page: fc.option(fc.integer({ min: 1, max: 500 })),
    start: fc.nat(1000),
    length: fc.integer({ min: 1, max: 500 }),
    tokens: fc.option(fc.nat(128)),
    headings: fc.array(names, { maxLength: 3 }),
    text: names,
  });
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 4 }), fc.array(chunk, { maxLength: 8 }), (docs, cut) => {
      const chunks = cut.map(({ start, length, ...rest }, id) => {
        return { ...rest, id, document: id % docs.length, start, end: start + length };
      });
      const json = [...writeMetadata(USE_LITE, chunking, docs, chunks)].join('');
      expect(parseMetadata(json)).toEqual({
        embedder: { id: USE_LITE.id, sha256: USE_LITE.sha256, dim: 512 },
        chunking,
        documents: docs.map(({ file, name }) => ({ file, name })),
        chunks,
      });
    }),
  );
});

test('a document and a chunk stand on one line each, with the keys that the format promises', () => {
  const document = { file: 'a.pdf', name: 'A', sha256: 'ff', mediaType: 'application/pdf' as const, pages: 2 };
  const chunk = { id: 0, document: 0, page: 1, start: 0, end: 2, tokens: 3, headings: ['H'], text: 'ab' };
  const lines = [...writeMetadata(USE_LITE, chunking, [document], [chunk])].join('').split('\n');
  expect(lines).toContain('{"file":"a.pdf","name":"A","sha256":"ff","pages":2,"media_type":"application/pdf"}');
  expect(lines).toContain('{"id":0,"document":0,"page":1,"start":0,"end":2,"tokens":3,"headings":["H"],"text":"ab"}');
  expect(lines).toContain('"chunking":{"max_tokens":120,"overlap_tokens":16,"max_sentences":2},');
});

test('what another tool leaves out is null, what it adds is passed over', () => {
  const json = JSON.stringify({
    made_by: 'a script',
    embedder: { id: 'use-lite', dim: 512, library: 'x' },
    chunking: { splitter: 'recursive', size: 500 },
    documents: [{ file: 'a.md', size: 3 }],
    chunks: [{ id: 7, document: 0, start: 0, end: 3, text: 'abc', score: 1 }],
  });
  expect(parseMetadata(json)).toEqual({
    embedder: { id: 'use-lite', sha256: null, dim: 512 },
    chunking: null,
    documents: [{ file: 'a.md', name: 'a.md' }],
    chunks: [{ id: 7, document: 0, page: null, start: 0, end: 3, tokens: null, headings: [], text: 'abc' }],
  });
});

const good = { documents: [{ file: 'a.md' }], chunks: [{ id: 0, document: 0, start: 0, end: 1, text: 'a' }] };
const chunkWith = (change: object): object => ({ ...good, chunks: [{ ...good.chunks[0], ...change }] });
test.each([
  ['not an object', [], /metadata\.json: must be an object, got "a list"/],
  ['a newer version', { ...good, version: 2 }, /version: must be at most 1, got 2\. Use a newer studio/],
  ['no documents', {}, /documents: must be a list/],
  ['a document without a file', { documents: [{}] }, /documents\[0\]\.file: must be text/],
  ['a chunk of no document', chunkWith({ document: 1 }), /chunks\[0\]\.document: must lie between 0 and 0, got 1/],
  ['an id that is no number', chunkWith({ id: '7' }), /chunks\[0\]\.id: must be a number/],
  ['an id between two', chunkWith({ id: 0.5 }), /chunks\[0\]\.id: must be a whole number/],
  ['an end before the start', chunkWith({ start: 5, end: 5 }), /chunks\[0\]\.end: must lie between 6/],
  ['headings that are no list', chunkWith({ headings: 'H' }), /headings: must be a list/],
  ['an embedder without a dimension', { ...good, embedder: { id: 'x' } }, /embedder\.dim: must be a number/],
])('says what is wrong: %s', (_, value, words) => {
  expect(() => parseMetadata(JSON.stringify(value))).toThrow(words);
});

test('any text, and any JSON, is read or refused in words', () => {
  const whole = [...writeMetadata(USE_LITE, chunking, [], [])].join('');
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    fc.nat(whole.length).map((end) => whole.slice(0, end)),
    fc.object().map((made) => JSON.stringify({ ...good, ...made })),
  );
  fc.assert(
    fc.property(text, (json) => {
      try {
        parseMetadata(json);
      } catch (error) {
        expect(String(error)).toMatch(/^RecordError: metadata\.json.*must .*got /s);
      }
    }),
    { numRuns: 500 },
  );
});

test('file names are safe everywhere, unlike one another, and keep their extension', () => {
  const taken = new Set<string>();
  const made = (name: string, extension: string | null = null): string => fileName(name, extension, taken);
  expect(made('report.pdf')).toBe('report.pdf');
  expect(made('Report.PDF')).toBe('Report (2).PDF');
  expect(made('report.pdf')).toBe('report (3).pdf');
  expect(made('../../etc/passwd', '.txt')).toBe('_.._etc_passwd.txt');
  expect(made('First words: of "it"', '.md')).toBe('First words_ of _it_.md');
  expect(made('v1.2', '.md')).toBe('v1.2.md');
  expect(made('…', '.txt')).toBe('….txt');
  expect(made('...', '.txt')).toBe('document.txt');
  expect(made('', '.txt')).toBe('document (2).txt');
  const long = made(`a${'🙂'.repeat(300)}`, '.txt');
  expect([new TextEncoder().encode(long).length, /\p{Cs}/u.test(long)]).toEqual([1 + 49 * 4 + 4, false]);
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (some) => {
      const own = new Set<string>();
      const all = some.map((name) => fileName(name, '.txt', own));
      expect(new Set(all.map((name) => name.toLowerCase())).size).toBe(all.length);
      expect(all.filter((name) => !/^[^/\\:*?"<>|.\s][^/\\:*?"<>|]*\.txt$/.test(name))).toEqual([]);
    }),
  );
});
