// A batch before it starts: prompts out of any text, and contenders that can differ.
import { expect, test } from 'vitest';
import { contendersOf, promptsOf } from '../../src/state/batchPlan.ts';
import { defaultSampling } from '../../src/records/sampling.ts';

test('plain lines and JSON lines are prompts, each once; a broken line is numbered and costs only itself', () => {
  const text = [
    'Who leads?',
    '',
    '  Who leads? ',
    '{"prompt": "Who?\\n\\nContext:\\n[1] Anna."}',
    '{"question": "Where?", "context": ["Here.", "There."]}',
    '{broken',
    '{"prompt": 3}',
    '{"prompt": " "}',
  ].join('\r\n');
  expect(promptsOf(text)).toEqual({
    prompts: ['Who leads?', 'Who?\n\nContext:\n[1] Anna.', 'Where?\n\nContext:\n[1] Here.\n[2] There.'],
    refused: [6, 7, 8],
  });
});

test('draws of one model follow one another in their seeds, also over two rows; other models share them', () => {
  const drawings = [
    { adapterId: null, temperature: 0.8, draws: 2 },
    { adapterId: 'a', temperature: 0.8, draws: 2 },
    { adapterId: null, temperature: 0.8, draws: 1 },
  ];
  const made = contendersOf(drawings, { ...defaultSampling(), seed: 2 ** 32 - 1 }, 512);
  expect(made.map(({ adapterId, sampling }) => [adapterId, sampling.seed])).toEqual([
    [null, 4294967295],
    [null, 0],
    ['a', 4294967295],
    ['a', 0],
    [null, 1],
  ]);
  expect(new Set(made.map(({ sampling }) => sampling.temperature))).toEqual(new Set([0.8]));
});

test('an answer takes half of the context at most', () => {
  const drawing = { adapterId: null, temperature: 1, draws: 1 };
  expect(contendersOf([drawing], { ...defaultSampling(), maxNewTokens: 2048 }, 512)[0]?.sampling.maxNewTokens).toBe(
    256,
  );
});
