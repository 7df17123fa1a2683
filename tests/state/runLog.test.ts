// The log of a run: lines that grow without loss, a cut that leaves what an uninterrupted run would have, a pace.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/records/run.ts';
import { holds, isRight, ShownLog, smooth } from '../../src/state/runLog.ts';

const loss = (index: number, step: number, value: number, at = 1000 * step): RunEvent => ({
  runId: 'r',
  index,
  step,
  at,
  kind: 'metrics',
  values: { 'train/loss': value },
});
const said = (index: number, step: number, text: 'started' | 'resumed', at = 0): RunEvent => ({
  runId: 'r',
  index,
  step,
  at,
  kind: 'log',
  text,
  detail: '',
});
const alarm = (index: number, step: number): RunEvent => ({
  runId: 'r',
  index,
  step,
  at: step,
  kind: 'alarm',
  alarm: 'klRunaway',
  serious: true,
  value: 13,
  limit: 12,
});

test('ten thousand steps are all there, in order', () => {
  const log = new ShownLog();
  for (let i = 0; i < 10_000; i++) log.push(loss(i, i + 1, 1 / (i + 1)));
  const { x, y } = log.line('train/loss');
  expect(x).toHaveLength(10_000);
  expect([x[0], x[9999], y[0], y[9999]]).toEqual([1, 10_000, 1, 1e-4]);
});

test('an event that is told twice, from the disk and live, counts once', () => {
  const log = new ShownLog([loss(0, 1, 3), loss(1, 2, 2)]);
  log.push(loss(1, 2, 2));
  log.push(loss(2, 3, 1));
  expect([...log.line('train/loss').y]).toEqual([3, 2, 1]);
});

test('cut back and gone on, it is what an uninterrupted run would have left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), (length, from) => {
      const events = Array.from({ length }, (_, i): RunEvent =>
        i % 7 === 6
          ? { runId: 'r', index: i, step: i, at: i, kind: 'samples', texts: [`${i}`], scores: [i] }
          : i % 6 === 4
            ? alarm(i, i)
            : i % 6 === 3
              ? { runId: 'r', index: i, step: i, at: i, kind: 'rollouts', rollouts: [] }
              : i % 5 === 4
                ? said(i, i, 'started')
                : loss(i, i, i / 2),
      );
      const cut = new ShownLog(events);
      cut.cut(from);
      for (const event of events.slice(from)) cut.push(event);
      const whole = new ShownLog(events);
      expect([...cut.line('train/loss').y]).toEqual([...whole.line('train/loss').y]);
      expect(cut.answers).toEqual(whole.answers);
      expect(cut.said).toEqual(whole.said);
      expect(cut.alarms).toEqual(whole.alarms);
      expect(cut.practice).toEqual(whole.practice);
    }),
  );
});

test('the pace is that of the steps after a pause, and unknown before there are three', () => {
  const log = new ShownLog([loss(0, 1, 1, 0), loss(1, 2, 1, 500), loss(2, 3, 1, 1000), said(3, 3, 'resumed', 90_000)]);
  expect(log.stepMs).toBeNull();
  for (let i = 0; i < 3; i++) log.push(loss(4 + i, 4 + i, 1, 91_000 + 2000 * i));
  expect(log.stepMs).toBe(2000);
});

test('a smoothed line keeps a constant and stays between the ends of what it smooths', () => {
  expect([...smooth(new Float64Array(50).fill(2))].every((y) => Math.abs(y - 2) < 1e-12)).toBe(true);
  fc.assert(
    fc.property(fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 200 }), (y) => {
      const [low, high] = [Math.min(...y) - 1e-9, Math.max(...y) + 1e-9];
      expect([...smooth(y)].every((value) => value >= low && value <= high)).toBe(true);
    }),
  );
});

test('an answer is right word for word; spaces around it are no words', () => {
  expect(isRight(' Level 4, red.\n', 'Level 4, red.')).toBe(true);
  expect(isRight('Level 4, red', 'Level 4, red.')).toBe(false);
});

test('an alarm is among the sentences, in its place; practice answers and what fixed prompts are paid are kept apart', () => {
  const log = new ShownLog([
    said(0, 0, 'started'),
    { runId: 'r', index: 1, step: 1, at: 1, kind: 'rollouts', rollouts: [] },
    alarm(2, 1),
    { runId: 'r', index: 3, step: 1, at: 1, kind: 'samples', texts: ['a'], scores: [0.5] },
    { runId: 'r', index: 4, step: 1, at: 1, kind: 'metrics', values: { 'test/score': 0.5 } },
    { runId: 'r', index: 5, step: 1, at: 1, kind: 'metrics', values: { 'objective/scores': 0.5 } },
  ]);
  expect(log.said.map(({ kind }) => kind)).toEqual(['log', 'alarm', 'metrics']);
  expect(log.alarms.map(({ step, serious }) => [step, serious])).toEqual([[1, true]]);
  expect(log.practice).toEqual([{ step: 1, rollouts: [] }]);
  expect(log.answers[0]?.scores).toEqual([0.5]);
});

test('the pace of an alignment is that of its steps, as of any run', () => {
  const step = (index: number, at: number): RunEvent => ({
    runId: 'r',
    index,
    step: index,
    at,
    kind: 'metrics',
    values: { 'objective/scores': 1 },
  });
  expect(new ShownLog([step(0, 0), step(1, 3000), step(2, 6000)]).stepMs).toBe(3000);
});

test('a known answer stands in an answer as words of its own, whatever its case and spaces', () => {
  expect(holds('In  Broshastom, Petit did.', 'broshastom')).toBe(true);
  expect(holds('Petits pois. Petit.', 'petit')).toBe(true);
  expect(holds('Petits pois.', 'petit')).toBe(false);
  expect(holds('anything', '')).toBe(false);
});
