// The optimizer equals AdamW in f64 and in torch, clips and skips as a whole, and gives the same bits again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder, type Program } from '../../src/engine/gpu/program.ts';
import { size, type Tensor } from '../../src/engine/gpu/tensor.ts';
import {
  createGroup,
  disposeGroup,
  METRIC_WORDS,
  packStepParams,
  readMetrics,
  recordUpdate,
  STEP_WORDS,
  type ParameterGroup,
  type StepMetrics,
  type StepParams,
} from '../../src/engine/optim.ts';
import { testGpu } from '../gpu.ts';
import { expectClose, noise, worst } from '../ops/run.ts';
import { adamwReference, clipReference, normReference, type AdamwState } from '../reference/adamw.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));
afterAll(() => gpu.destroy());

const ROWS = 4;
const SETTINGS = { beta1: 0.9, beta2: 0.99, epsilon: 1e-6, clip: 0, weightDecay: 0.1 };

interface Bench {
  groups: ParameterGroup[];
  totals: Tensor;
  program: Program;
  /** Writes the gradients (none: leaves what is there), runs one update, and returns its metrics. */
  step(given: Pick<StepParams, 'lr' | 'step'> & Partial<StepParams>, gradients?: Float32Array[]): Promise<StepMetrics>;
  /** All values, m, v and gradients, group after group. */
  state(): Promise<Float32Array[]>;
  dispose(): void;
}

async function bench(
  values: readonly Float32Array[],
  decays: readonly boolean[] = values.map(() => true),
  factor?: number,
): Promise<Bench> {
  const groups = values.map((v, i) =>
    createGroup(gpu, gpu.tensor(`value ${i}`, [v.length], 'f32', v), decays[i] ?? true, factor),
  );
  const stepParams = gpu.tensor('stepParams', [STEP_WORDS], 'u32');
  const totals = gpu.tensor('totals', [4]);
  const metrics = gpu.tensor('metrics', [ROWS, METRIC_WORDS]);
  const rec = new Recorder(gpu, 'update');
  recordUpdate(rec, groups, { stepParams, totals, metrics });
  const program = await rec.compile();
  return {
    groups,
    totals,
    program,
    async step(given, gradients) {
      gpu.write(stepParams, packStepParams({ ...SETTINGS, ...given }));
      gradients?.forEach((g, i) => gpu.write((groups[i] as ParameterGroup).gradient, g));
      for (const arena of program.arenas) gpu.device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(0xff));
      program.run();
      const at = METRIC_WORDS * (given.step % ROWS);
      return readMetrics((await gpu.read(metrics)).slice(at, at + METRIC_WORDS));
    },
    async state() {
      const read: Float32Array[] = [];
      for (const { value, m, v, gradient } of groups)
        for (const t of [value, m, v, gradient]) read.push(await gpu.read(t));
      return read;
    },
    dispose() {
      program.dispose();
      for (const group of groups) {
        disposeGroup(group);
        group.value.slot?.buffer.destroy();
      }
      for (const t of [stepParams, totals, metrics]) t.slot?.buffer.destroy();
    },
  };
}

/** 70000 needs more than one turn of the norm's shares; 5 and 7 do not divide by 4. */
const SIZES = [5, 64, 7, 70_000];
const starts = (): Float32Array[] => SIZES.map((n, i) => noise(n, 10 + i));
const gradientsOf = (step: number): Float32Array[] => SIZES.map((n, i) => noise(n, 100 * step + i).map((x) => x / 145));

it('equals AdamW in f64 over 30 steps: rates that change, clip now and then, decay of two groups of four', async () => {
  const values = starts();
  const decays = [true, false, false, true];
  const b = await bench(values, decays);
  const zeros = (n: number): number[] => new Array<number>(n).fill(0);
  const states = values.map((x): AdamwState => ({ value: [...x], m: zeros(x.length), v: zeros(x.length) }));
  let clippedSteps = 0;
  for (let step = 1; step <= 30; step++) {
    const lr = 0.02 / (1 + (step % 7));
    const gradients = gradientsOf(step);
    const clip = step % 3 === 0 ? 0 : step % 3; // none, 1 (active: the norm is about 1.05), 2 (inactive)
    const norm = normReference(gradients);
    const coefficient = clipReference(norm, clip);
    clippedSteps += Number(coefficient < 1);
    gradients.forEach((g, i) => {
      const weightDecay = decays[i] ? SETTINGS.weightDecay : 0;
      const scaled = Array.from(g, (x) => x * coefficient);
      adamwReference(states[i] as AdamwState, scaled, { ...SETTINGS, lr, step, weightDecay });
    });
    const metrics = await b.step({ lr, step, clip }, gradients);
    expect(Math.abs(metrics.norm / norm - 1), `norm of step ${step}`).toBeLessThan(1e-6);
    expect(metrics).toMatchObject({ skipped: false, step, lr: Math.fround(lr) });
  }
  expect(clippedSteps).toBe(10);
  const found = await b.state();
  states.forEach(({ value, m, v }, i) => {
    const [gotValue = [], gotM = [], gotV = [], gradient] = found.slice(4 * i, 4 * i + 4);
    expectClose(gotValue, value, 3e-6);
    expect(worst(gotValue, values[i] ?? []).error, 'moved').toBeGreaterThan(0.01);
    expectClose(gotM, m, 1e-7);
    expectClose(gotV, v, 1e-9);
    expect(gradient?.every((x) => x === 0)).toBe(true);
  });
  b.dispose();
});

