// What the trainer makes of rows before it starts: counts, questions, steps, and an order that only the seed decides.
import { beforeAll, describe, expect, it } from 'vitest';
import { questionOf } from '../../src/engine/training/evaluate.ts';
import { prepareRows, schedule } from '../../src/engine/training/prepare.ts';
import { Tokenizer } from '../../src/engine/tokenizer.ts';
import { NANO } from '../../src/records/baseModel.ts';
import { defaultSft } from '../../src/records/config.ts';
import { filesIn } from './files.ts';

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await Tokenizer.load(filesIn('public/models/nano'));
});

const row = (i: number) => ({ prompt: `What is the level of row ${i}?`, completion: `Level ${i}, red.` });
const train = Array.from({ length: 11 }, (_, i) => row(i));
const test = [row(20), { text: 'Bare text asks nothing.' }];
const config = { ...defaultSft(NANO), batch: 2 };
const prepare = (maxLength = 512, rows = train) => prepareRows(tokenizer, NANO, { train: rows, test }, { maxLength });

describe('rows', () => {
  it('are counted, cut rows and rows without a token to learn apart', () => {
    expect(prepare().data).toMatchObject({ train: 11, test: 2, truncated: 0, dropped: 0 });
    const promptLength = tokenizer.chat([{ role: 'user', content: row(0).prompt }]).length;
    const cut = prepare(promptLength + 2).data;
    expect(cut.truncated).toBeGreaterThan(0);
    const long = { prompt: 'word '.repeat(200), completion: 'Too late.' };
    const dropped = prepare(64, [...train, long]);
    expect(dropped.data).toMatchObject({ train: 11, dropped: 1 });
    expect(dropped.train.length).toBe(11);
  });

  it('have a fingerprint that changes with a word, with their order and with the cut', () => {
    const hashes = [
      prepare(),
      prepare(512, [row(99), ...train.slice(1)]),
      prepare(512, [...train].reverse()),
      prepare(tokenizer.chat([{ role: 'user', content: row(0).prompt }]).length + 2),
    ].map(({ data }) => data.hash);
    expect(new Set(hashes).size).toBe(4);
    const given = { train: train.slice(0, -1), test: [...train.slice(-1), ...test] }; // the last has changed sides
    expect(hashes).not.toContain(prepareRows(tokenizer, NANO, given, { maxLength: 512 }).data.hash);
    expect(prepare().data.hash).toBe(hashes[0]);
  });

  it('without one that can be learned are refused in words', () => {
    expect(() => prepare(512, [])).toThrow(/^rows: at least one must have a token to learn, got 0 rows/);
  });

  it('ask what stands before the last answer; bare text asks nothing', () => {
    const chat = (content: string) => tokenizer.chat([{ role: 'user', content }]);
    expect(questionOf(tokenizer, row(1))).toEqual({ promptIds: chat(row(1).prompt), expected: 'Level 1, red.' });
    expect(prepare().questions.length).toBe(1);
    const messages = [
      { role: 'user' as const, content: 'Hello' },
      { role: 'assistant' as const, content: 'Yes.' },
    ];
    expect(questionOf(tokenizer, { messages })).toEqual({ promptIds: chat('Hello'), expected: 'Yes.' });
  });
});

describe('a schedule', () => {
  it('takes its steps from the epochs where none are named', () => {
    expect(schedule(prepare(), { ...config, steps: 7 }).steps).toBe(7);
    expect(schedule(prepare(), { ...config, steps: 0, epochs: 3 }).steps).toBe(3 * 6); // ⌈11 / 2⌉ an epoch
    expect(schedule(prepare(), { ...config, steps: 0, epochs: 3, accumulation: 4 }).steps).toBe(Math.ceil(18 / 4));
  });

  it('gives every row once an epoch, each epoch in another order, the same for one seed in any order of asking', () => {
    const { microbatch, epoch } = schedule(prepare(), config);
    const tokens = (from: number) =>
      Array.from({ length: epoch.length }, (_, i) => microbatch(from + i).targets.join()).sort();
    const first = Array.from({ length: 6 }, (_, i) => microbatch(i));
    expect(first.reduce((sum, { tokens: own }) => sum + own, 0)).toBe(
      prepare().train.reduce((sum, { ids }) => sum + ids.length, 0),
    );
    expect(tokens(6)).not.toEqual(tokens(0));
    expect(microbatch(3)).toEqual(first[3]); // after a look at the next epoch
    expect(schedule(prepare(), config).microbatch(3)).toEqual(first[3]);
    const other = schedule(prepare(), { ...config, seed: 2 });
    expect(Array.from({ length: 6 }, (_, i) => other.microbatch(i))).not.toEqual(first);
  });

  it('never has a batch larger than the rows', () => {
    expect(schedule(prepare(), { ...config, batch: 64 }).train[0]?.batch).toBe(11);
  });
});
