// swiglu and its gradients equal the oracle, far out on both sides too.
import { beforeAll, expect, it } from 'vitest';
import { openGpu, type Gpu } from '../../src/engine/gpu/device.ts';
import { add } from '../../src/engine/ops/add.ts';
import { swiglu } from '../../src/engine/ops/swiglu.ts';
import { testGpu } from '../gpu.ts';
import { swigluReference } from '../reference/swiglu.ts';
import { numericGradient } from '../reference/numericGradient.ts';
import { differentiate } from '../../src/engine/gpu/differentiate.ts';
import { expectClose, noise, runOp, worst } from './run.ts';

let gpu: Gpu;
beforeAll(async () => void (gpu = await openGpu(await testGpu())));

const TOLERANCE = 1e-6;

for (const [rows, ffn, scale] of [
  [1, 1, 1],
  [3, 43, 4],
  [7, 172, 300],
] as const)
  it(`[${rows}, ${ffn}], gate up to ${scale}`, async () => {
    const gate = noise(rows * ffn, 1).map((v) => scale * v);
    const up = noise(rows * ffn, 2);
    const [y] = await runOp(gpu, (rec) => [
      swiglu(rec, gpu.tensor('gate', [rows, ffn], 'f32', gate), gpu.tensor('up', [rows, ffn], 'f32', up)),
    ]);
    const expected = swigluReference(gate, up);
    expectClose(y ?? [], expected, TOLERANCE);
    expect(worst(swigluReference(up, gate), expected).error, 'sees swapped inputs').toBeGreaterThan(
      rows === 1 ? 0 : 100 * TOLERANCE,
    );
  });

for (const [rows, ffn, scale] of [
  [1, 1, 1],
  [3, 43, 4],
  [7, 12, 300],
] as const)
  it(`gradients of [${rows}, ${ffn}], gate up to ${scale}`, async () => {
    const shape = [rows, ffn];
    const gate = noise(rows * ffn, 1).map((v) => scale * v);
    const [up, dy] = [noise(rows * ffn, 2), noise(rows * ffn, 3)];
    const got = await runOp(gpu, (rec) => {
      const [G, U] = [gpu.tensor('gate', shape, 'f32', gate), gpu.tensor('up', shape, 'f32', up)];
      return differentiate(rec, [G, U], gpu.tensor('dy', shape, 'f32', dy), () => swiglu(rec, G, U));
    });
    const wanted = [
      numericGradient((x) => swigluReference(x, up), gate, dy),
      numericGradient((x) => swigluReference(gate, x), up, dy),
    ] as const;
    expectClose(got[0] ?? [], wanted[0], 1e-5);
    expectClose(got[1] ?? [], wanted[1], 1e-5);
    const withoutSecondTerm = gate.map((g, i) => (dy[i]! * up[i]!) / (1 + Math.exp(-g)));
    if (scale < 100) expect(worst(withoutSecondTerm, wanted[0]).error, 'sees a lost term').toBeGreaterThan(1e-3);
  });

it('gradients that are there already are added to', async () => {
  const [gate, dy] = [noise(12, 1), noise(12, 2)];
  const [once, twice] = await runOp(gpu, (rec) => {
    const G = gpu.tensor('gate', [3, 4], 'f32', gate);
    const D = gpu.tensor('dy', [3, 4], 'f32', dy);
    return [
      ...differentiate(rec, [G], D, () => swiglu(rec, G, D)),
      ...differentiate(rec, [G], D, () => add(rec, swiglu(rec, G, D), swiglu(rec, G, D))),
    ];
  });
  expect(twice).toEqual(once?.map((x) => 2 * x));
});
