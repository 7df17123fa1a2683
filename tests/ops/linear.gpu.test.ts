// The gradients of a linear layer with LoRA equal central differences of the f64 oracle: every input, odd sizes, dropout.
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { Recorder } from '../../src/engine/gpu/program.ts';
import type { Tensor } from '../../src/engine/gpu/tensor.ts';
import { SOFTWARE, useTileTable } from '../../src/engine/gpu/tune.ts';
import { linear, type LinearOptions } from '../../src/engine/ops/matmul.ts';
import { Tape } from '../../src/engine/tape.ts';
import { testGpu } from '../gpu.ts';
import { dropoutReference } from '../reference/dropout.ts';
import { linearReference, type LinearCase, type LinearInputs } from '../reference/matmul.ts';
import { expectClose, noise, runOp } from './run.ts';
import { SMALL_TILES } from './tiles.ts';

let gpu: Gpu;
beforeAll(async () => {
  gpu = await openGpu(await testGpu());
  useTileTable(gpu, { ...SOFTWARE, tiles: SMALL_TILES });
});

type Name = keyof LinearInputs;
const NAMES: readonly Name[] = ['x', 'weight', 'bias', 'residual', 'a', 'b'];
const shapes = ({ rows, inner, out, rank }: LinearCase): Record<Name, number[]> => ({
  x: [rows, inner],
  weight: [out, inner],
  bias: [out],
  residual: [rows, out],
  a: [rank, inner],
  b: [out, rank],
});
const RATE = 0.4;

/** Everything of one case: tensors, sinks that are not zero, and dL/dy. */
function make(sizes: LinearCase) {
  const each = <T>(of: (name: Name, i: number) => T) =>
    Object.fromEntries(NAMES.map((name, i) => [name, of(name, i)])) as Record<Name, T>;
  const count = (name: Name) => shapes(sizes)[name].reduce((n, d) => n * d, 1);
  const values = each((name, i) => noise(count(name), i + 1));
  const before = each((name, i) => noise(count(name), i + 11));
  const tensors = each((name) => gpu.tensor(name, shapes(sizes)[name], 'f32', values[name]));
  const sinks = each((name) => gpu.tensor(`d ${name}`, shapes(sizes)[name], 'f32', before[name]));
  const seed = noise(sizes.rows * sizes.out, 21);
  return { values, before, tensors, sinks, seed, dy: gpu.tensor('dy', [sizes.rows, sizes.out], 'f32', seed) };
}
type Made = ReturnType<typeof make>;

/** dL/d`name` of L = Σ y ∘ seed: the layer is linear in each input alone, so a wide step loses nothing. */
function differences(sizes: LinearCase, { values, seed }: Made, name: Name, drop?: Float64Array): Float64Array {
  const loss = (at: number, step: number): number => {
    const moved = Float64Array.from(values[name]);
    moved[at] = (moved[at] ?? 0) + step;
    return linearReference(sizes, { ...values, [name]: moved }, drop).reduce(
      (sum, y, i) => sum + y * (seed[i] ?? 0),
      0,
    );
  };
  return Float64Array.from(values[name], (_, i) => (loss(i, 0.5) - loss(i, -0.5)) / 1);
}

const random = () => gpu.tensor('random', [2], 'u32', Uint32Array.from([9, 4]));
const options = ({ tensors }: Made, { scale }: LinearCase, rate: number): LinearOptions => ({
  residual: tensors.residual,
  lora: { a: tensors.a, b: tensors.b, scale, dropout: rate },
  dropout: random(),
  stream: 3,
});

/** Everything is a parameter but x and residual: those come out of identities, so that their gradients are tensors. */
async function gradients(sizes: LinearCase, made: Made, rate = 0) {
  const { tensors, sinks, dy } = made;
  const [y, dx, dResidual] = await runOp(gpu, (rec) => {
    const parameters: Name[] = ['weight', 'bias', 'a', 'b'];
    const tape = new Tape(rec, new Map(parameters.map((name) => [tensors[name], sinks[name]])));
    const wanted = [tensors.x, tensors.residual];
    tape.note(wanted, [tensors.a], () => undefined);
    const out = linear(rec, tensors.x, tensors, options(made, sizes, rate));
    tape.backward([[out, dy]]);
    return [out, ...wanted.map((t) => tape.gradient(t) as Tensor)];
  });
  return { y: y ?? [], x: dx ?? [], residual: dResidual ?? [] };
}

