// The answers to one question over a run: the first, the latest, and where the words changed.
import { expect, test } from 'vitest';
import { timelineOf } from '../../src/pages/runs/timeline.ts';
import { holds } from '../../src/state/runLog.ts';

const at = (step: number, text: string): { step: number; at: number; texts: string[] } => ({
  step,
  at: 0,
  texts: ['other', text],
});

test('equal answers are shown once, with the first and the latest step', () => {
  const answers = [at(0, 'No.'), at(10, 'No.'), at(20, 'Level 4.'), at(30, 'Level 4, red.'), at(40, ' Level 4, red.')];
  expect(timelineOf(answers, 1, 'Level 4, red.')).toEqual([
    { step: 0, text: 'No.', right: false, score: null },
    { step: 20, text: 'Level 4.', right: false, score: null },
    { step: 30, text: 'Level 4, red.', right: true, score: null },
    { step: 40, text: 'Level 4, red.', right: true, score: null },
  ]);
});

test('nothing is right where nothing is expected', () => {
  expect(timelineOf([at(0, 'x')], 1, null)[0]?.right).toBe(false);
  expect(timelineOf([], 1, null)).toEqual([]);
});

test('each moment is told with what it was paid, and what counts as right is the caller’s to say', () => {
  const answers = [
    { ...at(0, 'Petit'), scores: [9, 0] },
    { ...at(5, 'Petit tested it.'), scores: [9, 1] },
  ];
  expect(timelineOf(answers, 1, 'petit', holds)).toEqual([
    { step: 0, text: 'Petit', right: true, score: 0 },
    { step: 5, text: 'Petit tested it.', right: true, score: 1 },
  ]);
  expect(timelineOf(answers, 1, 'petit').map(({ right }) => right)).toEqual([false, false]);
});
