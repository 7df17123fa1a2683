// PPO's losses equal their oracles, their gradients the differences of the oracles, on odd sizes and in chunks of any
// size; padding counts for nothing; faults show.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { policyLoss } from '../../src/engine/ops/policyLoss.ts';
import { valueLoss } from '../../src/engine/ops/valueLoss.ts';
import { Tape } from '../../src/engine/tape.ts';
import { testGpu } from '../gpu.ts';
import { logprobsReference } from '../reference/logprobs.ts';
import { numericGradient } from '../reference/numericGradient.ts';
import {
  policyLossReference,
  valueLossReference,
  weighted,
  type PolicyCase,
  type ValueCase,
} from '../reference/policyLoss.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const PADDING = 0xffffffff;

interface Case extends PolicyCase {
  hidden: Float32Array<ArrayBuffer>;
  head: Float32Array<ArrayBuffer>;
  index: Uint32Array<ArrayBuffer>;
  targets: Uint32Array<ArrayBuffer>;
  rollout: Float32Array<ArrayBuffer>;
  count: number;
  vocab: number;
}

/** How far old and new log-probabilities are apart: on both sides of the clip, far beyond it, and cut at 20. */
const MOVES = [0, 0.1, -0.1, 0.5, -0.5, 0.5, -0.5, 0, -23];

/** Every fifth row is padding; the advantages change their signs out of step with the moves. */
function make(count: number, rows: number, vocab: number, dim: number, given: Partial<PolicyCase> = {}): Case {
  const options = { inverseTemperature: 1 / 0.7, clipRange: 0.2, entropyCoef: 0.05, ...given };
  const hidden = noise(count * dim, count).map((x) => x * 3);
  const head = noise(vocab * dim, dim + 1);
  const index = Uint32Array.from({ length: rows }, (_, r) => (r % 5 === 3 ? PADDING : count - 1 - r));
  const targets = Uint32Array.from({ length: rows }, (_, r) => (r === 0 ? vocab - 1 : (r * 7919) % vocab));
  const rollout = new Float32Array(4 * rows);
  index.forEach((at, r) => {
    if (at === PADDING) return;
    const row = hidden.subarray(at * dim, at * dim + dim);
    const temperature = 1 / options.inverseTemperature;
    const now = logprobsReference(row, head, [targets[r]!], dim, temperature).logprobs[0]!;
    rollout.set([now - MOVES[r % 9]!, (1 + (r % 3)) * (r % 4 < 2 ? 1 : -1), (1 + (r % 2)) / rows, 0], 4 * r);
  });
  return { ...options, hidden, head, index, targets, rollout, count, vocab, dim };
}

interface Found {
  figures: Float32Array;
  totals: Float32Array;
  dhidden: Float32Array;
}

async function train(c: Case, { maxBytes, before }: { maxBytes?: number; before?: Float32Array<ArrayBuffer> } = {}) {
  const rows = c.index.length;
  const [figures, totals, dhidden] = await runOp(gpu, (rec) => {
    const hidden = gpu.tensor('hidden', [c.count, c.dim], 'f32', c.hidden);
    const inputs = {
      hidden,
      head: gpu.tensor('head', [c.vocab, c.dim], 'f32', c.head),
      index: gpu.tensor('index', [rows], 'u32', c.index),
      targets: gpu.tensor('targets', [rows], 'u32', c.targets),
      rollout: gpu.tensor('rollout', [rows, 4], 'f32', c.rollout),
      totals: gpu.tensor('totals', [8], 'f32', before ?? new Float32Array(8)),
    };
    const tape = new Tape(rec, new Map([[inputs.rollout, inputs.rollout]]));
    tape.note([hidden], [inputs.rollout], () => undefined); // as if it had been computed from a parameter
    const out = policyLoss(rec, inputs, { ...c, maxBytes });
    expect(rec.tape, 'the tape goes on').toBe(tape);
    tape.backward();
    return [out, inputs.totals, tape.gradient(hidden)!];
  });
  return { figures, totals, dhidden } as Found;
}

const weightsOf = (c: { rollout: ArrayLike<number> }): number[] =>
  Array.from({ length: c.rollout.length / 4 }, (_, r) => c.rollout[4 * r + 2]!);
