// The gradients of attention and rope equal f64 oracles, which equal central differences of the forward oracles.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import { attention } from '../../src/engine/ops/attention.ts';
import { rope, ropeFrequencies } from '../../src/engine/ops/rope.ts';
import { Tape } from '../../src/engine/tape.ts';
import { testGpu } from '../gpu.ts';
import {
  attentionGradientReference,
  attentionReference,
  type AttentionFault,
  type AttentionShape,
} from '../reference/attention.ts';
import { numericGradient } from '../reference/numericGradient.ts';
import { ropeReference } from '../reference/rope.ts';
import { differentiate } from '../../src/engine/gpu/differentiate.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 5e-6;
const NAMES = ['q', 'keys', 'values'] as const;

type Shape = Omit<AttentionShape, 'capacity'>;
type Inputs = Record<(typeof NAMES)[number] | 'dOut', Float32Array<ArrayBuffer>>;

function shape(given: Partial<Shape>): Shape {
  const all = { batch: 1, time: 1, heads: 1, kvHeads: 1, headDim: 4, ...given };
  return { scale: 2 / Math.sqrt(all.headDim), ...all };
}

function inputs({ batch, time, heads, kvHeads, headDim }: Shape): Inputs {
  const queries = batch * time * heads * headDim;
  const cache = batch * time * kvHeads * headDim;
  return {
    q: noise(queries, 1).map((v) => 3 * v),
    keys: noise(cache, 2),
    values: noise(cache, 3),
    dOut: noise(queries, 4),
  };
}

/** dQ, dKeys and dValues by our kernels. */
function gradients(s: Shape, data: Inputs, capacity = s.time): Promise<Float32Array<ArrayBuffer>[]> {
  return runOp(gpu, (rec) => record(rec, s, data, capacity));
}

function record(rec: Recorder, s: Shape, data: Inputs, capacity: number) {
  const queries = [s.batch * s.time, s.heads * s.headDim];
  const cache = [s.batch * capacity, s.kvHeads * s.headDim];
  const q = gpu.tensor('q', queries, 'f32', data.q);
  const keys = gpu.tensor('keys', cache, 'f32', data.keys);
  const values = gpu.tensor('values', cache, 'f32', data.values);
  const dOut = gpu.tensor('dOut', queries, 'f32', data.dOut);
  const starts = gpu.tensor('starts', [s.batch], 'u32');
  const op = { ...s, capacity };
  return differentiate(rec, [q, keys, values], dOut, () => attention(rec, { q, keys, values, starts }, op).out);
}

const oracle = (s: Shape, { q, keys, values, dOut }: Inputs, fault?: AttentionFault): ArrayLike<number>[] => {
  const { dQ, dKeys, dValues } = attentionGradientReference(s, q, keys, values, dOut, fault);
  return [dQ, dKeys, dValues];
};

const CASES: [what: string, given: Partial<Shape>][] = [
  ['one token', {}],
  ['one token, two rows, grouped heads', { batch: 2, heads: 4, kvHeads: 2, headDim: 32 }],
  ['five tokens', { batch: 2, time: 5, heads: 2, kvHeads: 2, headDim: 20 }],
  ['grouped heads 2:1', { batch: 2, time: 37, heads: 4, kvHeads: 2, headDim: 32 }],
  ['grouped heads 4:1, wide', { time: 33, heads: 4, headDim: 64 }],
  ['grouped heads 8:1, narrow, beyond a workgroup', { time: 133, heads: 8 }],
  ['widest', { time: 9, heads: 2, headDim: 128 }],
];

