// The loss of pairs equals the oracle, its gradient the differences of the oracle; margin, centring and weights all count.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { pairLoss } from '../../src/engine/ops/pairLoss.ts';
import { Tape } from '../../src/engine/tape.ts';
import { testGpu } from '../gpu.ts';
import { numericGradient } from '../reference/numericGradient.ts';
import { pairLossReference, type PairLossCase } from '../reference/pairLoss.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

interface Case extends PairLossCase {
  scores: Float32Array<ArrayBuffer>;
  margins: Float32Array<ArrayBuffer>;
  weights: Float32Array<ArrayBuffer>;
}

/** Every fifth place has no pair, every seventh pair is tied. */
function make(pairs: number, spread = 2, centering = 0.3): Case {
  const scores = noise(2 * pairs, pairs).map((x) => spread * x);
  for (let i = 3; i < pairs; i += 7) scores[i] = scores[pairs + i]!;
  const weights = Float32Array.from({ length: pairs }, (_, i) => (i % 5 === 4 ? 0 : (1 + (i % 3)) / pairs));
  const margins = noise(pairs, 3).map((x) => Math.max(0, 2 * x));
  return { scores, margins, weights, centering };
}

const BEFORE = [1, 2, 3, 4];

async function run({ scores, margins, weights, centering }: Case) {
  const pairs = margins.length;
  const [totals, gradient] = await runOp(gpu, (rec) => {
    const given = gpu.tensor('scores', [2 * pairs, 1], 'f32', scores);
    const of = (name: string, data: Float32Array<ArrayBuffer>) => gpu.tensor(name, [data.length], 'f32', data);
    const sums = of('totals', Float32Array.from(BEFORE));
    const tape = new Tape(rec, new Map([[sums, sums]]));
    tape.note([given], [sums], () => undefined); // as if they had been computed from a parameter
    pairLoss(
      rec,
      { scores: given, margins: of('margins', margins), weights: of('weights', weights), totals: sums },
      { centering },
    );
    tape.backward();
    return [sums, tape.gradient(given)!];
  });
  return { totals: totals!.map((x, i) => x - BEFORE[i]!), gradient: gradient!.map((x) => x + 0) }; // −0 is 0
}

const gradientOf = (c: Case): Float64Array =>
  numericGradient((x) => pairLossReference(x, c).losses, c.scores, c.weights);

describe('equals the oracle', () => {
  it.each([1, 2, 5, 31, 64, 65, 130])('%i pairs', async (pairs) => {
    const c = make(pairs);
    const { totals, gradient } = await run(c);
    expectClose(totals, pairLossReference(c.scores, c).totals, 1e-5);
    expectClose(gradient, gradientOf(c), 1e-6);
    expect(await run(c), 'the same bits again').toEqual({ totals, gradient });
  });

  it('where e^d would overflow', async () => {
    const c = { ...make(6, 1, 0), scores: Float32Array.from([200, -200, 100, -90, 0, 1e4, -200, 200, -100, 90, 0, 0]) };
    const { totals, gradient } = await run(c);
    expectClose(totals, pairLossReference(c.scores, c).totals, 1e-5);
    expectClose(gradient, gradientOf(c), 1e-6);
  });
});

it('a tied pair counts as half a hit: scores that are all zero know half', async () => {
  const { totals } = await run({ ...make(4), scores: new Float32Array(8), weights: new Float32Array(4).fill(0.25) });
  expect(totals[1]).toBe(0.5);
});

it('a place without a pair changes nothing: neither its scores nor that it is there', async () => {
  const c = make(13);
  const other = { ...c, scores: c.scores.map((x, i) => (c.weights[i % 13] === 0 ? 7 : x)) };
  expect(await run(other)).toEqual(await run(c));
  const { gradient } = await run(c);
  for (let i = 4; i < 13; i += 5) expect([gradient[i], gradient[13 + i]]).toEqual([0, 0]);
});

it.each([
  ['no margin', (c: Case): Case => ({ ...c, margins: c.margins.map(() => 0) })],
  ['the margin added', (c: Case): Case => ({ ...c, margins: c.margins.map((x) => -x) })],
  ['no centring', (c: Case): Case => ({ ...c, centering: 0 })],
  ['even weights', (c: Case): Case => ({ ...c, weights: c.weights.map(() => 1 / 31) })],
])('a fault shows: %s', async (_, fault) => {
  const c = make(31);
  const { totals, gradient } = await run(c);
  expect(worst(totals, pairLossReference(c.scores, fault(c)).totals).error).toBeGreaterThan(1e-3);
  expect(worst(gradient, gradientOf(fault(c))).error).toBeGreaterThan(1e-3);
});

it('what does not fit together is refused in words', async () => {
  const c = make(4);
  await expect(run({ ...c, weights: new Float32Array(3) })).rejects.toThrow(/pairLoss weights: \[4\] is needed/);
});
