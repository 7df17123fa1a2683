// Merged preferences as files: exact keys in order, and what other readers find in them is what was written.
import { parquetReadObjects, parquetSchema, parquetMetadata } from 'hyparquet';
import Papa from 'papaparse';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeFeedback } from '../../src/curation/merge.ts';
import { writeCsv } from '../../src/formats/csv.ts';
import { readItems } from '../../src/formats/judgements.ts';
import { writeParquet } from '../../src/formats/parquet.ts';
import { rlhfColumns, type PreferenceRow } from '../../src/formats/preferenceColumns.ts';
import { writeConversational, writeDemonstrations, writeKto, writeRlhf } from '../../src/formats/preferenceFiles.ts';
import { DEFAULT_POLICY } from '../../src/records/preference.ts';

const row = (given: Partial<PreferenceRow> = {}): PreferenceRow => ({
  id: 'a1',
  pair: 'pair',
  prompt: 'Who leads?\n\nContext:\n[1] Anna leads.',
  question: 'Who leads?',
  chosen: 'Anna [1].',
  rejected: 'Bob.',
  comment: 'It is said there.',
  timestamp: '2025-10-29T18:45:02',
  feedbackIds: ['c1/0/Ada', 'c1/0/Ben'],
  annotators: ['Ada', 'Ben'],
  tags: ['faithful', 'short'],
  votes: { chosen: 2, rejected: 0, ties: 0 },
  agreement: 1,
  margin: 2,
  tie: false,
  edited: false,
  ...given,
});
const parsed = (lines: Iterable<string>): Record<string, unknown>[] =>
  [...lines]
    .join('')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** Quotes, line ends, formulas, what JSON escapes and what is no letter alone. */
const texts = fc.string({ unit: fc.constantFrom(...'aé"\\,;\n\r\t =+☃', '\u2028', '😀', '</script>') });
const filled = texts.map((text) => `x${text}`);
const rows: fc.Arbitrary<PreferenceRow[]> = fc.array(
  fc
    .record({
      prompt: filled,
      chosen: filled,
      rejected: filled,
      comment: texts,
      annotators: fc.array(texts, { minLength: 1, maxLength: 3 }),
      tags: fc.array(filled, { maxLength: 2 }),
      agreement: fc.double({ min: 0.5, max: 1, noNaN: true }),
      margin: fc.option(fc.double({ min: 0, max: 3, noNaN: true })),
      tie: fc.boolean(),
      edited: fc.boolean(),
    })
    .map(row),
  { minLength: 1, maxLength: 5 },
);

describe('dataset_rlhf.jsonl', () => {
  it('has the five keys that are promised, in their order, then provenance', () => {
    const [line = ''] = writeRlhf([row()]);
    expect(line).toBe(
      '{"prompt": "Who leads?\\n\\nContext:\\n[1] Anna leads.", "chosen": "Anna [1].", "rejected": "Bob.", ' +
        '"annotator_comment": "It is said there.", "timestamp": "2025-10-29T18:45:02", "id": "a1", ' +
        '"feedback_ids": ["c1/0/Ada","c1/0/Ben"], "annotators": ["Ada","Ben"], "agreement": 1.0, "margin": 2.0, ' +
        '"tags": "faithful; short", "tie": false, "edited": false}\n',
    );
  });

  it('says on which side a row of the table is and whether it was changed, last', () => {
    const [found = {}] = parsed(writeRlhf([row({ split: 'test', changed: true })]));
    expect(Object.keys(found).slice(-2)).toEqual(['changed', 'split']);
    expect(found).toMatchObject({ changed: true, split: 'test' });
  });

  it('has the same keys in every row and never null, and a margin only where somebody said one', () => {
    const mixed = parsed(writeRlhf([row({ margin: null, tags: [], comment: '' }), row({ margin: 1.5 })]));
    expect(mixed.map((found) => found.margin)).toEqual([0, 1.5]);
    expect(new Set(mixed.map((found) => Object.keys(found).join())).size).toBe(1);
    expect(mixed.flatMap((found) => Object.values(found))).not.toContain(null);
    const [without = {}] = parsed(writeRlhf([row({ margin: null })]));
    expect(without).not.toHaveProperty('margin');
  });

  it('read as feedback and merged again, it gives the same preferences', async () => {
    const before = [
      row(),
      row({ prompt: 'Q', question: 'Q', chosen: 'b "x"\n😀', rejected: 'a', comment: '', margin: null, tags: [] }),
      row({ prompt: 'Q', question: 'Q', chosen: 'c', rejected: 'd', tie: true, margin: 0, agreement: 0.5 }),
    ];
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode([...writeRlhf(before)].join(''));
    }
    const { format, items, problems } = await readItems(pieces(), { name: 'dataset_rlhf.jsonl' });
    expect([format, problems]).toEqual(['trl', []]);
    const source = {
      fileId: 'f',
      name: 'f',
      format,
      judgements: items.flatMap((item) => item.judgements),
      invalid: [],
    };
    const { preferences } = mergeFeedback([source], { ...DEFAULT_POLICY, ties: 'margin' });
    const told = ({ prompt, question, chosen, rejected, comment, timestamp, tie, tags }: PreferenceRow): unknown => ({
      prompt,
      question,
      // A tie has no winner: which of its answers stands first depends on the answers alone.
      answers: tie ? [chosen, rejected].sort() : [chosen, rejected],
      comment,
      timestamp,
      tie,
      tags,
    });
    const order = (a: PreferenceRow, b: PreferenceRow): number => (a.rejected < b.rejected ? -1 : 1);
    expect([...preferences].sort(order).map(told)).toEqual([...before].sort(order).map(told));
  });
});

