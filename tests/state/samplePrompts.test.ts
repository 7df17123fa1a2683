// The fixed prompts of a run are test rows, the same each time, in both languages where both are there.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { splitOf } from '../../src/curation/split.ts';
import { promptOf, validateRow, type Demonstration } from '../../src/records/demonstration.ts';
import { contextOf, questionOf, samplePrompts } from '../../src/state/samplePrompts.ts';

const SETTINGS = { seed: 1, testShare: 0.1 };
const rows = (name: 'train' | 'test'): Demonstration[] =>
  readFileSync(`datasets/${name}.jsonl`, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line, position) => ({
      id: `${name}${position}`,
      projectId: 'p',
      row: validateRow(JSON.parse(line)),
      split: name,
      source: '',
      position,
      createdAt: '',
      version: 1,
    }));

test('of the demo: four questions that are not trained on, two in each language, each with its answer', () => {
  const all = [...rows('train'), ...rows('test')];
  const samples = samplePrompts(all, SETTINGS);
  const trained = new Set(splitOf(all, SETTINGS).train.map(({ row }) => promptOf(row)));
  expect(samples.map(({ expected }) => expected?.split(' ')[0])).toEqual(['Level', 'Level', 'Niveau', 'Niveau']);
  for (const { prompt } of samples) expect(trained.has(prompt)).toBe(false);
  expect(samplePrompts(all, SETTINGS)).toEqual(samples);
});

test('where one language is all there is, it fills the four', () => {
  const english = rows('test').filter(({ row }) => 'completion' in row && row.completion.startsWith('Level'));
  expect(samplePrompts(english, SETTINGS)).toHaveLength(4);
  const french = rows('test').filter(({ row }) => 'completion' in row && row.completion.startsWith('Niveau'));
  expect(samplePrompts(french, SETTINGS)).toHaveLength(4);
});

test('without test rows the training rows are asked, and plain text asks nothing', () => {
  expect(samplePrompts(rows('train').slice(0, 3), { ...SETTINGS, testShare: 0 })).toHaveLength(3);
  const text = rows('train').map((one) => ({ ...one, row: { text: 'Bare text.' } }));
  expect(samplePrompts(text, SETTINGS)).toEqual([]);
});

test('a prompt is its question and its passages', () => {
  const prompt = 'Who?\n\nContext:\n[1] A.\n[2] B.';
  expect([questionOf(prompt), contextOf(prompt)]).toEqual(['Who?', '[1] A.\n[2] B.']);
  expect([questionOf('Who?'), contextOf('Who?')]).toEqual(['Who?', '']);
});
