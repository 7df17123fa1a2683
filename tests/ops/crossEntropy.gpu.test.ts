// The fused loss equals the oracle, its gradients the differences of the oracle, however small its chunks are; padding
// counts for nothing.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { add } from '../../src/engine/ops/add.ts';
import { crossEntropy, sumLosses } from '../../src/engine/ops/crossEntropy.ts';
import { Tape } from '../../src/engine/tape.ts';
import { f16ToF32, f32ToF16 } from '../../src/formats/float16.ts';
import { testGpu } from '../gpu.ts';
import { crossEntropyReference, sumLossesReference } from '../reference/crossEntropy.ts';
import { numericGradient } from '../reference/numericGradient.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const PADDING = 0xffffffff;

interface Case {
  hidden: Float32Array<ArrayBuffer>;
  head: Float32Array<ArrayBuffer>;
  index: Uint32Array<ArrayBuffer>;
  targets: Uint32Array<ArrayBuffer>;
  weights: Float32Array<ArrayBuffer>;
  count: number;
  vocab: number;
  dim: number;
}

/** `rows` of `count` hidden states reach the head, every fifth is padding, every seventh the likeliest on purpose. */
function make(count: number, rows: number, vocab: number, dim: number, spread = 3): Case {
  const hidden = noise(count * dim, count).map((x) => x * spread);
  const head = noise(vocab * dim, dim + 1);
  const index = Uint32Array.from({ length: rows }, (_, r) => (r % 5 === 3 ? PADDING : count - 1 - r));
  const weights = Float32Array.from(index, (row, r) => (row === PADDING ? 0 : (1 + (r % 3)) / rows));
  const { likeliest } = crossEntropyReference(hidden, head, { dim, index, targets: index, weights });
  const targets = Uint32Array.from(likeliest, (top, r) => {
    if (r === 0) return vocab - 1;
    return r % 7 === 1 ? top : (r * 7919) % vocab;
  });
  return { hidden, head, index, targets, weights, count, vocab, dim };
}

type Inputs = Record<'hidden' | 'head' | 'index' | 'targets' | 'weights', Tensor>;
const inputs = (c: Case): Inputs => ({
  hidden: gpu.tensor('hidden', [c.count, c.dim], 'f32', c.hidden),
  head: gpu.tensor('head', [c.vocab, c.dim], 'f32', c.head),
  index: gpu.tensor('index', [c.index.length], 'u32', c.index),
  targets: gpu.tensor('targets', [c.index.length], 'u32', c.targets),
  weights: gpu.tensor('weights', [c.index.length], 'f32', c.weights),
});

/** losses, hits, dhidden, and dhead added to `before`. */
async function train(c: Case, maxBytes?: number, before = new Float32Array(c.head.length)) {
  const [losses, hits, dhidden, dhead] = await runOp(gpu, (rec) => {
    const tensors = inputs(c);
    const sink = gpu.tensor('dhead', [c.vocab, c.dim], 'f32', before);
    const tape = new Tape(rec, new Map([[tensors.head, sink]]));
    tape.note([tensors.hidden], [tensors.head], () => undefined); // as if it had been computed from a parameter
    const out = crossEntropy(rec, tensors, { maxBytes });
    expect(rec.tape, 'the tape goes on').toBe(tape);
    tape.backward();
    return [out.losses, out.hits, tape.gradient(tensors.hidden)!, sink];
  });
  return { losses: losses!, hits: hits!, dhidden: dhidden!, dhead: dhead! };
}

/** d Σ weight · loss for hidden and for the head */
const hiddenGradient = (c: Case) =>
  numericGradient((x) => crossEntropyReference(x, c.head, c).losses, c.hidden, c.weights);
const headGradient = (c: Case) =>
  numericGradient((x) => crossEntropyReference(c.hidden, x, c).losses, c.head, c.weights);