it('equals torch.optim.AdamW after clip_grad_norm_', async () => {
  // torch 2.13: p = [1, -2, .5, 3, -.25], g = step · [.1, -.2, .3, -.4, .5], lr .1, betas (.9, .99), eps 1e-6, decay .1,
  // clip_grad_norm_(p, 1.0), three steps.
  const expected = [0.67367053, -1.64396822, 0.18851927, 3.2075274, -0.53920531];
  const b = await bench([Float32Array.of(1, -2, 0.5, 3, -0.25)]);
  for (let step = 1; step <= 3; step++)
    await b.step({ lr: 0.1, step, clip: 1 }, [Float32Array.of(0.1, -0.2, 0.3, -0.4, 0.5).map((x) => x * step)]);
  const [value = []] = await b.state();
  expectClose(value, expected, 1e-6);
  b.dispose();
});

it('writes totals and what it did into the ring, and starts the totals again', async () => {
  const b = await bench([noise(64, 1)]);
  for (let step = 1; step <= 6; step++) {
    gpu.write(b.totals, Float32Array.of(step / 2, 3, 7, 0));
    const metrics = await b.step({ lr: 0.5, step }, [new Float32Array(64).fill(0.25)]);
    expect(metrics).toEqual({ loss: step / 2, hits: 3, tokens: 7, norm: 2, skipped: false, lr: 0.5, step });
    expect([...(await gpu.read(b.totals))]).toEqual([0, 0, 0, 0]);
  }
  b.dispose();
});

describe('what is not finite', () => {
  const cases: [string, number][] = [
    ['NaN', Number.NaN],
    ['infinity', Infinity],
    ['minus infinity', -Infinity],
    ['a square beyond f32', 3e30],
  ];
  it.each(cases)('%s in one element: nothing changes but the flag, and the next step is clean', async (_, value) => {
    for (const at of [0, 3, 60]) {
      const b = await bench([noise(5, 1), noise(64, 2)]);
      await b.step({ lr: 0.1, step: 1 }, [noise(5, 3), noise(64, 4)]);
      const before = await b.state();
      const bad = [noise(5, 5), noise(64, 6)];
      (bad[at < 5 ? 0 : 1] as Float32Array)[at] = value;
      expect(await b.step({ lr: 0.1, step: 2, clip: at === 3 ? 1 : 0 }, bad)).toMatchObject({ skipped: true, step: 2 });
      expect(await b.state()).toEqual(before); // gradients are zero in both
      expect(await b.step({ lr: 0.1, step: 3 }, [noise(5, 7), noise(64, 8)])).toMatchObject({ skipped: false });
      const after = await b.state();
      expect(after.every((t) => t.every(Number.isFinite))).toBe(true);
      expect(after[0]).not.toEqual(before[0]);
      b.dispose();
    }
  });
});

it('gives the same bits again', async () => {
  const run = async (): Promise<Float32Array[]> => {
    const b = await bench(starts());
    for (let step = 1; step <= 3; step++) await b.step({ lr: 0.01, step, clip: 1 }, gradientsOf(step));
    const state = await b.state();
    b.dispose();
    return state;
  };
  expect(await run()).toEqual(await run());
});

it('a group with a factor moves, and decays, as one with so much higher a rate', async () => {
  const start = noise(12, 3);
  const after = async (factor: number, lr: number): Promise<Float32Array> => {
    const b = await bench([start], [true], factor);
    for (let step = 1; step <= 3; step++) await b.step({ lr, step }, [noise(12, 50 + step)]);
    const [value] = await b.state();
    b.dispose();
    return value as Float32Array;
  };
  const [threefold, higher, plain] = [await after(3, 0.01), await after(1, 0.03), await after(1, 0.01)];
  expectClose(threefold, higher, 1e-6);
  expect(worst(threefold, plain).error).toBeGreaterThan(1e-2);
});

it('takes tensors of its own sizes only', () => {
  const groups = [createGroup(gpu, gpu.tensor('value', [4]), true)];
  const rec = new Recorder(gpu, 'update');
  const wrong = { stepParams: gpu.tensor('stepParams', [16], 'u32'), totals: gpu.tensor('totals', [4]) };
  expect(() => recordUpdate(rec, groups, { ...wrong, metrics: gpu.tensor('metrics', [4, 8]) })).toThrow(
    'optimizer: stepParams [64], totals [4] and metrics [rows, 8] are needed, got stepParams [16]',
  );
  expect(size(groups[0]?.m.shape ?? [])).toBe(4);
});
