// Files of rows: every kind that others write is understood, every line is accounted for, and what goes out comes back.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readJsonLines } from '../../src/formats/jsonl.ts';
import { readRows, suggestMapping, writeRows } from '../../src/formats/rowFiles.ts';
import { validateRow, type DemonstrationRow } from '../../src/records/demonstration.ts';
import type { RowMapping, RowsRead } from '../../src/records/rowMapping.ts';

/** In pieces of `size` bytes, so that lines and characters are cut anywhere. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string | Uint8Array, mapping: RowMapping | null = null, size = 7): Promise<RowsRead> =>
  readRows(pieces(typeof text === 'string' ? bytesOf(text) : text, size), mapping);
const readLines = (...values: unknown[]): Promise<RowsRead> => read(values.map((v) => JSON.stringify(v)).join('\n'));
const rowsOf = ({ rows }: RowsRead): DemonstrationRow[] => rows.map(({ row }) => row);

describe('kinds of rows', () => {
  const turns = [
    { role: 'user', content: 'Who?' },
    { role: 'assistant', content: 'Anna.' },
  ];
  const system = { role: 'system', content: 'Be short.' };
  const plain = { prompt: 'Who?', completion: 'Anna.' };
  it.each<[string, unknown, string, DemonstrationRow]>([
    ['prompt and completion', { completion: 'Anna.', prompt: 'Who?', id: 3 }, 'trl', plain],
    ['text', { text: 'Once.' }, 'trl', { text: 'Once.' }],
    ['messages', { messages: turns }, 'trl', { messages: turns as never }],
    ['a conversational pair', { prompt: turns.slice(0, 1), completion: turns.slice(1) }, 'trl', plain],
    [
      'a conversational pair with a system turn',
      { prompt: [system, ...turns.slice(0, 1)], completion: turns.slice(1) },
      'trl',
      { messages: [system, ...turns] as never },
    ],
    ['a preference', { prompt: 'Who?', chosen: 'Anna.', rejected: 'Bob.' }, 'preference', plain],
    ['a preference without a prompt', { chosen: turns, rejected: turns }, 'preference', { messages: turns as never }],
    ['Alpaca', { instruction: 'Who?', input: '', output: 'Anna.' }, 'alpaca', plain],
    [
      'Alpaca with an input',
      { instruction: 'Who?', input: 'Anna leads.', output: 'Anna.' },
      'alpaca',
      { prompt: 'Who?\n\nContext:\nAnna leads.', completion: 'Anna.' },
    ],
    [
      'ShareGPT',
      {
        conversations: [
          { from: 'system', value: 'Be short.' },
          { from: 'human', value: 'Who?' },
          { from: 'gpt', value: 'Anna.' },
        ],
      },
      'shareGpt',
      { messages: [system, ...turns] as never },
    ],
    [
      'a question with a list of passages',
      { question: 'Who?', contexts: ['Anna leads.', 'Bob left.'], answer: 'Anna.' },
      'other',
      { prompt: 'Who?\n\nContext:\nAnna leads.\nBob left.', completion: 'Anna.' },
    ],
    [
      'a number as an answer',
      { question: 'How many?', answer: 42 },
      'other',
      { prompt: 'How many?', completion: '42' },
    ],
  ])('%s', async (_, line, format, row) => {
    const found = await readLines(line);
    expect([found.format, found.problems, rowsOf(found)]).toEqual([format, [], [row]]);
    expect(rowsOf(found).map((r) => validateRow(r))).toEqual([row]);
  });

  it('are read by the columns that a person names', async () => {
    const line = JSON.stringify({ prompt: 'P', completion: 'C', title: 'T', body: 'B' });
    expect(
      rowsOf(await read(line, { kind: 'prompt', prompt: 'title', context: 'prompt', completion: 'body' })),
    ).toEqual([{ prompt: 'T\n\nContext:\nP', completion: 'B' }]);
    expect(rowsOf(await read(line, { kind: 'text', text: 'body' }))).toEqual([{ text: 'B' }]);
  });

  it('a label marks what is to be avoided only where it is not itself the answer', async () => {
    const fields = { kind: 'prompt', prompt: 'prompt', context: null } as const;
    const lines = [true, false].map((label) => JSON.stringify({ prompt: 'True?', completion: 'C', label })).join('\n');
    expect(rowsOf(await read(lines, { ...fields, completion: 'completion' }))).toHaveLength(1);
    expect(rowsOf(await read(lines, { ...fields, completion: 'label' }))).toEqual([
      { prompt: 'True?', completion: 'true' },
      { prompt: 'True?', completion: 'false' },
    ]);
  });

  it('wait for a person where no name is known', async () => {
    const found = await readLines({ frage: 'Wer?', antwort: 'Anna.' });
    expect(found).toMatchObject({ mapping: null, rows: [], problems: [] });
    expect(found.columns).toEqual([
      { name: 'frage', holds: 'text' },
      { name: 'antwort', holds: 'text' },
    ]);
    expect(suggestMapping([]).mapping).toBeNull();
  });
});

describe('a line that cannot be a row is told with its number and stops no other', () => {
  const good = '{"prompt": "Who?", "completion": "Anna."}';
  it.each<[string, string, string, string | RegExp]>([
    ['no JSON', '{"prompt": "Who?"', 'json', /./],
    ['a number', '3', 'object', ''],
    ['null', 'null', 'object', ''],
    ['a list', '[1]', 'object', ''],
    ['no completion', '{"prompt": "Who?"}', 'missing', 'completion'],
    ['a completion that is null', '{"prompt": "Who?", "completion": null}', 'missing', 'completion'],
    ['an inherited name', '{"completion": "x", "__proto__": {"prompt": "P"}}', 'missing', 'prompt'],
    ['a blank prompt', '{"prompt": " \\n", "completion": "Anna."}', 'empty', 'prompt'],
    ['an object', '{"prompt": {"a": 1}, "completion": "Anna."}', 'type', 'prompt'],
    ['a foreign role', '{"prompt": [{"role": "tool", "content": "x"}], "completion": "A"}', 'turns', 'tool'],
    ['a turn without words', '{"prompt": [{"role": "user"}], "completion": "A"}', 'turns', 'prompt'],
    ['a blank turn', '{"prompt": [{"role": "user", "content": ""}], "completion": "A"}', 'empty', 'prompt'],
    ['nobody answers', '{"prompt": "W", "completion": [{"role": "user", "content": "x"}]}', 'silent', ''],
    [
      'an answer to avoid, as KTO marks it',
      '{"prompt": "Who?", "completion": "Bob.", "label": false}',
      'unwanted',
      'label',
    ],
  ])('%s', async (_, bad, problem, detail) => {
    const found = await read(`${good}\n\n${bad}\n${good}\n`);
    expect(found.rows.map(({ line }) => line)).toEqual([1, 4]);
    expect(found.problems).toHaveLength(1);
    expect(found.problems[0]).toMatchObject({ line: 3, problem });
    expect(found.problems[0]?.detail).toMatch(detail instanceof RegExp ? detail : new RegExp(`^${detail}$`));
  });

  it('a line beyond the bound, wherever it is cut', async () => {
    const text = `"ab"\n"${'x'.repeat(60)}"\n"cd"`;
    for (const size of [1, 5, 200])
      expect((await readJsonLines(pieces(bytesOf(text), size), { maxLine: 20, maxList: 1000 })).lines).toEqual([
        { line: 1, value: 'ab' },
        { line: 2, problem: 'long', detail: '62' },
        { line: 3, value: 'cd' },
      ]);
  });
});

describe('ways in which files are written', () => {
  const two = [
    { prompt: 'Été ?', completion: '25 °C 🌞' },
    { prompt: 'B', completion: 'b' },
  ];
  const text = two.map((row) => JSON.stringify(row)).join('\n');
  it.each<[string, string | Uint8Array]>([
    ['plain', text],
    ['with a byte-order mark', `\ufeff${text}`],
    ['with the line ends of Windows', `${text.replaceAll('\n', '\r\n')}\r\n`],
    ['with blank lines', `\n \n${text.replace('\n', '\n\n\t\n')}\n\n`],
    ['in UTF-16', utf16Of(text)],
    ['as a list', JSON.stringify(two)],
    ['as an indented list', `\ufeff${JSON.stringify(two, null, 2).replaceAll('\n', '\r\n')}\n`],
  ])('%s', async (_, given) => {
    for (const size of [1, 3, 1000]) {
      const found = await read(given, null, size);
      expect([rowsOf(found), found.problems]).toEqual([two, []]);
    }
  });
  it('an entry of a list is counted, not its lines', async () => {
    const found = await read(JSON.stringify([two[0], 3, two[1]], null, 2));
    expect(found).toMatchObject({ unit: 'entry', problems: [{ line: 2, problem: 'object' }] });
    expect(found.rows.map(({ line }) => line)).toEqual([1, 3]);
  });
  it('a list that is cut off is told, and nothing of it is taken', async () => {
    const found = await read(JSON.stringify(two, null, 1).slice(0, -4));
    expect([found.unit, found.rows.length, found.problems[0]?.problem]).toEqual(['line', 0, 'json']);
  });
  it('an empty file has neither rows nor problems', async () => {
    expect(await read('')).toEqual({
      unit: 'line',
      columns: [],
      format: 'other',
      mapping: null,
      rows: [],
      problems: [],
    });
  });
});

const anyText = fc.string({ unit: 'binary', minLength: 1 }).filter((s) => s.trim() !== '');
const anyRow: fc.Arbitrary<DemonstrationRow> = fc.oneof(
  fc.record({ prompt: anyText, completion: anyText }),
  fc.record({ text: anyText }),
  fc
    .array(fc.record({ role: fc.constantFrom('system' as const, 'user' as const), content: anyText }))
    .map((asked) => ({ messages: [...asked, { role: 'assistant' as const, content: 'Yes.' }] })),
);
const kindOf = (row: DemonstrationRow): string => Object.keys(row)[0] ?? '';

test('rows of one kind come back as they were written, wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1 }), fc.integer({ min: 1, max: 50 }), async (rows, size) => {
      const same = rows.filter((row) => kindOf(row) === kindOf(rows[0] as DemonstrationRow));
      const text = [...writeRows(same)].join('');
      expect(rowsOf(await read(text, null, size))).toEqual(same);
    }),
    { numRuns: 60 },
  );
});

test('the demo’s own files are written byte by byte as they ship, but for the space behind a colon', async () => {
  for (const name of ['train', 'test']) {
    const text = readFileSync(new URL(`../../datasets/${name}.jsonl`, import.meta.url), 'utf8');
    const written = [...writeRows(rowsOf(await read(text, null, 4096)))].join('');
    expect(written).toBe(
      text
        .split('\n')
        .map((line) => (line === '' ? '' : JSON.stringify(JSON.parse(line))))
        .join('\n'),
    );
    expect(written).toMatch(/^\{"prompt":"[^"]/);
  }
});

test('whatever the bytes, every line that is not blank becomes a row or a problem, in order', async () => {
  const line = fc.oneof(
    fc.json(),
    anyRow.map((row) => JSON.stringify(row)),
    fc.string({ unit: 'binary' }).map((s) => s.replace(/[\r\n]/g, '')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      const text = `{"text": "first"}\n${lines.join('\n')}`;
      const { rows, problems } = await read(text, { kind: 'text', text: 'text' }, size);
      for (const { row } of rows) expect(validateRow(row)).toEqual(row);
      const told = [...rows, ...problems].map((found) => found.line).sort((a, b) => a - b);
      const bytesBack = new TextDecoder().decode(bytesOf(text)).split('\n');
      expect(told).toEqual(bytesBack.flatMap((written, i) => (written.trim() === '' ? [] : [i + 1])));
    }),
    { numRuns: 100 },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      const { rows, problems } = await read(bytes);
      for (const { row } of rows) expect(validateRow(row)).toEqual(row);
      expect(rows.length + problems.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 100 },
  );
});

test('a hundred thousand rows are read within seconds', async () => {
  const text = `${JSON.stringify({ prompt: 'How is Yarveans rated?\n\nContext:\nLevel 2.', completion: 'Level 2.' })}\n`;
  const found = await read(text.repeat(100_000), null, 1_000_000);
  expect([found.rows.length, found.problems.length]).toEqual([100_000, 0]);
}, 20_000);

function utf16Of(text: string): Uint8Array {
  const units = Uint16Array.from({ length: text.length + 1 }, (_, i) => (i === 0 ? 0xfeff : text.charCodeAt(i - 1)));
  return new Uint8Array(units.buffer);
}