const gradientOf = (c: Case): Float64Array =>
  numericGradient((x) => policyLossReference(x, c.head, c).map(([loss]) => loss!), c.hidden, weightsOf(c), 1e-5);
const figuresOf = (c: Case): number[] =>
  policyLossReference(c.hidden, c.head, c).flatMap((row, r) => row.map((x) => x * c.rollout[4 * r + 2]!));

describe('the policy loss', () => {
  it.each([
    [1, 1, 5, 4],
    [11, 9, 31, 8],
    [20, 13, 36, 12],
    [19, 19, 67, 5],
    [11, 9, 260, 4],
    [11, 9, 257, 4],
  ])('of %i states, %i rows, vocabulary %i, width %i equals the oracle', async (count, rows, vocab, dim) => {
    const c = make(count, rows, vocab, dim);
    const before = noise(8, 3);
    const { figures, totals, dhidden } = await train(c, { before });
    const wanted = policyLossReference(c.hidden, c.head, c);
    expectClose(figures, figuresOf(c), 1e-5);
    expectClose(
      totals,
      weighted(wanted, c.rollout).map((x, i) => x + before[i]!),
      1e-5,
    );
    if (rows > 8) expect(new Set(wanted.map((row) => row[2]))).toEqual(new Set([0, 1]));
    expectClose(dhidden, gradientOf(c), 1e-5);
  });

  it('is the entropy bonus alone where no advantage is left, at any temperature', async () => {
    for (const inverseTemperature of [0.5, 1, 3]) {
      const c = make(9, 8, 33, 8, { entropyCoef: 0.7, inverseTemperature });
      for (let r = 0; r < 8; r++) c.rollout[4 * r + 1] = 0;
      const { dhidden } = await train(c);
      const wanted = gradientOf(c);
      expect(Math.max(...wanted)).toBeGreaterThan(1e-2);
      expectClose(dhidden, wanted, 1e-5);
    }
  });

  it.each([1, 4 * 67 * 3, 4 * 67 * 8])('in chunks of at most %i bytes is the same', async (maxBytes) => {
    const c = make(80, 53, 67, 12);
    const [whole, chunked] = [await train(c), await train(c, { maxBytes })];
    for (const name of ['figures', 'totals', 'dhidden'] as const) expectClose(chunked[name], whole[name], 1e-6);
    expect(await train(c, { maxBytes }), 'the same bits again').toEqual(chunked);
  });

  it('does not see the targets of padding, nor whether it is there', async () => {
    const c = make(20, 13, 36, 12);
    const kept = [...c.index.keys()].filter((r) => c.index[r] !== PADDING);
    const less = {
      ...c,
      index: c.index.filter((row) => row !== PADDING),
      targets: Uint32Array.from(kept, (r) => c.targets[r]!),
      rollout: Float32Array.from(kept.flatMap((r) => [...c.rollout.subarray(4 * r, 4 * r + 4)])),
    };
    const other = { ...c, targets: c.targets.map((t, r) => (c.index[r] === PADDING ? 0xfffffff0 : t)) };
    const [all, without, odd] = [await train(c), await train(less), await train(other)];
    expect(odd).toEqual(all);
    expectClose(all.totals, without.totals, 1e-6);
    expectClose(all.dhidden, without.dhidden, 1e-6);
  });

  it('has ratio 1 and Δ 0 before anything has moved', async () => {
    const c = make(20, 13, 36, 12);
    const { figures } = await train(c);
    for (const r of [0, 7, 9]) expectClose(figures.subarray(8 * r + 3, 8 * r + 6), [c.rollout[4 * r + 2]!, 0, 0], 1e-6);
  });

  it('counts without a tape, too', async () => {
    const c = make(20, 13, 36, 12);
    const [totals] = await runOp(gpu, (rec) => {
      const t = gpu.tensor('totals', [8], 'f32');
      const inputs = {
        hidden: gpu.tensor('hidden', [20, 12], 'f32', c.hidden),
        head: gpu.tensor('head', [36, 12], 'f32', c.head),
        index: gpu.tensor('index', [13], 'u32', c.index),
        targets: gpu.tensor('targets', [13], 'u32', c.targets),
        rollout: gpu.tensor('rollout', [13, 4], 'f32', c.rollout),
        totals: t,
      };
      policyLoss(rec, inputs, c);
      return [t];
    });
    expectClose(totals!, weighted(policyLossReference(c.hidden, c.head, c), c.rollout), 1e-5);
  });

  it.each<[string, (c: Case) => Partial<Case>]>([
    ['another temperature', () => ({ inverseTemperature: 1 })],
    ['another clip', () => ({ clipRange: 0.6 })],
    ['the entropy left out', () => ({ entropyCoef: 0 })],
    ['targets shifted by one', (c) => ({ targets: c.targets.map((_, r) => c.targets[r + 1] ?? 0) })],
    ['a mean over padding, too', (c) => ({ rollout: c.rollout.map((x, i) => (i % 4 === 2 ? x * 0.8 : x)) })],
    ['advantages of the other sign', (c) => ({ rollout: c.rollout.map((x, i) => (i % 4 === 1 ? -x : x)) })],
  ])('sees %s', async (_, fault) => {
    const c = make(20, 13, 36, 12, { entropyCoef: 0.5 });
    const { figures, dhidden } = await train(c);
    const wrong = { ...c, ...fault(c) };
    expect(worst(figures, figuresOf(wrong)).error).toBeGreaterThan(1e-3);
    expect(worst(dhidden, gradientOf(wrong)).error).toBeGreaterThan(1e-3);
  });
});

