// The learning rate follows transformers' schedules with warm-up, and never wastes a step at 0.
import { describe, expect, it } from 'vitest';
import { learningRate, packStepParams, readMetrics } from '../../src/engine/optim.ts';
import { SCHEDULES } from '../../src/records/config.ts';

const rates = (schedule: (typeof SCHEDULES)[number], warmup: number, steps: number): number[] =>
  Array.from({ length: steps }, (_, i) => learningRate({ learningRate: 2, warmup, schedule }, i + 1, steps));

describe('learningRate', () => {
  it('linear: rises to the full rate, holds it one step, falls evenly towards 0', () => {
    expect(rates('linear', 0.2, 10).map((x) => x * 4)).toEqual([4, 8, 8, 7, 6, 5, 4, 3, 2, 1]);
  });
  it('cosine: half the rate in the middle of its fall', () => {
    const found = rates('cosine', 0.2, 10);
    expect(found.slice(0, 3)).toEqual([1, 2, 2]);
    expect(found[6]).toBeCloseTo(1, 12);
    found.slice(3).forEach((rate, i) => expect(rate).toBeCloseTo(1 + Math.cos((Math.PI * (i + 1)) / 8), 12));
  });
  it('constant: stays', () => expect(rates('constant', 0.5, 4)).toEqual([1, 2, 2, 2]));
  it('without warm-up starts at the full rate', () => {
    for (const schedule of SCHEDULES) expect(rates(schedule, 0, 5)[0]).toBe(2);
  });
  it('is above 0 in every step and 0 after the last', () => {
    for (const schedule of SCHEDULES)
      for (const steps of [1, 2, 7, 100])
        for (const warmup of [0, 0.08, 0.5]) expect(Math.min(...rates(schedule, warmup, steps))).toBeGreaterThan(0);
    expect(learningRate({ learningRate: 2, warmup: 0.1, schedule: 'linear' }, 11, 10)).toBe(0);
    expect(learningRate({ learningRate: 2, warmup: 0.1, schedule: 'cosine' }, 12, 10)).toBe(0);
  });
});

it('steps count from 1: there is no bias correction of step 0', () => {
  const settings = { lr: 1, clip: 0, weightDecay: 0 };
  expect(() => packStepParams({ ...settings, step: 0 })).toThrow('optimizer: steps count from 1, got 0.');
  expect(packStepParams({ ...settings, step: 7 })[0]).toBe(7);
});

it('a row of metrics is read by its names', () => {
  expect(readMetrics([0.5, 3, 7, 1.25, 1, 0.125, 9, 0])).toEqual({
    ...{ loss: 0.5, hits: 3, tokens: 7, norm: 1.25, skipped: true, lr: 0.125, step: 9 },
  });
});
