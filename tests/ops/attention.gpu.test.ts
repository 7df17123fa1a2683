// Attention equals plain softmax in f64 on odd sizes, and cannot see the future, padding or what is not yet written.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { attention } from '../../src/engine/ops/attention.ts';
import { testGpu } from '../gpu.ts';
import { attentionReference, type AttentionShape } from '../reference/attention.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 2e-6;

function shape(given: Partial<AttentionShape>): AttentionShape {
  const all = { batch: 1, time: 1, heads: 1, kvHeads: 1, headDim: 32, capacity: 1, ...given };
  return { scale: 2 / Math.sqrt(all.headDim), ...all };
}

interface Inputs {
  q: Float32Array<ArrayBuffer>;
  keys: Float32Array<ArrayBuffer>;
  values: Float32Array<ArrayBuffer>;
  starts: number[];
}

function inputs(s: AttentionShape, starts: number[], seed = 1): Inputs {
  const cache = s.batch * s.capacity * s.kvHeads * s.headDim;
  const q = noise(s.batch * s.time * s.heads * s.headDim, seed).map((v) => 3 * v);
  return { q, keys: noise(cache, seed + 1), values: noise(cache, seed + 2), starts };
}

async function run(s: AttentionShape, { q, keys, values, starts }: Inputs, barriers?: boolean) {
  const kv = [s.batch, s.capacity, s.kvHeads, s.headDim];
  const [out, lse] = await runOp(gpu, (rec) => {
    const result = attention(
      rec,
      {
        q: gpu.tensor('q', [s.batch * s.time, s.heads * s.headDim], 'f32', q),
        keys: gpu.tensor('keys', kv, 'f32', keys),
        values: gpu.tensor('values', kv, 'f32', values),
        starts: gpu.tensor('starts', [s.batch], 'u32', Uint32Array.from(starts)),
      },
      { ...s, barriers },
    );
    return [result.out, result.lse];
  });
  return { out: out ?? new Float32Array(), lse: lse ?? new Float32Array() };
}

const CASES: [what: string, shape: Partial<AttentionShape>, starts: number[]][] = [
  ['one token', { time: 1, capacity: 1 }, [0]],
  ['two tokens', { time: 2, capacity: 2 }, [0]],
  ['a square beyond the tiles', { time: 101, heads: 2, kvHeads: 2, capacity: 101 }, [0]],
  ['grouped heads 2:1', { batch: 2, time: 37, heads: 4, kvHeads: 2, capacity: 37 }, [0, 0]],
  ['grouped heads 4:1, wide', { batch: 2, time: 19, heads: 4, kvHeads: 1, headDim: 64, capacity: 19 }, [0, 0]],
  ['grouped heads 8:1, widest', { time: 35, heads: 8, kvHeads: 1, headDim: 128, capacity: 35 }, [0]],
  ['narrow heads', { batch: 2, time: 40, heads: 8, kvHeads: 4, headDim: 8, capacity: 64 }, [0, 0]],
  ['heads of no round width', { time: 9, heads: 3, kvHeads: 1, headDim: 80, capacity: 33 }, [20]],
  ['rows at places of their own', { batch: 3, time: 21, heads: 2, kvHeads: 1, capacity: 150 }, [0, 64, 129]],
  ['a step', { batch: 3, heads: 4, kvHeads: 2, capacity: 150 }, [0, 70, 149]],
  ['a step over a long cache', { batch: 2, heads: 2, kvHeads: 1, headDim: 64, capacity: 2100 }, [2099, 1023]],
  ['a step, narrow', { batch: 2, heads: 8, kvHeads: 4, headDim: 8, capacity: 65 }, [64, 3]],
  ['a step, no round width', { batch: 2, heads: 8, kvHeads: 1, headDim: 80, capacity: 65 }, [64, 3]],
  ['a step, widest', { batch: 2, heads: 2, kvHeads: 1, headDim: 128, capacity: 65 }, [64, 3]],
];

for (const [what, given, starts] of CASES)
  it(`${what} equals the oracle`, async () => {
    const s = shape(given);
    const data = inputs(s, starts);
    const expected = attentionReference(s, data.q, data.keys, data.values, starts);
    for (const barriers of s.time === 1 ? [true, false] : [undefined]) {
      const { out, lse } = await run(s, data, barriers);
      expectClose(out, expected.out, TOLERANCE);
      expectClose(lse, expected.lse, TOLERANCE);
    }
    if (starts.every((start) => start + s.time > 1)) {
      const late = attentionReference(
        s,
        data.q,
        data.keys,
        data.values,
        starts.map((n) => Math.max(0, n - 1)),
      );
      const unscaled = attentionReference({ ...s, scale: 1.1 * s.scale }, data.q, data.keys, data.values, starts);
      if (starts.some((start) => start > 0))
        expect(worst(late.out, expected.out).error, 'the case sees a wrong start').toBeGreaterThan(100 * TOLERANCE);
      expect(worst(unscaled.out, expected.out).error, 'the case sees a wrong scale').toBeGreaterThan(100 * TOLERANCE);
    }
  });