describe('attention', () => {
  it('oracle equals central differences', () => {
    for (const given of [{}, { batch: 2, time: 5, heads: 4, kvHeads: 2 }, { time: 7, heads: 2, headDim: 8 }]) {
      const s = shape(given);
      const data = inputs(s);
      const starts = new Array<number>(s.batch).fill(0);
      oracle(s, data).forEach((gradient, i) => {
        const out = (x: ArrayLike<number>) => {
          const [q = x, keys = x, values = x] = NAMES.map((name, j) => (i === j ? x : data[name]));
          return attentionReference({ ...s, capacity: s.time }, q, keys, values, starts).out;
        };
        expectClose(gradient, numericGradient(out, data[NAMES[i] ?? 'q'], data.dOut), 1e-6);
      });
    }
  });

  for (const [what, given] of CASES)
    it(`${what}: the gradients equal the oracle`, async () => {
      const s = shape(given);
      const data = inputs(s);
      const found = await gradients(s, data);
      const expected = oracle(s, data);
      expected.forEach((gradient, i) => expectClose(found[i] ?? [], gradient, TOLERANCE));
      if (s.time === 1) return; // one key has all the weight, whatever its score
      for (const fault of ['no scale', 'sees the future', 'no delta'] as const) {
        const wrong = oracle(s, data, fault);
        const seen = wrong.map((gradient, i) => worst(gradient, expected[i] ?? []).error);
        // `no scale` leaves the values as they are, and a scale of 1 changes nothing.
        if (fault !== 'no scale' || s.scale !== 1) expect(Math.max(...seen), fault).toBeGreaterThan(100 * TOLERANCE);
      }
    });

  it('two runs give the same bits', async () => {
    const s = shape({ batch: 2, time: 41, heads: 4, kvHeads: 2, headDim: 8 });
    const data = inputs(s);
    expect(await gradients(s, data)).toEqual(await gradients(s, data));
  });

  it('padding on the right, whose gradient is zero, changes nothing before it', async () => {
    const s = shape({ time: 21, heads: 2, headDim: 8 });
    const data = inputs(s);
    const padded = { ...s, time: 30 };
    const longer = inputs(padded);
    for (const name of ['q', 'keys', 'values', 'dOut'] as const) {
      if (name === 'dOut') longer[name].fill(0);
      longer[name].set(data[name]);
    }
    const [short, long] = [await gradients(s, data), await gradients(padded, longer)];
    short.forEach((gradient, i) => {
      expect(long[i]?.slice(0, gradient.length)).toEqual(gradient);
      expect(long[i]?.slice(gradient.length).every((x) => x === 0)).toBe(true);
    });
  });

  it('a cache is refused in words', () => {
    const s = shape({ time: 3 });
    const data = { ...inputs(s), keys: noise(5 * 4), values: noise(5 * 4) };
    expect(() => record(new Recorder(gpu, 'test'), s, data, 5)).toThrow(/only rows without a cache can be trained/);
  });
});

describe('rope', () => {
  const [time, heads, kvHeads] = [3, 2, 1];

  for (const { headDim, starts } of [
    { headDim: 4, starts: [0] },
    { headDim: 20, starts: [0, 0] },
    { headDim: 128, starts: [0, 900] },
  ])
    it(`gradients of heads of ${headDim} equal central differences`, async () => {
      const frequencies = ropeFrequencies({ headDim, ropeTheta: 1e4 });
      const rows = starts.length * time;
      const wide = [rows, heads * headDim];
      const narrow = [rows, kvHeads * headDim];
      const [x, dy] = [noise(rows * heads * headDim, 1), noise(rows * heads * headDim, 2)];
      const [z, dz] = [noise(rows * kvHeads * headDim, 3), noise(rows * kvHeads * headDim, 4)];
      const found = await runOp(gpu, (rec) => {
        const [q, dQ] = [gpu.tensor('q', wide, 'f32', x), gpu.tensor('dq', wide, 'f32', dy)];
        const [k, dK] = [gpu.tensor('k', narrow, 'f32', z), gpu.tensor('dk', narrow, 'f32', dz)];
        const tape = new Tape(rec, new Map([[dQ, dQ]]));
        tape.note([q, k], [dQ], () => undefined); // as if they had been computed from a parameter
        const turned = rope(
          rec,
          {
            q,
            k,
            starts: gpu.tensor('starts', [starts.length], 'u32', Uint32Array.from(starts)),
            frequencies: gpu.tensor('frequencies', [headDim / 2], 'f32', frequencies),
          },
          { batch: starts.length, time, headDim },
        );
        tape.backward([
          [turned.q, dQ],
          [turned.k, dK],
        ]);
        return [q, k].map((t) => tape.gradient(t)!);
      });
      const oracle = (direction: 1 | -1) => (v: ArrayLike<number>) =>
        ropeReference(
          { time, headDim },
          v,
          starts,
          frequencies.map((f) => direction * f),
        );
      const [byQ, byK] = [numericGradient(oracle(1), x, dy), numericGradient(oracle(1), z, dz)];
      expectClose(found[0] ?? [], byQ, 1e-6);
      expectClose(found[1] ?? [], byK, 1e-6);
      const other = numericGradient(oracle(-1), x, dy);
      expect(worst(other, byQ).error, 'sees a turn the wrong way').toBeGreaterThan(1e-4);
    });
});