const CASES: LinearCase[] = [
  { rows: 12, inner: 20, out: 16, rank: 4, scale: 0.5 },
  { rows: 7, inner: 11, out: 5, rank: 3, scale: 2 },
  { rows: 3, inner: 8, out: 12, rank: 8, scale: 1.5 }, // few rows
];

describe.each(CASES)('$rows rows, $inner → $out, rank $rank', (sizes) => {
  it.each([0, RATE])('dropout %d: the output and all gradients, added to what was there', async (rate) => {
    const made = make(sizes);
    const drop = rate > 0 ? dropoutReference(sizes.rows * sizes.inner, rate, 9, 4, 3) : undefined;
    const found = await gradients(sizes, made, rate);
    expectClose(found.y, linearReference(sizes, made.values, drop), 5e-6);
    expectClose(found.x, differences(sizes, made, 'x', drop), 1e-5);
    expectClose(found.residual, made.seed, 0);
    for (const name of ['weight', 'bias', 'a', 'b'] as const) {
      const expected = differences(sizes, made, name, drop).map((d, i) => d + (made.before[name][i] ?? 0));
      expectClose(await gpu.read(made.sinks[name]), expected, 1e-5);
    }
  });
});

it('adds to the gradient that x has already', async () => {
  const [sizes] = CASES as [LinearCase];
  const made = make(sizes);
  const already = gpu.tensor('already', [sizes.rows, sizes.inner], 'f32', noise(sizes.rows * sizes.inner, 31));
  for (const rate of [0, RATE]) {
    const [dx = []] = await runOp(gpu, (rec) => {
      const { x, a } = made.tensors;
      const tape = new Tape(rec, new Map([[a, made.sinks.a]]));
      tape.note([x], [a], () => undefined);
      const y = linear(rec, x, made.tensors, options(made, sizes, rate));
      tape.backward([
        [x, already],
        [y, made.dy],
      ]);
      return [tape.gradient(x) as Tensor];
    });
    const drop = dropoutReference(sizes.rows * sizes.inner, rate, 9, 4, 3);
    const before = noise(sizes.rows * sizes.inner, 31);
    const expected = differences(sizes, made, 'x', drop).map((d, i) => d + (before[i] ?? 0));
    expectClose(dx, expected, 1e-5);
  }
});

it('frozen weights and unwanted inputs cost no dispatch', () => {
  const [sizes] = CASES as [LinearCase];
  const made = make(sizes);
  const { x, weight, bias, a, b } = made.tensors;
  const backward = (trainable: readonly Name[], wanted: boolean): number => {
    const rec = new Recorder(gpu, 'count');
    const other = gpu.tensor('other', [4]); // what x was computed from
    const tape = new Tape(
      rec,
      new Map([[other, other], ...trainable.map((name) => [made.tensors[name], made.sinks[name]] as const)]),
    );
    if (wanted) tape.note([x], [other], () => undefined);
    const lora = trainable.includes('b') ? { a, b, scale: 1, dropout: 0 } : undefined;
    const y = linear(rec, x, { weight, bias }, { lora });
    const forward = rec.length;
    tape.backward([[y, made.dy]]);
    return rec.length - forward;
  };
  expect(backward([], false)).toBe(0);
  expect(backward([], true)).toBe(1); // dX
  expect(backward(['b'], false)).toBe(2); // dB in two passes
  expect(backward(['a', 'b'], false)).toBe(5); // dZ, dA
  expect(backward(['a', 'b'], true)).toBe(6);
  expect(backward(['weight'], false)).toBe(2);
  expect(backward(['bias'], false)).toBe(1);
});

it('gives the same bits twice', async () => {
  const [sizes] = CASES as [LinearCase];
  const runs = [make(sizes), make(sizes)];
  const found = [];
  for (const made of runs) found.push([await gradients(sizes, made, RATE), await gpu.read(made.sinks.a)]);
  expect(found[1]).toEqual(found[0]);
});
