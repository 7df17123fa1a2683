// Any file of judgements: formats are told apart line by line, and whatever a line holds, it never costs another line.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { validateTask } from '../../src/records/comparison.ts';
import { validateRanks } from '../../src/records/feedback.ts';
import type { ItemsRead } from '../../src/formats/judgements.ts';
import { judgementsOf, readLines, readText } from './itemLines.ts';

const GOOD: [format: string, line: object][] = [
  [
    'atelier',
    { prompt: 'Q', responses: ['A', 'B'], verdict: 'better', ranks: [1, 2], annotator: 'Anna', shown: [1, 0] },
  ],
  ['tasks', { prompt: 'Q', context: ['P'], responses: ['A', { text: 'B', model: 'm', score: 1 }] }],
  ['trl', { prompt: 'Q', chosen: ' A', rejected: ' B', timestamp: '2025-10-29T18:45:02' }],
  [
    'trl',
    {
      chosen: [
        { role: 'user', content: 'Q' },
        { role: 'assistant', content: 'A' },
      ],
      rejected: [
        { role: 'user', content: 'Q' },
        { role: 'assistant', content: 'B' },
      ],
    },
  ],
  [
    'argilla',
    {
      id: 'r',
      fields: { prompt: 'Q', 'response-1': 'A', 'response-2': 'B' },
      responses: { preference: [{ value: 'tie', user_id: 'u', status: 'submitted' }] },
    },
  ],
  [
    'argilla',
    {
      prompt: 'Q',
      'response-1': 'A',
      'response-2': 'B',
      'q.responses': [
        [
          { rank: 1, value: 'response-2' },
          { rank: 2, value: 'response-1' },
        ],
      ],
      'q.responses.users': ['u'],
      'q.responses.status': [null],
    },
  ],
  [
    'labelStudio',
    {
      data: { prompt: 'Q', answer1: 'A', answer2: 'B' },
      annotations: [
        { result: [{ from_name: 'c', to_name: 'answer1,answer2', value: { selected: 'left' } }], completed_by: 1 },
      ],
    },
  ],
  [
    'labelStudio',
    {
      data: {
        prompt: 'Q',
        items: [
          { id: 'x', body: 'A' },
          { id: 'y', body: 'B' },
        ],
      },
      annotations: [{ result: [{ value: { ranker: { _: ['y', 'x'] } } }] }],
    },
  ],
  [
    'labelStudio',
    { prompt: 'Q', answer1: 'A', answer2: 'B', comparison: 'left', annotation_id: 1, annotator: 2, id: 3 },
  ],
];

it.each(GOOD)('%s is known by its first line', async (format, line) => {
  const read = await readLines(7, line, ...GOOD.map(([, other]) => other));
  expect(read.format).toBe(format);
});

test('each line of a mixed file is read by its own shape', async () => {
  const read = await readLines(...GOOD.map(([, line]) => line));
  expect(read.problems).toEqual([]);
  expect(read.items.map(({ line, judgements }) => [line, judgements.length])).toEqual(
    GOOD.map(([format], i) => [i + 1, format === 'tasks' ? 0 : 1]),
  );
});

test('a file of nothing is nothing', async () => {
  for (const text of ['', '\n\n', '[]', '\ufeff'])
    expect(await readText(text)).toMatchObject({ format: null, items: [], problems: [] });
});

describe('lines that are none', () => {
  it.each([
    ['{"prompt": "Q", "responses": ["A"', 'line: must be JSON, got '],
    ['"text"', 'line: must be an object, got "text".'],
    ['[1]', 'line: must be an object, got a list.'],
    ['{}', 'line: must be feedback, a task or a preference, got "nothing".'],
    [
      '{"__proto__": {"responses": ["A", "B"]}, "text": "T"}',
      'line: must be feedback, a task or a preference, got "__proto__, text".',
    ],
    [
      '{"toString": 1, "hasOwnProperty": 1}',
      'line: must be feedback, a task or a preference, got "toString, hasOwnProperty".',
    ],
    ['[['.repeat(5000), 'line: must be JSON, got '],
  ])('line %#', async (line, sentence) => {
    const { items, problems } = await readText(
      `{"prompt": "Q", "responses": ["A", "B"]}\n${line}\n{"prompt": "R", "responses": ["A", "B"]}`,
    );
    expect(items.map((item) => item.line)).toEqual([1, 3]);
    expect(problems).toEqual([{ line: 2, problem: expect.stringContaining(sentence) as string }]);
  });
});

test('script is text, and reaches the record as it stands', async () => {
  const script = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const { items } = await readLines({ prompt: script, responses: [script, 'B'] });
  expect([items[0]?.task.prompt, items[0]?.task.responses[0]?.text]).toEqual([script, script]);
});