describe('equals the oracle', () => {
  it.each([
    [1, 1, 1, 4],
    [3, 2, 5, 3],
    [9, 7, 31, 8],
    [20, 13, 36, 12],
    [17, 17, 67, 5],
    [11, 6, 260, 4],
    [11, 6, 257, 4],
  ])('%i states, %i rows, vocabulary %i, width %i', async (count, rows, vocab, dim) => {
    const c = make(count, rows, vocab, dim);
    const before = noise(vocab * dim, 5);
    const { losses, hits, dhidden, dhead } = await train(c, undefined, before);
    const wanted = crossEntropyReference(c.hidden, c.head, c);
    expectClose(losses, wanted.losses, 1e-5);
    expect([...hits]).toEqual(wanted.hits);
    if (rows > 1 && vocab > 1) expect(wanted.hits).toContain(1);
    expectClose(dhidden, hiddenGradient(c), 1e-5);
    expectClose(
      dhead,
      headGradient(c).map((d, i) => d + before[i]!),
      1e-5,
    );
  });

  it('with large vocabularies of either kind, forward alone', async () => {
    for (const vocab of [3072, 5001]) {
      const c = make(40, 37, vocab, 16);
      const [losses, hits] = await runOp(gpu, (rec) => {
        const out = crossEntropy(rec, inputs(c));
        return [out.losses, out.hits];
      });
      const wanted = crossEntropyReference(c.hidden, c.head, c);
      expectClose(losses!, wanted.losses, 1e-5);
      expect([...hits!]).toEqual(wanted.hits);
    }
  });

  it('with logits of ±80, where a plain sum of exponentials would overflow', async () => {
    const c = make(9, 7, 44, 8, 80);
    const { losses, dhidden } = await train(c);
    const wanted = crossEntropyReference(c.hidden, c.head, c).losses;
    expect(Math.max(...wanted)).toBeGreaterThan(80);
    expectClose(losses, wanted, 1e-5);
    expectClose(dhidden, hiddenGradient(c), 1e-4);
  });

  it('with a head of halves', async () => {
    const c = make(9, 7, 44, 8);
    const halves = f32ToF16(c.head);
    const [losses, dhidden] = await runOp(gpu, (rec) => {
      const tensors = inputs(c);
      const head = gpu.tensor('head', [c.vocab, c.dim], 'f16', new Uint32Array(halves.buffer));
      const tape = new Tape(rec, new Map([[tensors.weights, tensors.weights]]));
      tape.note([tensors.hidden], [tensors.weights], () => undefined);
      const out = crossEntropy(rec, { ...tensors, head });
      tape.backward();
      return [out.losses, tape.gradient(tensors.hidden)!];
    });
    const rounded = { ...c, head: f16ToF32(halves) };
    expectClose(losses!, crossEntropyReference(rounded.hidden, rounded.head, rounded).losses, 1e-5);
    expectClose(dhidden!, hiddenGradient(rounded), 1e-5);
  });
});

it.each([1, 4 * 67 * 3, 4 * 67 * 8, 4 * 67 * 20])('chunks of at most %i bytes change nothing', async (maxBytes) => {
  const c = make(80, 53, 67, 12);
  const whole = await train(c);
  const chunked = await train(c, maxBytes);
  for (const name of ['losses', 'hits', 'dhidden', 'dhead'] as const) expectClose(chunked[name], whole[name], 1e-6);
  expect(await train(c, maxBytes), 'the same bits again').toEqual(chunked);
});

it('no chunk of logits exceeds the bytes that are allowed', () => {
  const c = make(80, 53, 64, 12);
  for (const rows of [1, 3, 8, 11, 27, 53]) {
    const rec = new Recorder(gpu, 'test');
    const made: number[] = [];
    const temp = rec.temp.bind(rec);
    rec.temp = (label, shape, dtype) => {
      if (label === 'logits') made.push(shape[0] ?? 0);
      return temp(label, shape, dtype);
    };
    crossEntropy(rec, inputs(c), { maxBytes: 4 * 64 * rows + 5 });
    expect(Math.max(...made)).toBeLessThanOrEqual(rows);
    expect(made.reduce((a, b) => a + b)).toBe(53);
  }
});