describe('the value loss', () => {
  /** The values lie inside and outside of the clip, on both sides of their returns. */
  const makeValues = (
    rows: number,
  ): ValueCase & { values: Float32Array<ArrayBuffer>; rollout: Float32Array<ArrayBuffer> } => {
    const values = noise(rows, 5).map((x) => 2 * x);
    const moves = noise(rows, 6);
    const rollout = Float32Array.from({ length: 4 * rows }, (_, i) => {
      const r = i >> 2;
      return [values[r]! + moves[r]!, 2 * moves[rows - 1 - r]!, r % 5 === 3 ? 0 : (1 + (r % 2)) / rows, 0][i % 4]!;
    });
    return { values, rollout, valueClip: 0.3, coef: 0.1 };
  };

  const run = async (c: ReturnType<typeof makeValues>, before = new Float32Array(4)) => {
    const rows = c.values.length;
    const [figures, totals, dvalues] = await runOp(gpu, (rec) => {
      const values = gpu.tensor('values', [rows, 1], 'f32', c.values);
      const rollout = gpu.tensor('rollout', [rows, 4], 'f32', c.rollout);
      const totals = gpu.tensor('totals', [4], 'f32', before);
      const tape = new Tape(rec, new Map([[rollout, rollout]]));
      tape.note([values], [rollout], () => undefined);
      const out = valueLoss(rec, { values, rollout, totals }, c);
      tape.backward();
      return [out, totals, tape.gradient(values)!];
    });
    return { figures: figures!, totals: totals!, dvalues: dvalues! };
  };
  const gradient = (c: ReturnType<typeof makeValues>): Float64Array =>
    numericGradient((v) => valueLossReference(v, c).map(([loss]) => loss!), c.values, weightsOf(c), 1e-5);

  it.each([1, 63, 64, 65, 301])('of %i rows equals the oracle, its gradient the differences', async (rows) => {
    const c = makeValues(rows);
    const before = noise(4, 9);
    const { figures, totals, dvalues } = await run(c, before);
    const wanted = valueLossReference(c.values, c);
    const each = wanted.flatMap((row, r) => row.map((x) => x * c.rollout[4 * r + 2]!));
    expectClose(figures, each, 1e-6);
    expectClose(
      totals,
      weighted(wanted, c.rollout).map((x, i) => x + before[i]!),
      1e-6,
    );
    expectClose(dvalues, gradient(c), 1e-6);
    if (rows > 1) expect(new Set(wanted.map(([, clipped]) => clipped))).toEqual(new Set([0, 1]));
  });

  it('sees a clip left out, another coefficient, and returns of the neighbour', async () => {
    const c = makeValues(65);
    const { dvalues } = await run(c);
    const moved = c.rollout.map((x, i) => (i % 4 === 1 ? (c.rollout[i + 4] ?? 0) : x));
    for (const fault of [{ valueClip: 10 }, { coef: 0.2 }, { rollout: moved }])
      expect(worst(dvalues, gradient({ ...c, ...fault })).error).toBeGreaterThan(1e-4);
  });
});