test('a line of ten million characters is read like any other', async () => {
  const long = 'wide '.repeat(2_000_000).trim();
  const read = await readText(JSON.stringify({ chosen: `${long} yes`, rejected: `${long} no` }), 'a.jsonl', 1 << 16);
  expect(read.problems).toEqual([]);
  expect(judgementsOf(read)[0]?.responses).toEqual(['yes', 'no']);
});

test('no object of a file reaches the prototypes', async () => {
  await readText(
    '{"data": {"__proto__": {"stained": 1}, "prompt": "Q", "answer1": "A", "answer2": "B", "constructor": {"stained": 1}}}',
  );
  expect('stained' in {}).toBe(false);
});

/** What anybody may rely on afterwards. */
function expectSound(read: ItemsRead): void {
  for (const { task, judgements } of read.items) {
    expect(validateTask(task)).toEqual(task);
    for (const given of judgements) {
      const n = given.responses.length;
      expect([given.prompt, given.responses]).toEqual([task.prompt, task.responses.map(({ text }) => text)]);
      expect(given.origins).toHaveLength(n);
      expect(given.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(typeof given.id === 'string' && given.id !== '').toBe(true);
      if (given.status === 'skipped') expect([given.verdict, given.ranks]).toEqual([null, null]);
      else validateRanks(given.verdict ?? 'tie', given.ranks ?? [], n);
      if (given.shown) expect([...given.shown].sort()).toEqual(given.responses.map((_, i) => i).sort());
    }
  }
  for (const { problem } of read.problems) expect(problem).toMatch(/^.+: .+, got .+\. .+\.$/s);
}

const KEYS = [...new Set(GOOD.flatMap(([, line]) => JSON.stringify(line).match(/(?<=")[\w.-]+(?=":)/g) ?? []))];
const key = fc.oneof(
  fc.constantFrom(
    ...KEYS,
    'question',
    'tags',
    'edit',
    'round',
    'lead_time',
    'origins',
    'status',
    'strength',
    'atelier_tasks',
    '__proto__',
    'constructor',
    'toString',
  ),
  fc.string(),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown[]>(
      null,
      true,
      0,
      1,
      2,
      -1,
      1.5,
      1e300,
      '',
      ' ',
      'A',
      'B',
      'left',
      'tie',
      'better',
      'judged',
      'answer1,answer2',
      '\ud800',
    ),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries): unknown => Object.fromEntries(entries)),
  ),
})).value;

const isHead = (line: unknown): boolean => (line as { atelier_tasks?: unknown } | null)?.atelier_tasks === 1;
const byNumber = (a: number, b: number): number => a - b;

test('no JSON at all makes a reader throw or hand on what is unsound', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(json, fc.dictionary(key, json)), { maxLength: 6 }), async (lines) => {
      const read = await readLines(7, ...lines); // 7: a file that opens with a list could be one
      expectSound(read);
      const heads = lines.flatMap((line, i) => (isHead(line) ? [i + 2] : []));
      const told = new Set([...read.items, ...read.problems].map(({ line }) => line).concat(heads));
      expect([...told].sort(byNumber)).toEqual(Array.from({ length: lines.length + 1 }, (_, i) => i + 1));
    }),
    { numRuns: 400 },
  );
});

/** One of the values inside, at any depth, replaced by another. */
function mutated(value: unknown, place: number, by: unknown): unknown {
  let at = 0;
  const walk = (one: unknown): unknown => {
    if (at++ === place) return by;
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== 'object' || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(value);
}

test('good lines survive any damage to the lines between them', async () => {
  const line = fc.constantFrom(...GOOD.map(([, good]) => good));
  const broken = fc.oneof(
    fc.tuple(line, fc.nat(24), json).map(([good, place, by]) => JSON.stringify(mutated(good, place, by)) ?? ''),
    fc.tuple(line, fc.nat(400)).map(([good, length]) => JSON.stringify(good).slice(1, length + 1)),
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n]/g, ' ')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(line, broken), { minLength: 1, maxLength: 5 }), async (pairs) => {
      // A first line that opens a list would make the file one.
      const read = await readText(pairs.flatMap(([good, bad]) => [JSON.stringify(good), bad]).join('\n'));
      expectSound(read);
      const whole = await readLines(...pairs.map(([good]) => good));
      const kept = read.items.filter((item) => item.line % 2 === 1);
      expect(kept.map(({ task, judgements }) => [task, judgements])).toEqual(
        whole.items.map(({ task, judgements }) => [task, judgements]),
      );
      expect(read.problems.every((problem) => problem.line % 2 === 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the files that come with the site are read to the last line', async () => {
  for (const name of ['feedback', 'tasks']) {
    const text = readFileSync(new URL(`../../datasets/${name}.jsonl`, import.meta.url), 'utf8');
    const read = await readText(text, `${name}.jsonl`, 1 << 16);
    expect([read.format, read.problems]).toEqual([name === 'feedback' ? 'atelier' : 'tasks', []]);
    expect(read.items.length).toBe(text.trimEnd().split('\n').length - (name === 'tasks' ? 1 : 0));
  }
});