it('rows of padding change nothing: not their target, nor that they are there', async () => {
  const c = make(20, 13, 36, 12);
  const kept = [...c.index.keys()].filter((r) => c.index[r] !== PADDING);
  const less = {
    ...c,
    index: c.index.filter((row) => row !== PADDING),
    targets: Uint32Array.from(kept, (r) => c.targets[r]!),
    weights: Float32Array.from(kept, (r) => c.weights[r]!),
  };
  const other = { ...c, targets: c.targets.map((t, r) => (c.index[r] === PADDING ? 0xfffffff0 : t)) };
  const [all, without, odd] = [await train(c), await train(less), await train(other)];
  expect(odd).toEqual(all);
  expect(kept.map((r) => all.losses[r])).toEqual([...without.losses]);
  expectClose(all.dhidden, without.dhidden, 1e-7);
  expectClose(all.dhead, without.dhead, 1e-6);
});

it('a fault in the mask shows', async () => {
  const c = make(20, 13, 36, 12);
  const { losses, dhidden } = await train(c);
  const shifted = { ...c, index: c.index.map((row) => (row === PADDING ? row : row - 1)) };
  const heavy = { ...c, weights: c.weights.map(() => 1 / 13) };
  expect(worst(losses, crossEntropyReference(c.hidden, c.head, shifted).losses).error).toBeGreaterThan(1e-2);
  expect(worst(dhidden, hiddenGradient(shifted)).error).toBeGreaterThan(1e-3);
  expect(worst(dhidden, hiddenGradient(heavy)).error).toBeGreaterThan(1e-3);
});

it('of equal logits the lowest token is the likeliest', async () => {
  for (const vocab of [40, 41])
    for (const top of [0, 6, 23, vocab - 1]) {
      const c = make(3, 3, vocab, 4);
      c.hidden.fill(1);
      c.head
        .fill(0)
        .fill(2, top * 4, top * 4 + 4)
        .fill(2, (vocab - 1) * 4);
      c.targets.set([top, vocab - 1, (top + 1) % vocab]);
      c.weights.fill(1);
      const { hits } = await train(c);
      expect([...hits]).toEqual([1, Number(top === vocab - 1), 0]);
    }
});

it('a gradient that hidden has already is added to', async () => {
  const c = make(9, 7, 36, 8);
  const dy = noise(72, 9);
  const [sum] = await runOp(gpu, (rec) => {
    const tensors = inputs(c);
    const tape = new Tape(rec, new Map([[tensors.weights, tensors.weights]]));
    tape.note([tensors.hidden], [tensors.weights], () => undefined);
    crossEntropy(rec, tensors);
    const other = add(rec, tensors.hidden, tensors.hidden);
    tape.backward([[other, gpu.tensor('dy', [9, 8], 'f32', dy)]]);
    return [tape.gradient(tensors.hidden)!];
  });
  const { dhidden } = await train(c);
  expectClose(
    sum!,
    dhidden.map((d, i) => d + 2 * dy[i]!),
    1e-6,
  );
});

it('sumLosses adds a microbatch to the totals of a step', async () => {
  for (const rows of [1, 63, 64, 65, 700]) {
    const [losses, hits] = [noise(rows, 1), noise(rows, 2).map((x) => Number(x > 0))];
    const weights = noise(rows, 3).map((x) => Math.max(0, x));
    const before = Float32Array.from([1, 2, 3, 0]);
    const run = () =>
      runOp(gpu, (rec) => {
        const of = (name: string, data: Float32Array) => gpu.tensor(name, [rows], 'f32', data);
        const totals = gpu.tensor('totals', [4], 'f32', before);
        sumLosses(rec, { losses: of('l', losses), hits: of('h', hits), weights: of('w', weights) }, totals);
        return [totals];
      });
    const [totals] = await run();
    const wanted = sumLossesReference(losses, hits, weights).map((x, i) => x + before[i]!);
    expectClose(totals!, wanted, 1e-5);
    expect(await run()).toEqual([totals]);
  }
});