describe('its variants', () => {
  it('the conversational file holds the whole prompt as the turn of the user, and the same provenance', () => {
    const [plain = {}] = parsed(writeRlhf([row()]));
    const [found = {}] = parsed(writeConversational([row()]));
    expect(Object.keys(found)).toEqual(Object.keys(plain));
    expect(found).toEqual({
      ...plain,
      prompt: [{ role: 'user', content: row().prompt }],
      chosen: [{ role: 'assistant', content: 'Anna [1].' }],
      rejected: [{ role: 'assistant', content: 'Bob.' }],
    });
  });

  it('KTO has two rows of a preference, none of a tie', () => {
    expect(parsed(writeKto([row(), row({ tie: true })]))).toEqual([
      { prompt: row().prompt, completion: 'Anna [1].', label: true },
      { prompt: row().prompt, completion: 'Bob.', label: false },
    ]);
  });

  it('the same demonstration is there once', () => {
    const edit = { prompt: 'Q', completion: 'A', feedbackId: 'f' };
    const lines = [...writeDemonstrations([edit, { ...edit, feedbackId: 'g' }, { ...edit, completion: 'B' }])];
    expect(lines).toEqual(['{"prompt":"Q","completion":"A"}\n', '{"prompt":"Q","completion":"B"}\n']);
  });
});

describe('tables', () => {
  it('CSV is read by another reader as it was written, whatever is in its cells', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const text = [...writeCsv(given)].join('');
        const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\r\n', skipEmptyLines: true });
        expect(errors).toEqual([]);
        const [header, ...records] = data;
        const columns = rlhfColumns(given);
        expect(header).toEqual(columns.map(({ name }) => name));
        const cells = given.map((one) => columns.map((column) => column.of(one)));
        const found = records.map((record) =>
          columns.map(({ kind }, i) => (kind === 'text' ? record[i] : (JSON.parse(record[i] ?? '') as unknown))),
        );
        expect(found).toEqual(cells);
        // a column that starts with 1 would be read as one of whole numbers
        for (const record of records)
          columns.forEach(({ kind }, i) => kind === 'float' && expect(record[i]).toMatch(/[.e]/));
      }),
    );
  });

  it('Parquet is read by another reader with the same values and types, lists as lists', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const file = writeParquet(given);
        const columns = rlhfColumns(given);
        const schema = parquetSchema(parquetMetadata(file));
        expect(schema.children.map(({ element }) => element.name)).toEqual(columns.map(({ name }) => name));
        const list = schema.children.find(({ element }) => element.name === 'annotators');
        expect(list?.element.converted_type).toBe('LIST');
        const read = await parquetReadObjects({ file });
        expect(read).toEqual(
          given.map((one) => Object.fromEntries(columns.map((column) => [column.name, column.of(one)]))),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('no rows make a file of columns without rows', async () => {
    expect([...writeCsv([])]).toHaveLength(1);
    expect(await parquetReadObjects({ file: writeParquet([]) })).toEqual([]);
    expect([...writeRlhf([])]).toEqual([]);
  });
});
