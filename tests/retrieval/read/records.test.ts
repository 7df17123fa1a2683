// CSV, JSON and JSON lines: every record becomes a paragraph that can stand alone.
import { describe, expect, it } from 'vitest';
import { named, reading, textOf } from './reading.ts';

const text = async (name: string, source: BlobPart): Promise<string> => (await textOf(named(name, source))).text;

describe('CSV', () => {
  it('values carry the names of their columns; quotes may hold commas and line ends', async () => {
    expect(await text('a.csv', 'site,note\nHarlow,"long, ""old""\nand high"\nLumen,\n\n')).toBe(
      'site: Harlow; note: long, "old" and high\n\nsite: Lumen',
    );
  });
  it('semicolons and latin-1, as French spreadsheets write them', async () => {
    const source = Uint8Array.from('ville;coût\nBesançon;3,5 £\nNîmes;4', (character) => character.charCodeAt(0));
    expect(await text('a.csv', source)).toBe('ville: Besançon; coût: 3,5 £\n\nville: Nîmes; coût: 4');
  });
  it('tabs', async () => {
    expect(await text('a.tsv', 'a\tb\n1, 2\t3\n')).toBe('a: 1, 2; b: 3');
  });
  it('rows that are longer or shorter than the header keep all they have', async () => {
    expect(await text('a.csv', 'a,b\n1\n1,2,3\n')).toBe('a: 1\n\na: 1; b: 2; 3');
  });
  it('a header without records', async () => {
    expect(await text('a.csv', 'a,b\n')).toBe('a | b');
  });
  it('a quote that never closes', async () => {
    expect(await text('a.csv', 'a,b\n1,"two\nthree')).toContain('two three');
  });
});

describe('JSON', () => {
  it('the main text leads without its key; nested keys are joined by dots, arrays by commas', async () => {
    const records = [
      { id: 7, text: 'The dam is long.', meta: { tags: ['a', 'b'], by: { name: 'Ann' } }, none: null, no: '' },
      { id: 8, parts: [{ n: 1 }, { n: 2 }] },
      'alone',
    ];
    expect(await text('a.json', JSON.stringify(records))).toBe(
      'The dam is long.\nid: 7\nmeta.tags: a, b\nmeta.by.name: Ann\n\nid: 8\nparts.n: 1\nparts.n: 2\n\nalone',
    );
  });
  it('an object around one list of records', async () => {
    expect(await text('a.json', '{"version": 2, "data": [{"a": 1}, {"a": 2}]}')).toBe('version: 2\n\na: 1\n\na: 2');
  });
  it('a broken one says what is wrong', async () => {
    expect(await reading(named('a.json', '{"a": '))).toMatchObject({
      problem: 'broken',
      detail: expect.stringMatching(/JSON/),
    });
  });
  it('levels without end are refused', async () => {
    expect(await reading(named('a.json', `${'['.repeat(5000)}{}${']'.repeat(5000)}`))).toMatchObject({
      problem: 'broken',
    });
  });
});

describe('JSON lines', () => {
  it('each line is a record; blank lines do not matter', async () => {
    expect(await text('a.jsonl', '{"a": 1}\r\n\r\n{"content": "x y", "b": 2}\n')).toBe('a: 1\n\nx y\nb: 2');
  });
  it('a broken line is named', async () => {
    const outcome = await reading(named('a.ndjson', '{"a": 1}\n\n{"a": \n'));
    expect(outcome).toMatchObject({ problem: 'broken', detail: expect.stringMatching(/^line 3: /) });
  });
});