it('heads map to key heads in groups, not in turns', () => {
  const s = shape({ batch: 1, time: 5, heads: 4, kvHeads: 2, headDim: 8, capacity: 5 });
  const { q, keys, values, starts } = inputs(s, [0]);
  const swapped = keys.map((_, i) => keys[i ^ 8] ?? 0);
  const expected = attentionReference(s, q, keys, values, starts);
  expect(worst(attentionReference(s, q, swapped, values, starts).out, expected.out).error).toBeGreaterThan(1e-3);
});

describe('what a query cannot see cannot change its answer by one bit', () => {
  const s = shape({ batch: 2, time: 45, heads: 2, kvHeads: 1, capacity: 80 });
  const width = s.kvHeads * s.headDim;
  const perRow = s.heads * s.headDim;

  it('later tokens and padding', async () => {
    const data = inputs(s, [0, 30]);
    const plain = await run(s, data);
    const cut = 17; // queries from here on, and their keys, become something else
    const changed = { ...data, q: data.q.slice(), keys: data.keys.slice(), values: data.values.slice() };
    for (let b = 0; b < s.batch; b++) {
      const key = (b * s.capacity + (data.starts[b] ?? 0) + cut) * width;
      changed.keys.fill(1e4, key, (b + 1) * s.capacity * width);
      changed.values.fill(-1e4, key, (b + 1) * s.capacity * width);
      changed.q.fill(7, (b * s.time + cut) * perRow, (b + 1) * s.time * perRow);
    }
    const other = await run(s, changed);
    for (let b = 0; b < s.batch; b++) {
      const [from, seen, to] = [b * s.time, b * s.time + cut, (b + 1) * s.time];
      expect(other.out.slice(from * perRow, seen * perRow)).toEqual(plain.out.slice(from * perRow, seen * perRow));
      expect(other.lse.slice(from * s.heads, seen * s.heads)).toEqual(plain.lse.slice(from * s.heads, seen * s.heads));
      expect(other.out.slice(seen * perRow, to * perRow)).not.toEqual(plain.out.slice(seen * perRow, to * perRow));
    }
  });

  for (const time of [45, 1])
    it(`parts of the cache that nobody wrote, ${time} queries`, async () => {
      const t = { ...s, time };
      const data = inputs(t, [0, 30]);
      const plain = [await run(t, data, true), await run(t, data, false)];
      const poisoned = { ...data, keys: data.keys.slice(), values: data.values.slice() };
      data.starts.forEach((start, b) => {
        poisoned.keys.fill(Number.NaN, (b * s.capacity + start + time) * width, (b + 1) * s.capacity * width);
        poisoned.values.fill(Number.NaN, (b * s.capacity + start + time) * width, (b + 1) * s.capacity * width);
      });
      expect([await run(t, poisoned, true), await run(t, poisoned, false)]).toEqual(plain);
    });

  it('the other rows of a batch', async () => {
    const data = inputs(s, [0, 30]);
    const plain = await run(s, data);
    const half = { ...s, batch: 1 };
    const alone = await run(half, {
      q: data.q.slice(s.time * perRow),
      keys: data.keys.slice(s.capacity * width),
      values: data.values.slice(s.capacity * width),
      starts: [30],
    });
    expect(alone.out).toEqual(plain.out.slice(s.time * perRow));
  });
});

for (const headDim of [8, 32, 64, 128])
  it(`a step over the cache equals the same row of the whole, heads of ${headDim}`, async () => {
    const whole = shape({ time: 70, heads: 2, kvHeads: 1, headDim, capacity: 70 });
    const data = inputs(whole, [0]);
    const full = await run(whole, data);
    const perRow = whole.heads * headDim;
    for (const t of [0, 31, 32, 69]) {
      const q = data.q.slice(t * perRow, (t + 1) * perRow);
      for (const barriers of [true, false]) {
        const step = await run({ ...whole, time: 1 }, { ...data, q, starts: [t] }, barriers);
        expectClose(step.out, full.out.slice(t * perRow, (t + 1) * perRow), 1e-6);
        expectClose(step.lse, full.lse.slice(t * 2, t * 2 + 2), 1e-6);
      }
    }
  });

it('two runs give the same bits', async () => {
  const s = shape({ batch: 2, time: 90, heads: 4, kvHeads: 2, capacity: 90 });
  const data = inputs(s, [0, 0]);
  expect((await run(s, data)).out).toEqual((await run(s, data)).out);
});

it('a width that the kernels cannot take is refused in words', async () => {
  const s = shape({ headDim: 6, time: 2, capacity: 2 });
  await expect(run(s, inputs(s, [0]))).rejects.toThrow(/attention: heads must be 4…128/);
});
